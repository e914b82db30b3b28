"""What becomes of a vendor's 200 that is not what it should be? An answer or one clear error, nothing else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from app.providers.anthropic_dialect import AnthropicDialect
from app.providers.dialect import Exchange
from app.providers.gemini_dialect import GeminiDialect
from app.providers.ollama_dialect import OllamaDialect
from app.providers.openai_dialect import OpenAIDialect
from app.upstream import NdjsonFraming, SseFraming
from contracts.calls import Reply
from contracts.errors import (
    LLMProviderError,
    ProviderProtocolError,
    ProviderUnavailableError,
    RateLimitExceededError,
)
from tests.kit.cut_stream import events_of
from tests.wires.vendor_cases import GOLDEN, VENDORS, exchange_of, expected, written_reply

JUNK: tuple[Any, ...] = (None, [], {}, "", "x", 0, -1.5, True, [None], [[]], {"a": None}, [{}], "\ud800")
PAGE = b"<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>"


@cache
def exchange(name: str) -> Exchange:
    """The vendor's call, encoded once."""
    return exchange_of(name)


def golden(name: str, case: str) -> bytes:
    """The vendor's bytes of a case."""
    file: str = expected(name)[case]["file"]
    return (GOLDEN / name / file).read_bytes()


def fields_of(name: str, body: bytes) -> list[tuple[str, str]]:
    """The events of a golden stream, by name."""
    event, found = "message", []
    for line in body.decode().splitlines():
        if line.startswith("event: "):
            event = line.removeprefix("event: ")
        elif line.startswith("data: ") or VENDORS[name].dialect.framing == "ndjson":
            found.append((event, line.removeprefix("data: ")))
            event = "message"
    return found


def spoilt(value: Any, junk: Any) -> Iterator[Any]:
    """Copies of `value`, each with another of its values replaced by `junk`."""
    for path in paths(value):
        made = copy.deepcopy(value)
        node = made
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = junk
        yield made


def paths(value: Any) -> Iterator[tuple[Any, ...]]:
    """The places of all values below `value`."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (step,)
        yield from ((step, *path) for path in paths(inner))


def decoded(name: str, body: bytes) -> Reply | LLMProviderError:
    """What the wire makes of a whole reply; another exception than ours is raised."""
    try:
        return exchange(name).decode(body)
    except LLMProviderError as error:
        return error


def streamed(name: str, events: list[tuple[str, str]]) -> Reply | LLMProviderError:
    """The same of a stream."""
    decoder = exchange(name).decoder()
    try:
        for event, data in events:
            decoder.feed(event, data)
        return decoder.reply()
    except LLMProviderError as error:
        return error


def assert_sound(result: Reply | LLMProviderError) -> None:
    """An answer can be written down and sent on; an error names the vendor and quotes nothing of the reply."""
    if isinstance(result, Reply):
        json.dumps(written_reply(result)).encode()
        assert "\ud800" not in result.message.text
    else:
        assert result.provider in VENDORS
        assert result.upstream_status is not None


@pytest.mark.parametrize("junk", JUNK, ids=repr)
@pytest.mark.parametrize("case", ["reply", "tool_call"])
@pytest.mark.parametrize("name", VENDORS)
def test_junk_anywhere_in_a_reply_is_an_answer_or_an_error(name: str, case: str, junk: Any) -> None:
    """`null` where a list is due, a list where text is: at every place of the vendor's golden reply."""
    body = golden(name, case)
    if not body.startswith(b"{") or expected(name)[case]["file"].endswith(".ndjson"):
        body = golden(name, "reply")
    for document in spoilt(json.loads(body), junk):
        assert_sound(decoded(name, json.dumps(document).encode()))


@pytest.mark.parametrize("junk", JUNK, ids=repr)
@pytest.mark.parametrize("name", VENDORS)
def test_junk_anywhere_in_a_stream_is_an_answer_or_an_error(name: str, junk: Any) -> None:
    """The same in every event of its golden stream."""
    events = fields_of(name, golden(name, "stream"))
    for number, (event, data) in enumerate(events):
        if data == "[DONE]":
            continue
        for document in spoilt(json.loads(data), junk):
            spoilt_events = [*events[:number], (event, json.dumps(document)), *events[number + 1 :]]
            assert_sound(streamed(name, spoilt_events))


@pytest.mark.parametrize("junk", [*JUNK, "null", '"text"', "[]"], ids=repr)
@pytest.mark.parametrize("name", VENDORS)
def test_reply_that_is_something_else_is_a_protocol_error(name: str, junk: Any) -> None:
    """As a whole it is no answer, nor is it as a plain reply in place of a stream."""
    body = json.dumps(junk).encode()
    assert isinstance(decoded(name, body), ProviderProtocolError)
    with pytest.raises(ProviderProtocolError):
        exchange(name).decoder().feed_whole(body)


@pytest.mark.parametrize("name", VENDORS)
def test_web_page_in_place_of_json_is_a_protocol_error(name: str) -> None:
    """A proxy's page, sent with 200, is neither an answer nor quoted."""
    error = decoded(name, PAGE)
    assert isinstance(error, ProviderProtocolError)
    assert "not JSON" in str(error)
    assert "gateway" not in f"{error} {error.vendor_message}"
    with pytest.raises(ProviderProtocolError, match="not JSON"):
        exchange(name).decoder().feed_whole(PAGE)
    assert isinstance(streamed(name, [("message", PAGE.decode())]), ProviderProtocolError)


