"""What happens to a request for vectors at its surface?"""

from __future__ import annotations

import asyncio
import json

import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.testclient import TestClient

from app.http.auth import Gate
from app.http.edge import Edge, StreamPace
from app.http.problems import install_problems
from app.surfaces.vectors import serve_vectors
from contracts import (
    EmbeddingAccount,
    EmbeddingCompletion,
    EmbeddingInput,
    EmbeddingReply,
    RateLimitExceededError,
    Usage,
    Wire,
)
from tests.unit.http.asgi import Exchange, local_scope
from tests.unit.http.fake_service import FakeService
from tests.unit.http.fake_surfaces import ANSWER

ASKED = {"model": "auto", "input": "a pear"}


def made(*vectors: tuple[float, ...], raw: str | None = None) -> EmbeddingCompletion:
    """The vectors, by the one who gave the contract's own example of an answer."""
    told = {name: getattr(ANSWER, name) for name in EmbeddingAccount.model_fields}
    return EmbeddingCompletion(
        account=EmbeddingAccount.model_validate(told),
        reply=EmbeddingReply(vectors=vectors, usage=Usage(input_tokens=2), raw=raw),
    )


@pytest.fixture
def app(service: FakeService) -> FastAPI:
    """POST / makes vectors; errors are problem documents here."""
    service.vectors = made((0.5, -1.0))
    app = FastAPI()
    app.state.edge = Edge(pace=StreamPace(), gate=Gate(), ready_service=service)

    @app.post("/")
    async def ask(request: Request) -> Response:
        return await serve_vectors(request)

    install_problems(app, app.routes)
    return app


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """On the service's own machine."""
    return TestClient(app)


def test_vectors_are_written_in_the_dialect(client: TestClient) -> None:
    """With our extras, and the headers of every answer."""
    answer = client.post("/", json=ASKED)
    document = answer.json()
    assert document["data"] == [{"object": "embedding", "index": 0, "embedding": [0.5, -1.0]}]
    assert document["llm_service"]["legs"] == []
    assert document["llm_service"]["request_id"] == ANSWER.request_id
    assert (answer.headers["x-llm-provider"], answer.headers["x-llm-cache"]) == (ANSWER.provider, "bypass")


def test_vectors_that_a_vendor_wrote_go_out_as_they_came(client: TestClient, service: FakeService) -> None:
    """To the letter."""
    service.vectors = made(raw='{"data":  [1.50, "ü"]}')
    assert client.post("/", json=ASKED).content == '{"data":  [1.50, "ü"]}'.encode()


def test_many_vectors_are_written_like_few(client: TestClient, service: FakeService) -> None:
    """Beside the loop."""
    service.vectors = made(*[(0.5,) * 1000] * 30)
    assert [len(one["embedding"]) for one in client.post("/", json=ASKED).json()["data"]] == [1000] * 30


def test_request_for_vectors_is_the_services(client: TestClient, service: FakeService) -> None:
    """With the bytes as they came, and the caller's wishes of us aside."""
    body = b'{"model": "m", "input" : ["a"], "user":"ada", "llm_service": {"tags": ["x"]}}'
    client.post("/", content=body, headers={"content-type": "application/json", "openai-beta": "b"})
    (asked,) = service.surface_asked
    assert (asked.source.wire, asked.source.read_as) == (Wire.OPENAI_EMBEDDINGS, EmbeddingInput(texts=("a",)))
    assert (asked.source.extras, asked.user_id, asked.steering.tags) == ({"user": "ada"}, "ada", ("x",))
    assert (asked.is_stream, asked.model, service.surface_headers) == (False, "m", {"openai-beta": "b"})


def test_vectors_that_fail_are_statuses(client: TestClient, service: FakeService) -> None:
    """As for every model call."""
    service.vectors = RateLimitExceededError("slow down")
    assert client.post("/", json=ASKED).status_code == 429


async def test_caller_of_vectors_who_leaves_ends_the_work(app: FastAPI, service: FakeService) -> None:
    """Nobody would read them."""
    service.hold = asyncio.Event()
    exchange = Exchange(app, local_scope("POST", "/", {"content-type": "application/json"}), json.dumps(ASKED).encode())
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(exchange.run())
        await service.began.wait()
        exchange.leaving.set()
    assert service.cancelled.is_set()
    assert exchange.status == 499
