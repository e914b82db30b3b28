"""Is Anthropic called as it should be, and are its answers passed on?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from contracts.chat import FinishReason, Sampling
from contracts.deltas import TextDelta
from contracts.errors import (
    AuthenticationError,
    ProviderProtocolError,
    ProviderUnavailableError,
    RateLimitExceededError,
)
from tests.kit.pieces import pieces_of
from tests.unit.providers.vendor_double import LIMITS, SSE, Body, VendorDouble, call

MODEL = "claude-haiku-5-5"


def message(text: str = "hi") -> dict[str, Any]:
    return {"type": "message", "model": MODEL, "content": [{"type": "text", "text": text}], "stop_reason": "end_turn"}


def events(*texts: str, is_whole: bool = True) -> list[bytes]:
    sent: list[dict[str, Any]] = [
        {"type": "message_start", "message": {"model": MODEL, "usage": {"input_tokens": 5, "output_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        *({"type": "content_block_delta", "index": 0, "delta": {"text": text}} for text in texts),
    ]
    if is_whole:
        sent.append({"type": "content_block_stop", "index": 0})
        sent.append({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}})
        sent.append({"type": "message_stop"})
    return [f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in sent]


async def test_plain_call_sends_key_version_and_body() -> None:
    """The vendor's own header carries the key, and no bearer token goes with it."""
    vendor = VendorDouble()
    vendor.answers(200, message())
    reply = await vendor.row("anthropic").complete(call(sampling=Sampling(max_tokens=3)), model=MODEL, limits=LIMITS)
    (request,) = vendor.requests
    assert (request.method, str(request.url)) == ("POST", "https://api.anthropic.com/v1/messages")
    assert request.headers["x-api-key"] == "sk-secret-of-the-row"
    assert request.headers["anthropic-version"] == "2023-06-01"
    assert "authorization" not in request.headers
    content = [{"type": "text", "text": "Hello"}]
    assert vendor.sent == {"model": MODEL, "max_tokens": 3, "messages": [{"role": "user", "content": content}]}
    assert (reply.message.text, reply.model, reply.finish_reason) == ("hi", MODEL, FinishReason.STOP)


async def test_warnings_of_request_and_options_pass() -> None:
    """What was left out is said, and extra JSON arrives."""
    vendor = VendorDouble()
    vendor.answers(200, message())
    wanted = call(sampling=Sampling(seed=1), options={"anthropic": {"cache_control": {"type": "ephemeral"}}})
    reply = await vendor.row("anthropic").complete(wanted, model=MODEL, limits=LIMITS)
    assert reply.warnings == ("seed was not sent: anthropic does not know it",)
    assert vendor.sent["cache_control"] == {"type": "ephemeral"}


async def test_stream_is_read_to_its_stop() -> None:
    """Named events, signs of life, and the usage of both ends."""
    vendor = VendorDouble()
    body = vendor.streams(events("a", "b"))
    stream = await vendor.row("anthropic").open_stream(call(), model=MODEL, limits=LIMITS)
    deltas = [delta async for delta in pieces_of(stream)]
    assert [delta for delta in deltas if delta] == [TextDelta(text="a"), TextDelta(text="b")]
    assert None in deltas
    assert (stream.is_finished, body.is_closed, vendor.sent["stream"]) == (True, True, True)
    usage = stream.reply().usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens) == (5, 2)


async def test_stream_that_is_cut_is_not_whole() -> None:
    """What ends without a stop reason never looks whole."""
    vendor = VendorDouble()
    vendor.streams(events("a", is_whole=False))
    stream = await vendor.row("anthropic").open_stream(call(), model=MODEL, limits=LIMITS)
    assert [delta async for delta in pieces_of(stream) if delta] == [TextDelta(text="a")]
    with pytest.raises(ProviderProtocolError, match="without a stop reason"):
        stream.reply()