@pytest.mark.parametrize("name", VENDORS)
def test_error_inside_a_200_is_that_error(name: str) -> None:
    """In a whole reply, and in a stream that had begun: what its code says, where the vendor has codes."""
    body = golden(name, "rate_limit")
    if not body.lstrip().startswith(b"{"):
        body = b'{"error": {"message": "slow down", "code": 429}}'
    data = json.dumps(json.loads(body))
    begun = fields_of(name, golden(name, "stream"))[:1]
    for error in (decoded(name, body), streamed(name, [*begun, ("message", data)])):
        # Ollama has no codes, and under 200 its words say only that it failed.
        assert isinstance(error, RateLimitExceededError | ProviderUnavailableError)
        assert error.is_retryable or error.error_type == "quota_exceeded"


@pytest.mark.parametrize("size", [1, 3, 7])
@pytest.mark.parametrize("name", VENDORS)
async def test_characters_cut_by_chunks_are_whole_again(name: str, size: int) -> None:
    """Wherever the network cuts: within a character of four bytes, and within a line end."""
    stream = golden(name, "stream").replace(b'"content":"', '"content":"é☂😀'.encode()).replace(b"\n", b"\r\n")
    whole = await answer_of(name, [stream])
    cut = await answer_of(name, [stream[at : at + size] for at in range(0, len(stream), size)])
    assert written_reply(cut) == written_reply(whole)
    assert "\ufffd" not in cut.message.text


async def answer_of(name: str, chunks: list[bytes]) -> Reply:
    """The answer in a stream that comes in `chunks`."""
    decoder = exchange(name).decoder()
    framing = SseFraming(name) if VENDORS[name].dialect.framing == "sse" else NdjsonFraming(name)
    for event in events_of(chunks, framing):
        decoder.feed(event.event, event.data)
    return decoder.reply()


def completion(**message: Any) -> dict[str, Any]:
    """OpenAI's."""
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


def candidate(content: Any) -> dict[str, Any]:
    """Gemini's."""
    return {"candidates": [{"content": content, "finishReason": "STOP"}]}


def said(**message: Any) -> dict[str, Any]:
    """Ollama's."""
    return {"message": message, "done": True, "done_reason": "stop"}


CALLED = {"function": {"name": "f", "arguments": None}}
# What each dialect's reply with a `null` means: its text, or a fact of the error.
NULLS: dict[type, list[tuple[dict[str, Any], str | None, str]]] = {
    OpenAIDialect: [
        ({"choices": None}, None, "answered without a choice"),
        ({"choices": [None]}, None, "answered without a choice"),
        ({"choices": [{"message": None, "finish_reason": "stop"}]}, None, "answered without a choice"),
        ({**completion(content="x"), "usage": None, "model": None, "id": None}, "x", ""),
        (completion(content="x", tool_calls=None, refusal=None, reasoning_content=None, annotations=None), "x", ""),
        (completion(content=None, tool_calls=[{"id": None, **CALLED}]), "", ""),
        (completion(content=None), "", ""),
    ],
    AnthropicDialect: [
        ({"content": None, "stop_reason": "end_turn"}, None, "answered without content"),
        ({"content": [{"type": "text", "text": None, "citations": None}], "stop_reason": "end_turn"}, "", ""),
        ({"content": [], "stop_reason": "end_turn", "usage": None, "stop_details": None}, "", ""),
        ({"content": [], "stop_reason": None}, None, "ended its answer without a stop reason"),
    ],
    GeminiDialect: [
        ({"candidates": None}, None, "answered without a candidate that is finished"),
        ({"candidates": [None]}, None, "candidates that are not a list of objects"),
        (candidate(None), "", ""),
        (candidate({"parts": None}), "", ""),
        (candidate({"parts": [None]}), None, "parts that are not a list of objects"),
        ({**candidate({"parts": [{"text": "x"}]}), "usageMetadata": None, "promptFeedback": None}, "x", ""),
        (candidate({"parts": [{"functionCall": {"name": "f", "args": None}}]}), "", ""),
    ],
    OllamaDialect: [
        ({"message": None, "done": True}, None, "answered without a message"),
        (said(content=None), "", ""),
        (said(content="x", tool_calls=None, thinking=None, images=None), "x", ""),
        (said(content=None, tool_calls=[{"id": None, **CALLED}]), "", ""),
    ],
}


@pytest.mark.parametrize("name", VENDORS)
def test_null_where_something_is_due_has_a_meaning(name: str) -> None:
    """Nothing, where nothing is an answer too; an error where the answer itself is missing."""
    for body, text, fact in NULLS[type(VENDORS[name].dialect)]:
        result = decoded(name, json.dumps(body).encode())
        if isinstance(result, Reply):
            assert (result.message.text, bool(result.message.tool_calls)) == (text, '"f"' in json.dumps(body)), body
        else:
            assert isinstance(result, ProviderProtocolError), body
            assert text is None, body
            assert fact in str(result), body
