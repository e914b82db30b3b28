"""Is a vendor of OpenAI's dialect called as it should be, and are its answers passed on?"""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from contracts.chat import ResponseFormat, Sampling, Tool, ToolChoice
from contracts.deltas import TextDelta
from contracts.errors import (
    InvalidRequestError,
    LLMProviderError,
    ModelNotFoundError,
    ProviderProtocolError,
    RateLimitExceededError,
)
from tests.kit.pieces import pieces_of
from tests.unit.providers.vendor_double import LIMITS, NOW, ModelServerDouble, VendorDouble, call, completion, events

TOOL = Tool(name="price")


async def test_plain_call_sends_key_and_body_to_the_row_only() -> None:
    """Path, key, headers and body are the row's, and the answer comes back."""
    vendor = VendorDouble()
    vendor.answers(200, completion("hi"))
    row = vendor.row(base_url="http://10.0.0.1:8/v1/", headers={"X-Team": SecretStr("a")})
    reply = await row.complete(call(sampling=Sampling(max_tokens=3)), model="m", limits=LIMITS)
    (request,) = vendor.requests
    assert (request.method, str(request.url)) == ("POST", "http://10.0.0.1:8/v1/chat/completions")
    assert request.headers["authorization"] == "Bearer sk-secret-of-the-row"
    assert (request.headers["x-team"], request.headers["content-type"]) == ("a", "application/json")
    assert vendor.sent == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hello"}],
        "max_completion_tokens": 3,
    }
    assert reply.message.text == "hi"


async def test_row_without_a_key_sends_none() -> None:
    """A server of one's own is not sent an empty credential."""
    vendor = VendorDouble()
    vendor.answers(200, completion())
    await vendor.row(api_key=None, base_url="http://10.0.0.1").complete(call(), model="m", limits=LIMITS)
    assert "authorization" not in vendor.requests[0].headers


async def test_rows_headers_win_over_ours() -> None:
    """An Azure-like row can name its credentials itself."""
    vendor = VendorDouble()
    vendor.answers(200, completion())
    await vendor.row(headers={"Authorization": SecretStr("Basic x")}).complete(call(), model="m", limits=LIMITS)
    assert vendor.requests[0].headers["authorization"] == "Basic x"


async def test_vendor_options_reach_their_row_only() -> None:
    """Extra JSON is for the provider that it names."""
    vendor = VendorDouble()
    vendor.answers(200, completion())
    options: dict[str, dict[str, Any]] = {"openai": {"service_tier": "flex"}, "deepseek": {"x": 1}}
    await vendor.row().complete(call(options=options), model="m", limits=LIMITS)
    assert vendor.sent["service_tier"] == "flex"
    assert "x" not in vendor.sent


async def test_option_that_is_no_json_is_refused() -> None:
    """NaN has no JSON form; the caller learns it, and nothing is sent."""
    vendor = VendorDouble()
    with pytest.raises(InvalidRequestError, match="JSON cannot say"):
        await vendor.row().complete(call(options={"openai": {"x": float("nan")}}), model="m", limits=LIMITS)
    assert vendor.requests == []


async def test_warnings_of_request_and_reply_are_joined() -> None:
    """What was left out and what was odd reach the caller, plain and streamed alike."""
    vendor = VendorDouble()
    vendor.answers(200, {**completion(), "usage": {"prompt_tokens": -1}})
    vendor.streams(events("hi", finish="odd"))
    row = vendor.row()
    wanted = call(sampling=Sampling(temperature=0.5))
    reply = await row.complete(wanted, model="gpt-6-luna", limits=LIMITS)
    assert [warning.split()[0] for warning in reply.warnings] == ["temperature", "the"]
    stream = await row.open_stream(wanted, model="gpt-6-luna", limits=LIMITS)
    assert [delta async for delta in pieces_of(stream) if delta is not None] == [TextDelta(text="hi")]
    assert [warning.split()[0] for warning in stream.reply().warnings] == ["temperature", "openai"]


@pytest.mark.parametrize("is_stream", [False, True])
async def test_error_reply_is_classified(is_stream: bool) -> None:
    """A refusal is the same error for a plain call and for a stream, and the connection is closed."""
    vendor = VendorDouble()
    chunks = [b'{"error":{"code":"rate_limit_exceeded",', b'"message":"slow"}}']
    body = vendor.streams(chunks, status=429, headers={"retry-after": "7", "content-type": "application/json"})
    row = vendor.row()
    with pytest.raises(RateLimitExceededError) as caught:
        await (row.open_stream if is_stream else row.complete)(call(), model="m", limits=LIMITS)
    assert (caught.value.retry_after, caught.value.upstream_status, caught.value.model) == (7.0, 429, "m")
    assert body.is_closed


