"""How does an error look to its caller?"""

from __future__ import annotations

import logging
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from app.http.edge import Edge
from app.http.passage import Passage
from app.http.problem_examples import problem_examples
from app.surfaces.dialect_errors import speak_dialect
from contracts import (
    Attempt,
    AttemptOutcome,
    CallerAuthenticationError,
    ContentPolicyError,
    InternalError,
    LLMProviderError,
    Problem,
    RateLimitExceededError,
)
from tests.unit.http.asgi import Exchange, local_scope
from tests.unit.http.fake_service import FakeService

ASKED = {"prompt": "s3cret prompt"}


def _classes(base: type[LLMProviderError]) -> list[type[LLMProviderError]]:
    return [base, *(found for child in base.__subclasses__() for found in _classes(child))]


@pytest.mark.parametrize("kind", _classes(LLMProviderError)[1:])
def test_problems_every_error_is_one(client: TestClient, service: FakeService, kind: type[LLMProviderError]) -> None:
    """Each error of the tree becomes its status and type, as a problem document of the request."""
    service.answer = kind("what happened", provider="local")
    answer = client.post("/process", json=ASKED)
    problem = Problem.model_validate(answer.json())
    assert (answer.status_code, problem.status, problem.error_type) == (kind.status, kind.status, kind.error_type)
    assert problem.type == f"urn:llm-provider-service:error:{kind.error_type}"
    assert (problem.title, problem.detail, problem.instance) == (kind.title, "what happened", "/process")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == problem.request_id
    assert answer.headers["x-correlation-id"] == problem.correlation_id


def test_problems_headers_tell_when_to_come_back(client: TestClient, service: FakeService) -> None:
    """Retry-After is in whole seconds, rounded up; attempts and the advice not to retry are there."""
    failed = Attempt(provider="openai", model="m", outcome=AttemptOutcome.FAILED, duration_ms=1.0)
    error = RateLimitExceededError("slow down", retry_after=2.01, attempts=[failed, failed])
    error.retry_is_pointless = True
    service.answer = error
    answer = client.post("/process", json=ASKED)
    told = ("retry-after", "x-should-retry", "x-llm-attempts", "x-llm-provider", "x-llm-model", "x-llm-cache")
    assert [answer.headers[name] for name in told] == ["3", "false", "2", "openai", "m", "bypass"]
    assert answer.json()["retry_after"] == 2.01


@pytest.mark.parametrize("seconds,told", [(0.0, "1"), (0.001, "1"), (3600.0, "3600"), (1e9, "3600")])
def test_problems_never_send_callers_back_at_once_or_away_for_ever(
    client: TestClient, service: FakeService, seconds: float, told: str
) -> None:
    """Retry-After is a second at least, and an hour at most."""
    service.answer = RateLimitExceededError("slow down", retry_after=seconds)
    assert client.post("/process", json=ASKED).headers["retry-after"] == told


def test_problems_plain_error_has_no_advice(client: TestClient, service: FakeService) -> None:
    """An error that met no vendor and may be retried carries none of those headers."""
    service.answer = RateLimitExceededError("slow down")
    answer = client.post("/process", json=ASKED)
    assert not {"retry-after", "x-should-retry", "x-llm-attempts", "www-authenticate"} & set(answer.headers)


def test_problems_unauthenticated_says_how(client: TestClient, service: FakeService) -> None:
    """A 401 has its challenge."""
    service.answer = CallerAuthenticationError("no key")
    assert client.post("/process", json=ASKED).headers["www-authenticate"].startswith("Bearer ")


def test_problems_vendor_message_reaches_its_caller(client: TestClient, service: FakeService) -> None:
    """For the caller's own fault the vendor's words stand in the detail."""
    service.answer = ContentPolicyError("openai refused", vendor_message="too rude")
    assert client.post("/process", json=ASKED).json()["detail"] == "openai refused: too rude"


