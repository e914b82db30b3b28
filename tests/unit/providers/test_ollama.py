"""Is Ollama called as it should be, are its answers passed on, and is its row usable only where it is set up?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from contracts.chat import FinishReason, ReasoningEffort, Sampling, Tool, ToolChoice
from contracts.deltas import ReasoningDelta, TextDelta
from contracts.errors import (
    ContextLengthExceededError,
    InvalidRequestError,
    ModelNotFoundError,
    ProviderProtocolError,
    ProviderUnavailableError,
)
from tests.kit.pieces import pieces_of
from tests.unit.providers.vendor_double import LIMITS, VendorDouble, call

HOST = "http://127.0.0.1:11434"
NDJSON = {"content-type": "application/x-ndjson"}


def answer(text: str = "hi", **fields: Any) -> dict[str, Any]:
    """A whole answer."""
    message = {"role": "assistant", "content": text}
    return {"model": "llama3.2", "message": message, "done": True, "done_reason": "stop", **fields}


def lines(*texts: str, last: dict[str, Any] | None = None) -> list[bytes]:
    """A stream's body: a line for each text, and the last one."""
    pieces = [{"message": {"role": "assistant", "content": text}, "done": False} for text in texts]
    return [json.dumps(piece).encode() + b"\n" for piece in (*pieces, last or answer(""))]


async def test_plain_call_goes_to_the_users_server() -> None:
    """Path, body and headers; no key is sent where there is none."""
    vendor = VendorDouble()
    vendor.answers(200, answer(prompt_eval_count=4, eval_count=1))
    row = vendor.row("ollama", api_key=None, base_url=HOST)
    reply = await row.complete(call(sampling=Sampling(max_tokens=3)), model="llama3.2", limits=LIMITS)
    (request,) = vendor.requests
    assert (request.method, str(request.url)) == ("POST", f"{HOST}/api/chat")
    assert "authorization" not in request.headers
    assert vendor.sent == {
        "model": "llama3.2",
        "messages": [{"role": "user", "content": "Hello"}],
        "stream": False,
        "truncate": False,
        "shift": False,
        "options": {"num_predict": 3},
    }
    assert (reply.message.text, reply.finish_reason) == ("hi", FinishReason.STOP)
    assert reply.usage is not None
    assert reply.usage.total_tokens == 5


async def test_key_alone_calls_the_cloud() -> None:
    """It is its bearer token; a server of the user's own needs none."""
    vendor = VendorDouble()
    vendor.answers(200, answer())
    row = vendor.row("ollama", api_key="sk-cloud")
    assert row.unusable_reason() is None
    await row.complete(call(), model="gpt-oss:120b", limits=LIMITS)
    assert str(vendor.requests[0].url) == "https://ollama.com/api/chat"
    assert vendor.requests[0].headers["authorization"] == "Bearer sk-cloud"


def test_row_is_unusable_until_somebody_says_where_ollama_is() -> None:
    """Nothing listens there on most machines, and the embedded model must be able to stand in."""
    vendor = VendorDouble()
    assert vendor.row("ollama", api_key=None).unusable_reason() == (
        "ollama is not set up: set OLLAMA_HOST (e.g. http://localhost:11434) or providers.ollama.base_url"
    )
    assert vendor.row("ollama", name="box", api_key="").unusable_reason() == (
        "box is not set up: set providers.box.base_url (e.g. http://localhost:11434)"
    )
    assert vendor.row("ollama", api_key=None, base_url=HOST).unusable_reason() is None
    assert vendor.row("ollama", api_key="a\nb").unusable_reason() == (
        "ollama has a key with a character that HTTP cannot carry: set it anew"
    )


async def test_stream_is_read_line_by_line() -> None:
    """Wherever the network cuts the lines; what comes last holds the reason and the usage."""
    vendor = VendorDouble()
    sent = b"".join(lines("a", "\u2602", last=answer("", prompt_eval_count=4, eval_count=2)))
    body = vendor.streams([sent[:30], sent[30:95], sent[95:]], headers=NDJSON)
    row = vendor.row("ollama", api_key=None, base_url=HOST)
    stream = await row.open_stream(call(reasoning_effort=ReasoningEffort.HIGH), model="m", limits=LIMITS)
    deltas = [delta async for delta in pieces_of(stream) if delta is not None]
    assert deltas == [TextDelta(text="a"), TextDelta(text="\u2602")]
    assert stream.is_finished
    assert body.is_closed
    reply = stream.reply()
    assert (reply.message.text, reply.usage and reply.usage.output_tokens) == ("a\u2602", 2)
    assert reply.warnings == ("reasoning_effort high was sent as think true: no levels are known of m",)
    assert (vendor.sent["stream"], vendor.sent["think"]) == (True, True)
    assert vendor.requests[0].headers["accept"] == "application/x-ndjson"