async def test_error_in_the_stream_is_raised() -> None:
    """An overload after the first words is an outage, and the connection is closed."""
    vendor = VendorDouble()
    error = b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'
    body = vendor.streams([*events("a", is_whole=False), error])
    stream = await vendor.row("anthropic").open_stream(call(), model=MODEL, limits=LIMITS)
    with pytest.raises(ProviderUnavailableError, match="overloaded_error"):
        _ = [delta async for delta in pieces_of(stream)]
    assert body.is_closed


@pytest.mark.parametrize("is_stream", [False, True])
async def test_error_reply_is_classified(is_stream: bool) -> None:
    """Alike for plain calls and streams, with the vendor's own wish to wait."""
    vendor = VendorDouble()
    vendor.answers(429, {"type": "error", "error": {"type": "rate_limit_error", "message": "slow"}}, retry_after="7")
    row = vendor.row("anthropic")
    with pytest.raises(RateLimitExceededError) as caught:
        await (row.open_stream if is_stream else row.complete)(call(), model=MODEL, limits=LIMITS)
    assert (caught.value.retry_after, caught.value.upstream_status, caught.value.model) == (7.0, 429, MODEL)


async def test_cancelled_stream_is_closed() -> None:
    """Whoever leaves while the vendor is silent leaves no connection behind."""
    reached, never = asyncio.Event(), asyncio.Event()

    class Silent(Body):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for chunk in super().__aiter__():
                yield chunk
            reached.set()
            await never.wait()

    vendor, body = VendorDouble(), Silent(events("a", is_whole=False))
    vendor.replies.append(httpx2.Response(200, headers=SSE, stream=body))
    stream = await vendor.row("anthropic").open_stream(call(), model=MODEL, limits=LIMITS)

    async def read() -> None:
        async for _ in stream:
            pass

    task = asyncio.create_task(read())
    async with asyncio.timeout(5):
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert body.is_closed


async def test_model_list_is_asked_whole() -> None:
    """One page for all models, with the key."""
    vendor = VendorDouble()
    vendor.answers(200, {"data": [{"id": MODEL}], "has_more": False})
    vendor.answers(401, {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}})
    row = vendor.row("anthropic")
    assert await row.list_models(limits=LIMITS) == [MODEL]
    assert str(vendor.requests[0].url) == "https://api.anthropic.com/v1/models?limit=1000"
    assert vendor.requests[0].headers["x-api-key"] == "sk-secret-of-the-row"
    with pytest.raises(AuthenticationError, match="refused the service's key"):
        await row.list_models(limits=LIMITS)


def limit_headers(name: str, **values: str) -> dict[str, str]:
    return {f"anthropic_ratelimit_{name}_{what}": value for what, value in values.items()}


async def test_rate_limits_are_remembered() -> None:
    """Four kinds, each with the moment at which it is full again; what cannot be read is left out."""
    vendor = VendorDouble()
    headers = {
        **limit_headers("requests", limit="50", remaining="49", reset="2026-11-21T12:01:00Z"),
        **limit_headers("input_tokens", limit="1000", remaining="10", reset="soon"),
        **limit_headers("output_tokens", remaining="7", reset="2026-11-21T12:01:00"),
        **limit_headers("tokens", limit="-1", reset="2026-11-21T12:01:00Z"),
    }
    vendor.answers(200, message(), **headers)
    row = vendor.row("anthropic")
    await row.complete(call(), model=MODEL, limits=LIMITS)
    found = {limit.name: (limit.limit, limit.remaining, limit.resets_at) for limit in row.rate_limits()}
    assert found == {
        "requests": (50, 49, datetime(2026, 11, 21, 12, 1, tzinfo=UTC)),
        "input_tokens": (1000, 10, None),
        "output_tokens": (None, 7, None),
    }


def test_row_without_a_key_says_what_to_set() -> None:
    """Before the first call."""
    assert "set ANTHROPIC_API_KEY" in str(VendorDouble().row("anthropic", api_key=None).unusable_reason())
    assert VendorDouble().row("anthropic").unusable_reason() is None