def test_problems_ids_of_the_error_go_first(client: TestClient, service: FakeService) -> None:
    """Ids that the engine put on an error are those of the document and of the headers."""
    service.answer = InternalError("x", request_id="req_engine", correlation_id="c-engine")
    answer = client.post("/process", json=ASKED)
    assert (answer.json()["request_id"], answer.headers["x-request-id"]) == ("req_engine", "req_engine")
    assert (answer.json()["correlation_id"], answer.headers["x-correlation-id"]) == ("c-engine", "c-engine")


@pytest.mark.parametrize(
    "method,path,status,error_type",
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/process/", 404, "not_found"),
        ("DELETE", "/process", 405, "method_not_allowed"),
        ("GET", "/docs/assets/nothing.js", 404, "not_found"),
    ],
)
def test_problems_of_routing_are_problems_too(
    client: TestClient, method: str, path: str, status: int, error_type: str
) -> None:
    """What the framework refuses looks like every other error."""
    answer = client.request(method, path)
    problem = Problem.model_validate(answer.json())
    assert (answer.status_code, problem.status, problem.error_type) == (status, status, error_type)
    assert problem.request_id == answer.headers["x-request-id"]
    assert answer.headers.get("allow") == ("POST" if status == 405 else None)


@pytest.mark.parametrize(
    "path,meant",
    [("/chat/completions", "/v1/chat/completions"), ("/v1/v1/messages", "/v1/messages"), ("/nowhere", None)],
)
def test_problems_base_url_with_a_version_too_few_or_many_is_told(
    client: TestClient, path: str, meant: str | None
) -> None:
    """The usual slip of who sets an SDK's base URL."""
    answer = client.post(path, json={})
    assert (answer.status_code, "Did you mean" in answer.text) == (404, meant is not None)
    assert meant is None or f"Did you mean {meant}?" in answer.text


def test_problems_wrong_query_is_422(client: TestClient) -> None:
    """A wrong query parameter is named, and its value is not echoed."""
    answer = client.post("/providers/local/test?deep=s3cret")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "deep")
    assert answer.json()["errors"][0]["message"] == "must be true or false"
    assert "s3cret" not in answer.text


def test_problems_defect_is_logged_without_its_words(
    client: TestClient, service: FakeService, caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected exception is a 500 that tells nothing; the log has its kinds and places, not its words."""
    defect = RuntimeError("s3cret prompt")
    defect.__cause__ = KeyError("s3cret prompt")
    service.answer = defect
    with caplog.at_level(logging.DEBUG):
        answer = client.post("/process", json=ASKED)
    assert (answer.status_code, answer.json()["error_type"]) == (500, "internal_error")
    assert answer.headers["x-request-id"] in caplog.text
    assert "builtins.RuntimeError" in caplog.text
    assert "builtins.KeyError" in caplog.text
    assert "fake_service.py" in caplog.text
    assert "s3cret" not in caplog.text + answer.text


async def test_problems_defect_after_the_headers_breaks_the_connection() -> None:
    """Half an answer cannot become a 500: the server is told to break off, without the defect's words."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("s3cret")

    exchange = Exchange(Passage(broken, Edge(), speak_dialect), local_scope())
    with pytest.raises(InternalError) as caught:
        await exchange.run()
    assert "s3cret" not in str(caught.value)
    assert not exchange.is_whole


async def test_problems_defect_outside_http_is_raised() -> None:
    """A failing lifespan is the server's to report."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("no port")

    async def nothing(*_: Any) -> Message:
        return {}

    with pytest.raises(RuntimeError, match="no port"):
        await Passage(broken, Edge(), speak_dialect)({"type": "lifespan"}, nothing, nothing)  # type: ignore[arg-type]


def test_problems_examples_cover_every_error() -> None:
    """`openapi.yaml` has an example for each error_type of the tree."""
    assert set(problem_examples()) == {kind.error_type for kind in _classes(LLMProviderError)}
