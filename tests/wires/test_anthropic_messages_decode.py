"""Are odd replies and streams of /v1/messages understood, or refused as unreadable?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.wires.anthropic_messages import StreamDecoder, decode_model_list, decode_response
from app.wires.anthropic_messages.usage import read_usage
from contracts.calls import Reply
from contracts.chat import FinishReason, RawPart, TextPart, ToolCallPart
from contracts.deltas import ReasoningDelta, TextDelta, ToolCallDelta
from contracts.errors import LLMProviderError, ProviderProtocolError, ProviderUnavailableError


def message(*content: Any, stop: Any = "end_turn", **fields: Any) -> dict[str, Any]:
    return {"type": "message", "id": "msg_1", "model": "m", "content": list(content), "stop_reason": stop, **fields}


def decoded(body: Any) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return decode_response(data, provider="row", model="m")


def streamed(*events: dict[str, Any]) -> StreamDecoder:
    decoder = StreamDecoder(provider="row", model="m")
    for event in events:
        decoder.feed(event["type"], json.dumps(event))
    return decoder


@pytest.mark.parametrize(
    "body,fact",
    [
        (b" ", "an empty body"),
        (b"[", "not JSON"),
        ([], "without content"),
        (message() | {"content": None}, "without content"),
        (message("text"), "a content block that is none"),
        (message({"type": "tool_use", "id": "a", "input": {}}), "cannot be read"),
        (b'{"content":[{"type":"tool_use","name":"n","input":{"x":NaN}}]}', "cannot be read"),
        (b'{"content":[{"type":"odd","x":NaN}]}', "cannot be read"),
        (b'{"content":[{"type":"odd","x":1e999}]}', "cannot be read"),
        (message({"type": "text", "text": "a"}, stop=None), "without a stop reason"),
    ],
)
def test_body_that_is_no_message_is_refused(body: Any, fact: str) -> None:
    """As unreadable, without a word of the body."""
    with pytest.raises(ProviderProtocolError, match=fact):
        decoded(body)


def test_error_in_a_200_is_that_error() -> None:
    """A gateway may say so."""
    with pytest.raises(ProviderUnavailableError, match="overloaded_error"):
        decoded({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})


def test_half_characters_are_mended() -> None:
    """A vendor may escape half a character, and nobody could send that on."""
    reply = decoded(message({"type": "text", "text": "a\ud800"}, {"type": "odd", "x": ["\ud800"]}))
    assert reply.message.content == (
        TextPart(text="a\ufffd"),
        RawPart(provider="row", data={"type": "odd", "x": ["\ufffd"]}),
    )


@pytest.mark.parametrize(
    "stop,blocks,expected",
    [
        ("end_turn", [{"type": "tool_use", "id": "a", "name": "n", "input": {}}], FinishReason.TOOL_CALLS),
        ("tool_use", [{"type": "text", "text": "a"}], FinishReason.STOP),
        (7, [], FinishReason.STOP),
    ],
)
def test_finish_reason_is_what_it_was_in_truth(stop: Any, blocks: list[Any], expected: FinishReason) -> None:
    """Servers that copy the dialect end otherwise than they should."""
    assert decoded(message(*blocks, stop=stop)).finish_reason is expected


def test_tool_call_without_an_id_gets_one() -> None:
    """Unlike those of other turns."""
    calls = [{"type": "tool_use", "name": "n", "input": {}} for _ in range(2)]
    assert [call.id for call in decoded(message(*calls)).message.tool_calls] == ["call_msg_1_0", "call_msg_1_1"]


def test_empty_blocks_are_no_parts() -> None:
    """Neither text nor thoughts."""
    reply = decoded(message({"type": "text", "text": ""}, {"type": "thinking", "thinking": ""}))
    assert (reply.message.content, reply.usage) == ((), None)


def test_stream_yields_what_is_new() -> None:
    """Thoughts, text and calls by number; a signature and blocks of other kinds give nothing to show."""
    decoder = StreamDecoder(provider="row", model="m")

    def fed(**event: Any) -> list[Any]:
        return decoder.feed(event["type"], json.dumps(event))

    assert fed(type="message_start", message=message(stop=None)) == []
    assert fed(type="content_block_start", index=0, content_block={"type": "thinking", "thinking": "a"}) == [
        ReasoningDelta(text="a")
    ]
    assert fed(type="content_block_delta", index=0, delta={"type": "signature_delta", "signature": "s"}) == []
    assert fed(type="content_block_start", index=1, content_block={"type": "text", "text": "b"}) == [
        TextDelta(text="b")
    ]
    call = {"type": "tool_use", "id": "c", "name": "n", "input": {"x": 1}}
    assert fed(type="content_block_start", index=2, content_block=call) == [
        ToolCallDelta(index=0, id="c", name="n", arguments='{"x":1}')
    ]
    assert fed(type="content_block_stop", index=2) == []
    assert not decoder.is_finished
    assert fed(type="message_delta", delta={"stop_reason": None}) == []
    assert fed(type="message_delta", delta=None) == []
    assert fed(type="message_delta", delta={"stop_reason": "tool_use"}, usage=None) == []
    assert (decoder.is_finished, decoder.is_done) == (True, False)
    assert fed(type="message_stop") == []
    assert fed(type="content_block_stop", index=9) == []
    assert decoder.is_done
    assert decoder.reply().message.tool_calls == (ToolCallPart(id="c", name="n", arguments='{"x":1}'),)


def test_event_without_a_type_goes_by_its_name() -> None:
    """And one without a name by its type; what is unknown, empty or a ping is skipped, whatever it holds."""
    decoder = StreamDecoder(provider="row", model="m")
    decoder.feed("message_delta", '{"delta":{"stop_reason":"end_turn"}}')
    assert decoder.is_finished
    for event, data in (("ping", "{"), ("novelty", "["), ("message_stop", " "), ("message", '{"type":"ping"}')):
        assert decoder.feed(event, data) == []
    decoder.feed("message", '{"type":"message_stop"}')
    assert decoder.is_done


@pytest.mark.parametrize(
    "event",
    [
        {"type": "message_start"},
        {"type": "content_block_start", "index": 0},
        {"type": "content_block_start", "index": [0], "content_block": {"type": "text"}},
        {"type": "content_block_delta", "index": 0, "delta": {}},
        {"type": "content_block_delta", "index": {}, "delta": {}},
        {"type": "content_block_delta", "index": 0},
        {"type": "content_block_stop", "index": 3},
    ],
)
def test_stream_event_that_fits_nowhere_is_refused(event: dict[str, Any]) -> None:
    """The answer could not be whole."""
    with pytest.raises(ProviderProtocolError):
        streamed(event)


@pytest.mark.parametrize("data", ["{", "[]", "7"])
def test_stream_event_that_is_no_object_is_refused(data: str) -> None:
    """Without a word of it."""
    with pytest.raises(ProviderProtocolError, match="not a JSON object"):
        StreamDecoder(provider="row", model="m").feed("message_delta", data)


def test_stream_of_a_tool_with_odd_input_is_refused() -> None:
    """The vendor's own tools' input must be JSON that can go back."""
    begun = {"type": "content_block_start", "index": 0, "content_block": {"type": "server_tool_use"}}
    grown = {"type": "content_block_delta", "index": 0, "delta": {"partial_json": '{"x":NaN}'}}
    with pytest.raises(ProviderProtocolError, match="cannot be read"):
        streamed(begun, grown, {"type": "content_block_stop", "index": 0})


@pytest.mark.parametrize("event", [{"type": "error"}, {"type": "error", "error": {"type": "api_error"}}])
def test_error_event_fails_the_stream(event: dict[str, Any]) -> None:
    """Also one that says nothing more."""
    with pytest.raises(LLMProviderError, match="could not serve the request"):
        streamed(event)


def test_plain_message_in_place_of_a_stream_is_taken() -> None:
    """From a server that does not know how to stream."""
    decoder = StreamDecoder(provider="row", model="m")
    body = json.dumps(message({"type": "text", "text": "all"})).encode()
    assert decoder.feed_whole(body) == [TextDelta(text="all")]
    assert (decoder.is_done, decoder.is_finished, decoder.reply().message.text) == (True, True, "all")


@pytest.mark.parametrize(
    "usage",
    [
        {},
        {"input_tokens": 1},
        {"input_tokens": True, "output_tokens": 1},
        {"input_tokens": "1", "output_tokens": 1},
        {"input_tokens": 1, "output_tokens": 10**11},
        {"input_tokens": 1, "output_tokens": 1, "output_tokens_details": {"thinking_tokens": 2}},
        {"input_tokens": 1, "output_tokens": 1, "cache_read_input_tokens": -1},
    ],
)
def test_usage_that_cannot_be_true_is_none(usage: dict[str, Any]) -> None:
    """The engine estimates it then."""
    assert read_usage(usage) is None


def test_model_list_leaves_out_retired_models() -> None:
    """They stay listed, and calls of them fail."""
    entries = [{"id": "a", "lifecycle": "active"}, {"id": "b", "lifecycle": "retired"}, {"id": ""}, "c", {"id": "d"}]
    assert decode_model_list(json.dumps({"data": entries}).encode(), provider="row") == ["a", "d"]


@pytest.mark.parametrize("body", [b"[", b"[]", b'{"data":{}}'])
def test_model_list_that_is_none_is_refused(body: bytes) -> None:
    """A page or another API is not a list of models."""
    with pytest.raises(ProviderProtocolError, match="something else than a list of models"):
        decode_model_list(body, provider="row")
