"""What happens to a request at a surface?"""

from __future__ import annotations

import asyncio
import json

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from contracts import (
    Attempt,
    AttemptOutcome,
    CallerAuthenticationError,
    DoneEvent,
    ModelNotFoundError,
    ProviderProtocolError,
    RateLimitExceededError,
    RelayedEvent,
    StartEvent,
    TextEvent,
)
from tests.unit.http.asgi import Exchange, local_scope
from tests.unit.http.fake_service import FakeService
from tests.unit.http.fake_stream import FakeStream
from tests.unit.http.fake_surfaces import ANSWER, completion

START = StartEvent(request_id="req_1", correlation_id="c-1", provider="local", model="m")
_JSON = {"content-type": "application/json"}


def test_serving_writes_an_answer_in_the_dialect(client: TestClient) -> None:
    """With its names, our extras, and the headers of every answer."""
    answer = client.post("/", json={"model": "auto"})
    told = answer.json()
    assert (told["id"], told["model"]) == (ANSWER.request_id, ANSWER.model)
    assert told["created"] == int(ANSWER.created_at.timestamp())
    extras = told["llm_service"]
    assert (extras["provider"], extras["cache"], extras["warnings"]) == (ANSWER.provider, "bypass", [])
    assert [attempt["provider"] for attempt in extras["attempts"]] == [one.provider for one in ANSWER.attempts]
    assert answer.headers["x-llm-provider"] == ANSWER.provider
    assert answer.headers["content-type"] == "application/json"


def test_serving_gives_a_vendors_own_body_as_it_came(client: TestClient, service: FakeService) -> None:
    """To the letter; our extras are in the headers alone."""
    service.completion = completion(raw='{"id": "chatcmpl-9",  "cost": 1.50, "ü": "\\u00fc"}')
    answer = client.post("/", json={"model": "auto"})
    assert answer.content == '{"id": "chatcmpl-9",  "cost": 1.50, "ü": "\\u00fc"}'.encode()
    assert answer.headers["x-llm-model"] == ANSWER.model
    assert answer.headers["content-type"] == "application/json"


def test_serving_passes_vendors_headers_on(client: TestClient, service: FakeService) -> None:
    """Those of the list, and no credential."""
    client.post("/", json={"model": "auto"}, headers={"openai-beta": "x=1", "authorization": "Bearer sk-theirs"})
    assert service.surface_headers == {"openai-beta": "x=1"}
    assert service.surface_callers[0].key_id == "local"


def test_serving_streams_what_is_asked_as_one(client: TestClient, service: FakeService) -> None:
    """Server-sent events of the dialect, under the headers of every stream."""
    service.stream = FakeStream(START, TextEvent(text="hel"), DoneEvent(response=ANSWER))
    answer = client.post("/", json={"model": "auto", "stream": True})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["x-llm-provider"] == "local"
    assert answer.text.startswith("data: begin req_1 m ")
    assert answer.text.endswith("event: piece\ndata: text hel\n\ndata: end stop local\n\n")
    assert service.stream.closed.is_set()
    assert service.surface_asked[0].is_stream


def test_serving_keeps_the_finish_back_from_a_stream_that_breaks(client: TestClient, service: FakeService) -> None:
    """What a caller reads never looks whole."""
    finish = RelayedEvent(event="message", data="finish", is_end=True)
    service.stream = FakeStream(START, RelayedEvent(event="message", data="one"), finish, ProviderProtocolError())
    text = client.post("/", json={"model": "auto", "stream": True}).text
    assert text == "data: one\n\ndata: fail provider_protocol m\n\n"


def test_serving_failures_are_statuses(client: TestClient, service: FakeService) -> None:
    """Of a plain call, and of a stream before its first content."""
    service.completion = service.stream = RateLimitExceededError("slow down")
    for is_stream in (False, True):
        assert client.post("/", json={"model": "auto", "stream": is_stream}).status_code == 429


def test_serving_asks_who_is_calling_first(client: TestClient) -> None:
    """A stranger's body is not even read."""
    answer = client.post("/", content=b"{", headers={**_JSON, "host": "example.org"})
    assert (answer.status_code, answer.json()["error_type"]) == (401, CallerAuthenticationError.error_type)


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(
    "model,told",
    [
        ("gpt-6-lunar", "nobody offers it; did you mean gpt-6-luna?"),
        (
            "openai/gpt-6-lunar",
            "nobody offers it; did you mean openai/gpt-6-luna, openrouter/openai/gpt-6-luna, gpt-6-luna?",
        ),
        ("mistral", "nobody offers it"),
    ],
)
def test_serving_unknown_model_is_told_the_nearest(
    client: TestClient, service: FakeService, is_stream: bool, model: str, told: str
) -> None:
    """Behind what the service said of it, by the names that its own list has."""
    failed = Attempt(provider="openai", model="m", outcome=AttemptOutcome.FAILED, duration_ms=1.0)
    service.completion = service.stream = ModelNotFoundError("nobody offers it", attempts=[failed])
    answer = client.post("/", json={"model": model, "stream": is_stream})
    assert answer.status_code == 404
    assert answer.json()["detail"] == told
    assert answer.headers["x-llm-attempts"] == "1"


async def test_serving_caller_who_leaves_ends_the_work(app: FastAPI, service: FakeService) -> None:
    """A plain call is cancelled with the connection."""
    service.hold = asyncio.Event()
    exchange = Exchange(app, local_scope("POST", "/", _JSON), json.dumps({"model": "auto"}).encode())
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(exchange.run())
        await service.began.wait()
        exchange.leaving.set()
    assert service.cancelled.is_set()
    assert exchange.status == 499
