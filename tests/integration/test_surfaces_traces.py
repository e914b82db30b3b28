"""What remains of a call at a surface: in cache, books and metrics, and at a vendor whose caller has left."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY
from tests.api.made_keys import ADMIN, made
from tests.kit.metrics_page import Page
from tests.kit.surfaces.answer import INPUT_TOKENS, OUTPUT_TOKENS, Answer
from tests.kit.surfaces.callers import CALLERS, OWN_WIRE
from tests.kit.surfaces.rows import MODELS, config_of, row_of
from tests.kit.surfaces.streamed import ONE_ANSWER, PATHS, QUESTIONS
from tests.kit.surfaces.vendor import Hanging, Vendor, running_vendor
from tests.kit.waiting import until
from tests.unit.http.asgi import Exchange, local_scope

SAID = Answer(pieces=("It ", "rains ☂."))
PROMPTLY_SECONDS = 0.1
BOTH_WAYS = pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
# To a vendor of the surface's own dialect, which is relayed, and to another's, which is translated.
WAYS = [
    pytest.param(surface, wire, id=f"{surface}-{wire}") for surface in CALLERS for wire in (OWN_WIRE[surface], "gemini")
]


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    """One that listens."""
    with running_vendor() as made_vendor:
        made_vendor.script = [SAID]
        yield made_vendor


def settings_of(vendor: Vendor, wire: str, **settings: Any) -> Settings:
    """One row, `only`."""
    return Settings(config=config_of({"only": row_of(wire, vendor.server_port)}), **settings)


def body_of(surface: str, *, stream: bool, **steering: Any) -> dict[str, Any]:
    """A question at `surface`."""
    return {"model": "auto", "stream": stream, **QUESTIONS[surface], "llm_service": steering}


@asynccontextmanager
async def serving(vendor: Vendor, wire: str) -> AsyncIterator[ASGIApp]:
    """A service in this loop."""
    app = create_app(settings_of(vendor, wire))
    async with app.router.lifespan_context(app):
        yield app


def exchange_of(app: ASGIApp, surface: str, *, stream: bool, **steering: Any) -> Exchange:
    """A request that can be left."""
    body = json.dumps(body_of(surface, stream=stream, **steering)).encode()
    return Exchange(app, local_scope("POST", PATHS[surface], {"content-type": "application/json"}), body)


@pytest.mark.parametrize("surface,wire", WAYS)
async def test_caller_who_leaves_frees_the_vendor(vendor: Vendor, surface: str, wire: str) -> None:
    """In the middle of a stream: the vendor's connection is closed within 100 ms, but for what a busy machine adds."""
    vendor.script = [Hanging(SAID, 2 if wire == "gemini" else 4)]
    async with serving(vendor, wire) as app, asyncio.timeout(20):
        seconds = [await seconds_to_free(vendor, exchange_of(app, surface, stream=True)) for _ in range(3)]
    assert min(seconds) < PROMPTLY_SECONDS
    assert len(vendor.asked) == 3


async def seconds_to_free(vendor: Vendor, exchange: Exchange) -> float:
    """From leaving `exchange` until the vendor sees its connection closed."""
    vendor.was_left.clear()
    running = asyncio.create_task(exchange.run())
    await exchange.until_body_holds(b"It ")
    left_at = time.monotonic()
    exchange.leaving.set()
    await until(vendor.was_left.is_set)
    await running
    assert not exchange.is_whole
    return vendor.left_at - left_at


@BOTH_WAYS
@pytest.mark.parametrize("surface,wire", WAYS)
def test_kept_answer_is_the_same_answer(vendor: Vendor, surface: str, wire: str, stream: bool) -> None:
    """The second comes from the cache, says so, and is understood as the first was; the vendor is asked once."""
    with TestClient(create_app(settings_of(vendor, wire))) as client:
        heard = []
        for _ in range(2):
            caller = CALLERS[surface](client, "auto")
            caller.ask("A pangram?")
            heard.append(caller.hear(stream=stream, extra_body={"llm_service": {"use_cache": True}}))
        assert [(one.text, one.finish, one.calls) for one in heard] == [
            (SAID.text, CALLERS[surface].finishes[0], [])
        ] * 2
        answers = [client.post(PATHS[surface], json=body_of(surface, stream=stream, use_cache=True)) for _ in range(2)]
        assert [answer.headers["x-llm-cache"] for answer in answers] == ["miss", "hit"]
        if stream:
            for answer in answers:
                ONE_ANSWER[surface](answer.text)
    assert len(vendor.asked) == 2


@BOTH_WAYS
@pytest.mark.parametrize("surface,wire", WAYS)
async def test_same_question_at_once_is_asked_once(vendor: Vendor, surface: str, wire: str, stream: bool) -> None:
    """Who asks what is being answered already shares the answer."""
    vendor.gate.clear()
    async with serving(vendor, wire) as app, asyncio.timeout(20), asyncio.TaskGroup() as group:
        exchanges = [exchange_of(app, surface, stream=stream, use_cache=True) for _ in range(3)]
        for exchange in exchanges:
            group.create_task(exchange.run())
        await until(lambda: len(vendor.asked) == 1 and all(not exchange.unread for exchange in exchanges))
        vendor.gate.set()
    assert sorted(exchange.headers["x-llm-cache"] for exchange in exchanges) == ["coalesced", "coalesced", "miss"]
    assert len(vendor.asked) == 1
    assert all(SAID.pieces[1].encode() in exchange.body or b"\\u2602" in exchange.body for exchange in exchanges)


@BOTH_WAYS
@pytest.mark.parametrize("surface,wire", WAYS)
def test_books_and_metrics_hold_what_was_served(vendor: Vendor, surface: str, wire: str, stream: bool) -> None:
    """Each request by the tenant and tags of its key and its own, with the vendor's tokens; a kept one costs none."""
    with TestClient(create_app(settings_of(vendor, wire, admin_api_key=SecretStr(ADMIN_KEY)))) as client:
        key = made(client, ADMIN).key
        body = body_of(surface, stream=stream, use_cache=True, tags=["search"])
        for _ in range(2):
            answer = client.post(PATHS[surface], json=body, headers={"x-api-key": key})
            assert answer.status_code == 200
        reports = {
            group: client.post("/reports/usage", json={"group_by": group}, headers=ADMIN).json()
            for group in ("tenant", "tag", "model")
        }
        page = Page(client.get("/metrics", headers=ADMIN).content)
    for group, keys in {"tenant": {"school"}, "tag": {"essays", "search"}, "model": {MODELS[wire]}}.items():
        found = {one["key"]: one for one in reports[group]["groups"]}
        assert set(found) == keys
        for one in found.values():
            assert (one["requests"], one["successes"], one["cached"]) == (2, 2, 1)
            assert (one["input_tokens"], one["output_tokens"]) == (INPUT_TOKENS, OUTPUT_TOKENS)
    tokens = page.series("llm_tokens_used_total")
    assert sorted(number for number in tokens.values() if number) == [OUTPUT_TOKENS, INPUT_TOKENS]
    assert list(page.series("llm_requests_total").values()) == [1]
