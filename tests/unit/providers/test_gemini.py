"""Is Gemini called as it should be, and are its answers passed on?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from contracts.chat import FinishReason, ReasoningEffort, ResponseFormat, Sampling, Tool
from contracts.deltas import TextDelta
from contracts.errors import AuthenticationError, LLMProviderError, ProviderProtocolError, RateLimitExceededError
from tests.kit.pieces import pieces_of
from tests.unit.providers.vendor_double import LIMITS, VendorDouble, call

BASE = "https://generativelanguage.googleapis.com/v1beta"
SLOW = {
    "error": {
        "code": 429,
        "status": "RESOURCE_EXHAUSTED",
        "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "13s"}],
    }
}


def answer(text: str = "hi", finish: str | None = "STOP") -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": [{"text": text}], "role": "model"}, "finishReason": finish}]}


def events(*chunks: dict[str, Any]) -> list[bytes]:
    return [f"data: {json.dumps(chunk)}\r\n\r\n".encode() for chunk in chunks]


async def test_plain_call_names_the_model_in_its_path_and_the_key_in_a_header() -> None:
    """The key never stands in the URL, where every log would keep it."""
    vendor = VendorDouble()
    vendor.answers(200, answer())
    reply = await vendor.row("gemini").complete(
        call(sampling=Sampling(max_tokens=3)), model="gemini-3.8-flash", limits=LIMITS
    )
    (request,) = vendor.requests
    assert (request.method, str(request.url)) == ("POST", f"{BASE}/models/gemini-3.8-flash:generateContent")
    assert request.headers["x-goog-api-key"] == "sk-secret-of-the-row"
    assert "authorization" not in request.headers
    assert vendor.sent == {
        "contents": [{"role": "user", "parts": [{"text": "Hello"}]}],
        "generationConfig": {"maxOutputTokens": 3},
    }
    assert (reply.message.text, reply.finish_reason) == ("hi", FinishReason.STOP)


@pytest.mark.parametrize(
    "model,path",
    [
        ("models/gemini-3.8-flash", "/models/gemini-3.8-flash:generateContent"),
        ("tunedModels/mine", "/tunedModels/mine:generateContent"),
        ("../x?key=1#", "/models/..%2Fx%3Fkey%3D1%23:generateContent"),
    ],
)
async def test_model_is_only_ever_a_name_in_the_path(model: str, path: str) -> None:
    """With its collection or without; what a caller writes cannot lead elsewhere."""
    vendor = VendorDouble()
    vendor.answers(200, answer())
    await vendor.row("gemini").complete(call(), model=model, limits=LIMITS)
    assert vendor.requests[0].url.raw_path.decode() == "/v1beta" + path


async def test_stream_is_asked_as_events_and_ends_with_its_body() -> None:
    """Deltas as they come; nothing but the end of the body follows the finish reason."""
    vendor = VendorDouble()
    usage = {"usageMetadata": {"promptTokenCount": 2, "candidatesTokenCount": 1}}
    body = vendor.streams(events(answer("a", None), {**answer("b"), **usage}))
    stream = await vendor.row("gemini").open_stream(call(), model="gemini-3.8-flash", limits=LIMITS)
    assert [delta async for delta in pieces_of(stream)] == [TextDelta(text="a"), TextDelta(text="b")]
    (request,) = vendor.requests
    assert str(request.url) == f"{BASE}/models/gemini-3.8-flash:streamGenerateContent?alt=sse"
    assert request.headers["accept"] == "text/event-stream"
    assert (stream.is_finished, body.is_closed) == (True, True)
    reply = stream.reply()
    assert reply.usage is not None
    assert (reply.message.text, reply.usage.total_tokens) == ("ab", 3)


async def test_stream_that_is_cut_is_not_whole() -> None:
    """A body that ends before a finish reason is an error."""
    vendor = VendorDouble()
    vendor.streams(events(answer("a", None)))
    stream = await vendor.row("gemini").open_stream(call(), model="m", limits=LIMITS)
    assert [delta async for delta in pieces_of(stream)] == [TextDelta(text="a")]
    with pytest.raises(ProviderProtocolError, match="without a finish reason"):
        stream.reply()


async def test_stream_left_halfway_is_closed() -> None:
    """The caller went away after the first text."""
    vendor = VendorDouble()
    body = vendor.streams(events(answer("a", None), answer("b", None), answer("c")))
    stream = await vendor.row("gemini").open_stream(call(), model="m", limits=LIMITS)
    async for _ in stream:
        break
    await stream.aclose()
    assert (body.is_closed, body.given) == (True, 1)


async def test_stream_may_be_answered_whole() -> None:
    """A list of chunks, as without `alt=sse`, is decoded at once."""
    vendor = VendorDouble()
    vendor.answers(200, [answer("a", None), answer("b")])
    stream = await vendor.row("gemini").open_stream(call(), model="m", limits=LIMITS)
    assert [delta async for delta in pieces_of(stream)] == [TextDelta(text="a"), TextDelta(text="b")]
    assert stream.reply().message.text == "ab"


@pytest.mark.parametrize("is_stream", [False, True])
async def test_error_reply_is_classified(is_stream: bool) -> None:
    """A refusal is the same error for a plain call and for a stream, with the time to wait from its details."""
    vendor = VendorDouble()
    vendor.answers(429, SLOW)
    row = vendor.row("gemini")
    with pytest.raises(RateLimitExceededError) as caught:
        await (row.open_stream if is_stream else row.complete)(call(), model="m", limits=LIMITS)
    assert (caught.value.retry_after, caught.value.upstream_status, caught.value.model) == (13.0, 429, "m")
    assert row.rate_limits() == []


@pytest.mark.parametrize(
    "model,effort,sent",
    [
        ("gemini-3.8-flash", "low", {"thinkingLevel": "LOW", "includeThoughts": True}),
        ("models/gemini-3.8-flash", "minimal", {"thinkingLevel": "LOW", "includeThoughts": True}),
        ("gemini-3.6-flash", "minimal", {"thinkingLevel": "MINIMAL", "includeThoughts": True}),
        ("gemini-3-pro-preview", "medium", {"thinkingLevel": "HIGH", "includeThoughts": True}),
        ("gemini-3.1-pro-preview", "medium", {"thinkingLevel": "MEDIUM", "includeThoughts": True}),
        ("gemini-flash-latest", "high", {"thinkingLevel": "HIGH", "includeThoughts": True}),
        ("gemini-4-argon", "none", {"thinkingLevel": "LOW"}),
        ("gemini-2.5-pro", "none", {"thinkingBudget": 128}),
        ("gemini-2.5-flash", "none", {"thinkingBudget": 0}),
        ("gemini-2.5-flash-lite", "medium", {"thinkingBudget": 8192, "includeThoughts": True}),
        ("gemma-4-31b-it", "low", {"thinkingLevel": "MINIMAL", "includeThoughts": True}),
        ("gemini-2.0-flash", "low", None),
        ("unheard-of", "low", None),
    ],
)
async def test_effort_is_told_as_each_model_takes_it(model: str, effort: str, sent: dict[str, Any] | None) -> None:
    """A level, a budget, or nothing for a model that is not known to think."""
    vendor = VendorDouble()
    vendor.answers(200, answer())
    await vendor.row("gemini").complete(call(reasoning_effort=ReasoningEffort(effort)), model=model, limits=LIMITS)
    assert vendor.sent.get("generationConfig", {}).get("thinkingConfig") == sent


@pytest.mark.parametrize("model,named", [("gemini-4-argon", 1), ("gemini-3.8-flash", 1), ("gemini-2.5-flash", 0)])
async def test_sampling_that_does_nothing_is_named(model: str, named: int) -> None:
    """The newer ones pass it over, and the caller learns of it, plain and streamed alike."""
    vendor = VendorDouble()
    vendor.answers(200, answer())
    vendor.streams(events(answer()))
    row, wanted = vendor.row("gemini"), call(sampling=Sampling(temperature=0.5))
    assert len((await row.complete(wanted, model=model, limits=LIMITS)).warnings) == named
    stream = await row.open_stream(wanted, model=model, limits=LIMITS)
    assert [delta async for delta in pieces_of(stream)] == [TextDelta(text="hi")]
    assert len(stream.reply().warnings) == named


@pytest.mark.parametrize("model,enforced", [("gemini-3.8-flash", True), ("gemini-2.5-flash", False)])
async def test_json_beside_tools_is_asked_as_the_model_takes_it(model: str, enforced: bool) -> None:
    """Older models refuse both together and are told in words."""
    vendor = VendorDouble()
    vendor.answers(200, answer("{}"))
    wanted = call(tools=(Tool(name="price"),), response_format=ResponseFormat(type="json_object"))
    reply = await vendor.row("gemini").complete(wanted, model=model, limits=LIMITS)
    assert ("generationConfig" in vendor.sent) is enforced
    assert bool(reply.warnings) is not enforced


async def test_model_list_is_asked_of_the_vendor_in_one_page() -> None:
    """A real call with the key, which costs nothing."""
    vendor = VendorDouble()
    vendor.answers(200, {"models": [{"name": "models/gemini-3.8-flash"}]})
    assert await vendor.row("gemini").list_models(limits=LIMITS) == ["gemini-3.8-flash"]
    (request,) = vendor.requests
    assert (request.method, str(request.url)) == ("GET", f"{BASE}/models?pageSize=1000")
    assert request.headers["x-goog-api-key"] == "sk-secret-of-the-row"


async def test_wrong_key_is_told_apart_from_a_wrong_request() -> None:
    """Google answers 400 to both."""
    vendor = VendorDouble()
    reason = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
    vendor.answers(400, {"error": {"code": 400, "status": "INVALID_ARGUMENT", "details": [reason]}})
    with pytest.raises(LLMProviderError, match="refused the service's key") as caught:
        await vendor.row("gemini").list_models(limits=LIMITS)
    assert isinstance(caught.value, AuthenticationError)
    assert caught.value.covers_row


def test_missing_key_names_googles_variable() -> None:
    """The name that Google's own tools read."""
    reason = VendorDouble().row("gemini", api_key=None).unusable_reason()
    assert reason == "gemini has no key: set GOOGLE_API_KEY or LLM_PROVIDER_SERVICE_GOOGLE_API_KEY"