async def test_thinking_comes_as_reasoning() -> None:
    """It stands in a field of its own, and its model is asked by level."""
    vendor = VendorDouble()
    thought = json.dumps({"message": {"role": "assistant", "content": "", "thinking": "hm"}, "done": False}).encode()
    vendor.streams([thought + b"\n", *lines("a")], headers=NDJSON)
    row = vendor.row("ollama", api_key=None, base_url=HOST)
    stream = await row.open_stream(call(reasoning_effort=ReasoningEffort.LOW), model="gpt-oss:20b", limits=LIMITS)
    assert [delta async for delta in pieces_of(stream)] == [ReasoningDelta(text="hm"), TextDelta(text="a")]
    assert vendor.sent["think"] == "low"


async def test_error_inside_a_stream_ends_it() -> None:
    """What came before was given out; the connection is closed."""
    vendor = VendorDouble()
    body = vendor.streams([lines("a")[0], b'{"error":"the model runner has stopped"}\n'], headers=NDJSON)
    row = vendor.row("ollama", api_key=None, base_url=HOST)
    stream = await row.open_stream(call(), model="m", limits=LIMITS)
    reading = pieces_of(stream)
    assert await anext(reading) == TextDelta(text="a")
    with pytest.raises(ProviderUnavailableError, match=r"ollama could not serve the request \(200\)"):
        await anext(reading)
    assert body.is_closed


async def test_stream_that_ends_early_is_no_answer() -> None:
    """Without `done` the rest is missing."""
    vendor = VendorDouble()
    vendor.streams(lines("a")[:1], headers=NDJSON)
    stream = await vendor.row("ollama", base_url=HOST).open_stream(call(), model="m", limits=LIMITS)
    assert [delta async for delta in pieces_of(stream)] == [TextDelta(text="a")]
    with pytest.raises(ProviderProtocolError, match="ollama ended its answer without a finish reason"):
        stream.reply()


async def test_cancelled_stream_closes_its_connection() -> None:
    """So that Ollama stops to generate."""
    vendor = VendorDouble()
    body = vendor.streams(lines("a", "b", "c"), headers=NDJSON)
    stream = await vendor.row("ollama", base_url=HOST).open_stream(call(), model="m", limits=LIMITS)
    reading = pieces_of(stream)
    assert await anext(reading) == TextDelta(text="a")
    await stream.aclose()
    assert body.is_closed
    assert body.given == 1


async def test_model_that_was_not_pulled_is_told_before_the_stream() -> None:
    """With what to do about it."""
    vendor = VendorDouble()
    vendor.answers(404, {"error": "model 'llama3.2' not found"})
    row = vendor.row("ollama", base_url=HOST)
    with pytest.raises(ModelNotFoundError, match=r"run `ollama pull llama3\.2` there"):
        await row.open_stream(call(), model="llama3.2", limits=LIMITS)
    with pytest.raises(ModelNotFoundError, match=r"run `ollama pull llama3\.2` there"):
        await row.complete(call(), model="llama3.2", limits=LIMITS)


async def test_conversation_that_would_be_cut_is_refused() -> None:
    """Ollama refuses because we asked it to."""
    vendor = VendorDouble()
    vendor.answers(400, {"error": "the input length exceeds the context length"})
    with pytest.raises(ContextLengthExceededError, match=r"vendor_options set its options\.num_ctx"):
        await vendor.row("ollama", base_url=HOST).complete(call(), model="m", limits=LIMITS)


async def test_demanded_tool_call_is_refused_before_any_call() -> None:
    """Ollama has no field for it."""
    vendor = VendorDouble()
    asked = call(tools=(Tool(name="a"),), tool_choice=ToolChoice(mode="required"))
    with pytest.raises(InvalidRequestError, match="tool_choice required demands it"):
        await vendor.row("ollama", base_url=HOST).complete(asked, model="m", limits=LIMITS)
    assert vendor.requests == []


async def test_vendor_options_reach_the_body() -> None:
    """The context's size and the time that a model stays loaded are Ollama's own."""
    vendor = VendorDouble()
    vendor.answers(200, answer())
    options = {"ollama": {"keep_alive": "10m", "options": {"num_ctx": 8192}}}
    await vendor.row("ollama", base_url=HOST).complete(call(options=options), model="m", limits=LIMITS)
    assert (vendor.sent["keep_alive"], vendor.sent["options"]) == ("10m", {"num_ctx": 8192})


async def test_models_are_those_of_the_server() -> None:
    """Asked of /api/tags; it reports no limits."""
    vendor = VendorDouble()
    vendor.answers(200, {"models": [{"name": "llama3.2:latest", "model": "llama3.2:latest"}]})
    row = vendor.row("ollama", base_url=f"{HOST}/")
    assert await row.list_models(limits=LIMITS) == ["llama3.2:latest"]
    assert str(vendor.requests[0].url) == f"{HOST}/api/tags"
    assert row.rate_limits() == []


def test_models_of_its_library_are_offered() -> None:
    """With any tag; what else was pulled must be listed in `models` or named with the provider."""
    row = VendorDouble().row("ollama", base_url=HOST)
    assert row.default_model == "llama3.2"
    assert [row.offers(model) for model in ("llama3.2:1b", "gpt-oss:20b", "gpt-6-luna")] == [True, True, False]
