"""Are the oddities of those who copy this dialect understood?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.wires.openai_chat import (
    Quirks,
    StreamDecoder,
    decode_model_list,
    decode_response,
)
from contracts.calls import Reply
from contracts.chat import FinishReason, ReasoningPart
from contracts.deltas import ReasoningDelta, TextDelta, ToolCallDelta
from contracts.errors import LLMProviderError, ProviderProtocolError, ProviderUnavailableError, RateLimitExceededError

QUIRKS = Quirks(reports_cost=True)


def plain(message: dict[str, Any], finish: Any = "stop", **fields: Any) -> Reply:
    body = {"choices": [{"index": 0, "message": message, "finish_reason": finish}], **fields}
    return decode_response(json.dumps(body).encode(), provider="row", model="m", quirks=QUIRKS)


def decoder() -> StreamDecoder:
    return StreamDecoder(provider="row", model="m", quirks=QUIRKS)


def chunk(delta: Any, finish: str | None = None, **fields: Any) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **fields})


def fed(*deltas: dict[str, Any], finish: str = "stop") -> Reply:
    stream = decoder()
    for delta in deltas:
        stream.feed("message", chunk(delta))
    stream.feed("message", chunk({}, finish))
    return stream.reply()


def calls(*fragments: dict[str, Any]) -> list[tuple[str, str, str]]:
    reply = fed(*({"tool_calls": [fragment]} for fragment in fragments))
    return [(call.id, call.name, call.arguments) for call in reply.message.tool_calls]


def call(name: str | None = None, arguments: Any = None, **fields: Any) -> dict[str, Any]:
    return {**fields, "function": {"name": name, "arguments": arguments}}


@pytest.mark.parametrize(
    "fragments,whole",
    [
        ([call("a", "{", id="1", index=0), call(None, "}", index=0)], [("1", "a", "{}")]),
        ([call("a", "{}", id="1", index=0), call("b", "{}", id="2", index=0)], [("1", "a", "{}"), ("2", "b", "{}")]),
        (
            [call("a", "{", id="1"), call(None, "}", id="1"), call("b", "{}", id="2")],
            [("1", "a", "{}"), ("2", "b", "{}")],
        ),
        ([call("a", "{"), call(None, "}"), call("b", "{}")], [("call__0", "a", "{}"), ("call__1", "b", "{}")]),
        ([call(None, "{", index=0), call("a", "}", index=0, id="1")], [("1", "a", "{}")]),
        ([call("a", {"x": 1.5}, id="1", index=0)], [("1", "a", '{"x":1.5}')]),
        ([call("a", "{}", id="1", index=0), {"index": 0}], [("1", "a", "{}")]),
        ([call(None, "{}", index=0)], []),
        ([call("a", "{", id="1", index=0), call("a", "}", id="1", index=0)], [("1", "a", "{}")]),
    ],
)
def test_tool_call_fragments_find_their_call(
    fragments: list[dict[str, Any]], whole: list[tuple[str, str, str]]
) -> None:
    """By number, by id, or by order, whatever the server sends; a call without a name is none."""
    assert calls(*fragments) == whole


def test_tool_call_deltas_announce_once() -> None:
    """The first delta carries id, name and what was held back; empty fragments give nothing."""
    stream = decoder()
    first = stream.feed("message", chunk({"tool_calls": [call(None, "{", index=3)]}, id="r"))
    second = stream.feed("message", chunk({"tool_calls": [call("a", "", index=3)]}))
    third = stream.feed("message", chunk({"tool_calls": [call(None, "", index=3), call(None, "}", index=3)]}))
    assert first == []
    assert second == [ToolCallDelta(index=0, id="call_r_0", name="a", arguments="{")]
    assert third == [ToolCallDelta(index=0, arguments="}")]


@pytest.mark.parametrize(
    "message,finish,reason",
    [
        ({"content": "x"}, "stop", FinishReason.STOP),
        ({"content": "x"}, "length", FinishReason.LENGTH),
        ({"content": "x"}, "tool_calls", FinishReason.STOP),
        ({"content": None, "refusal": "no"}, "stop", FinishReason.CONTENT_FILTER),
        ({"content": None, "tool_calls": [call("a", "{}", id="1")]}, "stop", FinishReason.TOOL_CALLS),
        ({"content": None, "tool_calls": [call("a", "{", id="1")]}, "length", FinishReason.LENGTH),
    ],
)
def test_finish_reason_says_what_happened(message: dict[str, Any], finish: str, reason: FinishReason) -> None:
    """Some servers end with `stop` whatever came before."""
    assert plain(message, finish).finish_reason is reason


@pytest.mark.parametrize("finish", ["eos_token", 7])
def test_unknown_finish_reason_is_stop_with_a_warning(finish: Any) -> None:
    """A word that we do not know ends the answer, and the caller learns of it."""
    reply = plain({"content": "x"}, finish)
    assert reply.finish_reason is FinishReason.STOP
    assert reply.warnings == ("row gave a finish reason that is not known: taken as stop",)


@pytest.mark.parametrize("end", [{}, {"finish_reason": None}])
def test_whole_completion_without_a_finish_reason_is_unreadable(end: dict[str, Any]) -> None:
    """It may be half an answer, as a stream without one is: plain, or in place of a stream that was asked for."""
    body = json.dumps({"choices": [{"index": 0, "message": {"content": "half"}, **end}]}).encode()
    with pytest.raises(ProviderProtocolError, match="without a finish reason"):
        decode_response(body, provider="row", model="m", quirks=QUIRKS)
    with pytest.raises(ProviderProtocolError, match="without a finish reason"):
        decoder().feed_whole(body)


@pytest.mark.parametrize("finish", ["error", "insufficient_system_resource", "abort"])
def test_failed_finish_reason_is_the_vendors_failure(finish: str) -> None:
    """An answer that the vendor gave up on never looks whole."""
    with pytest.raises(ProviderUnavailableError):
        plain({"content": "half"}, finish)


def test_content_lists_are_read_as_text() -> None:
    """Some servers answer a list of parts."""
    assert plain({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}, 3]}).message.text == "ab"


@pytest.mark.parametrize(
    "message", [{"content": 7}, {"content": None, "tool_calls": "x"}, {"content": None, "tool_calls": [1]}]
)
def test_message_of_another_shape_is_unreadable(message: dict[str, Any]) -> None:
    """What is neither text nor a list is no answer."""
    with pytest.raises(ProviderProtocolError):
        plain(message)


@pytest.mark.parametrize(
    "body", [b"", b" \n", b"null", b"{}", b'{"choices":[]}', b'{"choices":[{}]}', b"[" * 100_000, b"\xff"]
)
def test_body_that_is_no_completion_is_unreadable(body: bytes) -> None:
    """Nothing of it is an answer, and nothing of it is in the error."""
    with pytest.raises(ProviderProtocolError) as caught:
        decode_response(body, provider="row", model="m", quirks=QUIRKS)
    assert caught.value.upstream_status == 200


def test_null_content_is_an_empty_answer() -> None:
    """A model may say nothing at all."""
    reply = plain({"content": None})
    assert (reply.message.content, reply.finish_reason) == ((), FinishReason.STOP)


def test_half_characters_are_replaced() -> None:
    """A lone surrogate in a reply would break everyone behind us."""
    body = b'{"choices":[{"message":{"content":"a\\ud83d b"},"finish_reason":"stop"}]}'
    assert decode_response(body, provider="row", model="m", quirks=QUIRKS).message.text == "a\ufffd b"


def test_further_choices_are_named() -> None:
    """Only one answer is passed on; that there were more is said."""
    body = {"choices": [{"index": n, "message": {"content": str(n)}, "finish_reason": "stop"} for n in (0, 1)]}
    reply = decode_response(json.dumps(body).encode(), provider="row", model="m", quirks=QUIRKS)
    assert (reply.message.text, len(reply.warnings)) == ("0", 1)


def test_stream_ignores_further_choices() -> None:
    """Deltas of a second choice are not mixed into the first."""
    stream = decoder()
    stream.feed("message", json.dumps({"choices": [{"index": 1, "delta": {"content": "two"}}]}))
    stream.feed("message", chunk({"content": "one"}, "stop"))
    assert stream.reply().message.text == "one"
    assert len(stream.reply().warnings) == 1


def test_stream_skips_what_it_does_not_know() -> None:
    """Signs of life, another API's events, blank data, chunks without choices and all after the end."""
    stream = decoder()
    assert stream.feed("ping", "not json") == []
    assert stream.feed("thread.message.delta", chunk({"content": "x"}, "stop")) == []
    assert not stream.is_finished
    assert stream.feed("message", " ") == []
    assert stream.feed("message", '{"choices":null,"prompt_filter_results":[]}') == []
    assert stream.feed("message", '{"choices":[{"index":0,"finish_reason":"stop"}]}') == []
    assert (stream.is_finished, stream.is_done) == (True, False)
    assert stream.feed("message", "[DONE]") == []
    assert [stream.is_done, stream.feed("message", "not json")] == [True, []]


