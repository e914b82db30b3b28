"""Ten thousand bodies at POST /v1/chat/completions: does a vendor of the dialect get each as it was written?"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Any, get_type_hints

import pytest
from openai.types.chat.completion_create_params import CompletionCreateParamsBase

from app.main import create_app
from app.settings import Settings
from contracts import LLMProviderConfig
from tests.kit.chat_bodies import ChatBodies
from tests.kit.recording_vendor import KEY, MODEL, RecordedService, RecordingVendor
from tests.kit.spelled_json import LEFT_OUT, Members, OddWriter, Spelled, read_spelled
from tests.unit.http.asgi import Exchange, local_scope

PATH = "/v1/chat/completions"
HEADERS = {"content-type": "application/json", "authorization": "Bearer sk-of-the-caller"}
BODIES_PER_SEED = 1000
USAGE = Members((("include_usage", True),))


class Door:
    """The app in this process, with what its vendor got."""

    def __init__(self, app: Any, vendor: RecordingVendor) -> None:
        self._app = app
        self.vendor = vendor

    async def post(self, body: bytes) -> Exchange:
        """One request, to its end."""
        exchange = Exchange(self._app, local_scope("POST", PATH, HEADERS), body)
        await exchange.run()
        return exchange


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    """A started app."""
    vendor = RecordingVendor()
    app = create_app(Settings(config=LLMProviderConfig()), service=RecordedService(vendor))
    async with app.router.lifespan_context(app):
        yield Door(app, vendor)


def due(sent: Members) -> Members:
    """What the vendor must get of `sent`: another model, no object of ours, and a stream's usage."""
    changes: dict[str, Any] = {"model": MODEL, **({"llm_service": LEFT_OUT} if sent.get("llm_service") else {})}
    if sent.get("stream"):
        options = sent.get("stream_options")
        changes["stream_options"] = options.but(include_usage=True) if isinstance(options, Members) else USAGE
    return sent.but(**changes)


def without_comments(body: bytes) -> bytes:
    """A stream without what is ours in it; a plain answer has no line that begins so."""
    return b"".join(event for event in body.splitlines(keepends=True) if event[:1] != b":").replace(b"\n\n\n", b"\n\n")


@pytest.mark.parametrize("seed", range(10))
async def test_chat_body_arrives_as_it_was_written(door: Door, seed: int) -> None:
    """Every member in its place and every number by its digits; the reply, too, comes back byte by byte."""
    dice = random.Random(seed)
    bodies, writer = ChatBodies(dice), OddWriter(dice)
    for number in range(BODIES_PER_SEED):
        body = writer.write(bodies.body())
        exchange = await door.post(body)
        assert exchange.status == 200, (number, body, exchange.body)
        sent, got = read_spelled(body), read_spelled(door.vendor.requests[-1].content)
        assert got == due(sent), (number, body)
        assert without_comments(exchange.body) == door.vendor.replies[-1], (number, body)
    assert len(door.vendor.requests) == BODIES_PER_SEED
    keys = {request.headers["authorization"] for request in door.vendor.requests}
    assert keys == {f"Bearer {KEY}"}


@pytest.mark.parametrize("number", ["1E400", "-1e309", "1" + "0" * 400 + ".0", "NaN", "-Infinity", "01", "1.", "+1"])
async def test_chat_number_that_none_can_read_is_refused(door: Door, number: str) -> None:
    """Beyond a double, or no JSON: nothing of it goes to a vendor."""
    sent = {"model": MODEL, "messages": [{"role": "user", "content": "hi"}], "x_new": [Spelled(number)]}
    exchange = await door.post(OddWriter(random.Random(1)).write(sent))
    assert exchange.status == 400
    assert exchange.json()["error"]["type"] == "invalid_request_error"
    assert door.vendor.requests == []


def test_bodies_have_every_field_of_the_sdk() -> None:
    """A field that the SDK gains is one that this fuzzer must send."""
    bodies = ChatBodies(random.Random(0))
    known = set(get_type_hints(CompletionCreateParamsBase))
    sent = {name for _ in range(500) for name in bodies.body()}
    assert known - sent == set()
