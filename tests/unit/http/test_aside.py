"""Is a large body read where it holds nobody up?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import FastAPI, Request
from pydantic import PrivateAttr, model_validator
from starlette.testclient import TestClient

from app.http.aside import MANY_BYTES, read_aside
from app.http.auth import Gate
from app.http.batch_items import read_batch
from app.http.body import read_model
from app.http.edge import Edge, StreamPace
from app.http.trail import trail_of
from contracts import LLMRequest
from tests.kit.loop_thread import is_on_the_loop
from tests.unit.http.fake_service import FakeService

AT_THE_LIMIT = [(MANY_BYTES, True), (MANY_BYTES + 1, False)]


class Probe(LLMRequest):
    """A request that knows where it was read."""

    _has_held_up: bool = PrivateAttr()

    @model_validator(mode="after")
    def _noted(self) -> Probe:
        self._has_held_up = is_on_the_loop()
        return self

    @property
    def has_held_up(self) -> bool:
        """Whether nothing else could run meanwhile."""
        return self._has_held_up


@pytest.fixture
def client() -> TestClient:
    """POST / says where a model was read, POST /batch where each item was."""
    service, made = FakeService(), FastAPI()
    service.config = service.config.model_copy(update={"max_request_bytes": 2 * MANY_BYTES})
    made.state.edge = Edge(pace=StreamPace(), gate=Gate(), ready_service=service)

    @made.post("/")
    async def one(request: Request) -> bool:
        return (await read_model(request, Probe)).has_held_up

    @made.post("/batch")
    async def several(request: Request) -> list[bool]:
        items = await read_batch(request, trail_of(request.scope), Probe)
        return [item.has_held_up for item in items if isinstance(item, Probe)]

    return TestClient(made)


def sized(size: int, **fields: Any) -> bytes:
    """JSON of exactly so many bytes."""
    return json.dumps(fields).encode().ljust(size)


@pytest.mark.parametrize("size, is_held_up", AT_THE_LIMIT)
async def test_large_body_is_read_in_another_thread(size: int, is_held_up: bool) -> None:
    """A small one is not: a thread takes longer than its reading."""
    assert await read_aside(size, is_on_the_loop) is is_held_up


@pytest.mark.parametrize("size", [0, MANY_BYTES + 1])
async def test_refusal_of_a_body_is_the_same_in_either_thread(size: int) -> None:
    """What reading it raises is raised."""
    with pytest.raises(ZeroDivisionError):
        await read_aside(size, lambda: 1 // 0)


@pytest.mark.parametrize("size, is_held_up", AT_THE_LIMIT)
def test_large_body_of_a_model_is_read_in_another_thread(client: TestClient, size: int, is_held_up: bool) -> None:
    """By all its bytes, whatever stands in them."""
    answer = client.post("/", content=sized(size, prompt="x"), headers={"content-type": "application/json"})
    assert answer.json() is is_held_up


@pytest.mark.parametrize("size, is_held_up", AT_THE_LIMIT)
def test_large_batch_is_read_in_another_thread(client: TestClient, size: int, is_held_up: bool) -> None:
    """Every item of it."""
    body = sized(size, requests=[{"prompt": "a"}, {"prompt": "b"}])
    answer = client.post("/batch", content=body, headers={"content-type": "application/json"})
    assert answer.json() == [is_held_up] * 2