@pytest.mark.parametrize("name", ["chunk", "completion", "chat.completion.chunk", "data"])
def test_stream_events_are_read_under_any_name(name: str) -> None:
    """The dialect has no names, so OpenAI's SDK looks at none: a proxy that gives them some loses no answer."""
    stream = decoder()
    assert stream.feed(name, chunk({"content": "all"})) == [TextDelta(text="all")]
    stream.feed(name, chunk({}, "stop"))
    stream.feed(name, "[DONE]")
    assert (stream.is_done, stream.reply().message.text) == (True, "all")
    with pytest.raises(ProviderProtocolError, match="not a JSON object"):
        decoder().feed(name, '{"choices":[{"del')
    with pytest.raises(RateLimitExceededError):
        decoder().feed(name, '{"error":{"code":429,"message":"m"}}')


@pytest.mark.parametrize("data", ['{"choices":[{"del', "7", '"text"', "<html>"])
def test_stream_event_that_cannot_be_read_fails_it(data: str) -> None:
    """An unparseable data event means that content is lost."""
    with pytest.raises(ProviderProtocolError, match="not a JSON object"):
        decoder().feed("message", data)


@pytest.mark.parametrize("data", ['{"error":{"code":429,"message":"m"}}', '{"code":429,"message":"m"}'])
def test_stream_error_event_is_classified(data: str) -> None:
    """An event named `error` is one with or without the envelope."""
    with pytest.raises(RateLimitExceededError) as caught:
        decoder().feed("error", data)
    assert caught.value.upstream_status == 429