async def test_error_reply_without_end_is_read_in_part() -> None:
    """A vendor cannot fill our memory with an error page."""
    vendor = VendorDouble()
    body = vendor.streams([b"x" * 2**20] * 8, status=500)
    with pytest.raises(LLMProviderError):
        await vendor.row().open_stream(call(), model="m", limits=LIMITS)
    assert (body.given, body.is_closed) == (1, True)


async def test_rate_limits_are_remembered() -> None:
    """The vendor's last word on each limit is kept, whatever the reply was."""
    vendor = VendorDouble()
    vendor.answers(
        429, {}, x_ratelimit_limit_requests="500", x_ratelimit_remaining_requests="0", x_ratelimit_reset_requests="6ms"
    )
    row = vendor.row()
    with pytest.raises(RateLimitExceededError):
        await row.complete(call(), model="m", limits=LIMITS)
    (limit,) = row.rate_limits()
    assert (limit.name, limit.limit, limit.remaining) == ("requests", 500, 0)
    assert limit.resets_at is not None
    assert (limit.resets_at - NOW).total_seconds() == 0.006


async def test_model_list_is_asked_of_the_vendor() -> None:
    """A real call with the key, which costs nothing."""
    vendor = VendorDouble()
    vendor.answers(200, {"data": [{"id": "a"}]})
    assert await vendor.row("openrouter").list_models(limits=LIMITS) == ["a"]
    (request,) = vendor.requests
    assert (request.method, str(request.url)) == ("GET", "https://openrouter.ai/api/v1/models/user")
    assert "authorization" in request.headers


async def test_model_list_refused_is_an_error() -> None:
    """A wrong key shows in a test of the provider."""
    vendor = VendorDouble()
    vendor.answers(401, {"error": {"code": "invalid_api_key"}})
    with pytest.raises(LLMProviderError, match="refused the service's key"):
        await vendor.row().list_models(limits=LIMITS)


async def test_closing_a_row_leaves_the_shared_client_open() -> None:
    """Only what the row alone opened ends with it."""
    vendor = VendorDouble()
    vendor.answers(200, completion())
    row = vendor.row()
    await row.aclose()
    assert (await row.complete(call(), model="m", limits=LIMITS)).message.text == "hi"


async def test_local_address_is_asked_at_each_call() -> None:
    """A restarted child has another port and key."""
    vendor = VendorDouble()
    vendor.answers(200, completion())
    row = vendor.row("local", model_server=ModelServerDouble(), api_key=None)
    for _ in range(2):
        await row.complete(call(), model="tiny", limits=LIMITS)
    assert [str(request.url) for request in vendor.requests] == [
        "http://127.0.0.1:1001/v1/chat/completions",
        "http://127.0.0.1:1002/v1/chat/completions",
    ]
    assert vendor.requests[1].headers["authorization"] == "Bearer key-1002"


async def test_local_model_does_not_pass_for_another() -> None:
    """llama.cpp answers under any name, so another name is refused here."""
    vendor = VendorDouble()
    row = vendor.row("local", model_server=ModelServerDouble(), api_key=None)
    with pytest.raises(ModelNotFoundError, match="serves no model but tiny"):
        await row.complete(call(), model="gpt-4o", limits=LIMITS)
    assert vendor.requests == []


async def test_local_refuses_a_demanded_tool_before_it_is_started() -> None:
    """Prose for a caller who demands a tool call would be a lie."""
    row = VendorDouble().row("local", model_server=ModelServerDouble(), api_key=None)
    wanted = call(tools=(TOOL,), tool_choice=ToolChoice(mode="required"))
    with pytest.raises(InvalidRequestError, match="cannot call tools"):
        await row.complete(wanted, model="tiny", limits=LIMITS)
    assert not row.capabilities.tools


async def test_deepseek_is_told_the_schema_in_words() -> None:
    """Where no schema is enforced, the model is at least told of it."""
    vendor = VendorDouble()
    vendor.answers(200, completion("{}"))
    wanted = call(response_format=ResponseFormat(type="json_schema", json_schema={"type": "object"}))
    reply = await vendor.row("deepseek").complete(wanted, model="deepseek-flash", limits=LIMITS)
    assert vendor.sent["response_format"] == {"type": "json_object"}
    assert '{"type": "object"}' in vendor.sent["messages"][0]["content"]
    assert len(reply.warnings) == 1


async def test_unreadable_reply_is_a_protocol_error() -> None:
    """A page with status 200 is no answer."""
    vendor = VendorDouble()
    vendor.streams([b"<html>"], headers={"content-type": "text/html"})
    with pytest.raises(ProviderProtocolError, match="not JSON"):
        await vendor.row().complete(call(), model="m", limits=LIMITS)