def test_stream_is_not_whole_without_a_finish_reason() -> None:
    """`[DONE]` alone proves nothing: a proxy writes it behind a cut answer, too."""
    stream = decoder()
    stream.feed("message", chunk({"content": "half"}))
    stream.feed("message", "[DONE]")
    with pytest.raises(ProviderProtocolError, match="without a finish reason"):
        stream.reply()


def test_stream_takes_a_whole_completion() -> None:
    """A server that cannot stream answers at once, and that counts."""
    stream = decoder()
    body = {"choices": [{"message": {"content": "all", "reasoning": "hm"}, "finish_reason": "stop"}]}
    assert stream.feed_whole(json.dumps(body).encode()) == [ReasoningDelta(text="hm"), TextDelta(text="all")]
    assert (stream.is_done, stream.is_finished) == (True, True)


def test_reasoning_details_are_put_together_by_number() -> None:
    """Fragments of one block grow it; another number or id begins a new one."""
    reply = fed(
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "a", "index": 0, "id": None}]},
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "b", "index": 0}, "odd"]},
        {"reasoning_details": [{"type": "reasoning.encrypted", "data": "E", "index": 0, "id": "x"}]},
        {"reasoning_details": [{"type": "reasoning.encrypted", "data": "F", "index": 0, "id": "y"}]},
        {"reasoning_details": [{"type": "reasoning.text", "text": "c"}]},
        {"reasoning_details": [{"type": "reasoning.text", "text": "d"}]},
    )
    (part,) = reply.message.content
    assert isinstance(part, ReasoningPart)
    assert part.text == "abcd"
    blocks = json.loads(part.signature or "")
    assert [block.get("summary") or block.get("data") or block.get("text") for block in blocks] == [
        "ab",
        "E",
        "F",
        "c",
        "d",
    ]


def test_model_list_is_read() -> None:
    """Ids in the vendor's order, oddities left out."""
    body = b'{"data":[{"id":"b"},{"id":"a"},{"id":""},{"x":1},7],"models":[]}'
    assert decode_model_list(body, provider="row") == ["b", "a"]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data":{}}', b"<html>"])
def test_model_list_of_another_shape_is_unreadable(body: bytes) -> None:
    """A page is no list of models."""
    with pytest.raises(LLMProviderError, match="list of models"):
        decode_model_list(body, provider="row")
