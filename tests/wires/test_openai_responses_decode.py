"""What is read from a plain reply of /responses, and from an odd or a hostile one?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.wires.openai_responses import StreamDecoder, decode_response, encode_request, read_usage
from contracts.calls import Reply
from contracts.chat import Conversation, FinishReason, Message, RawPart, ReasoningPart, Role, TextPart, ToolCallPart
from contracts.deltas import ReasoningDelta, TextDelta, ToolCallDelta
from contracts.errors import ContextLengthExceededError, LLMProviderError, ProviderProtocolError

TEXT = {"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}


def decoded(*output: Any, **fields: Any) -> Reply:
    body = {"id": "resp_1", "status": "completed", "output": list(output), **fields}
    return decode_response(json.dumps(body).encode(), provider="row", model="m")


def test_items_become_parts_in_order() -> None:
    """Each text is a part of its own; content of other kinds is kept as it is."""
    audio = {"type": "output_audio", "data": "aGk=", "level": 0.5}
    empty = [{"type": "output_text", "text": ""}, {"type": "refusal", "refusal": ""}, {"type": 7}, "text"]
    reply = decoded(
        {"type": "message", "content": [{"type": "output_text", "text": "a"}, audio, *empty]},
        {"type": "function_call", "call_id": "c", "name": "n", "arguments": "{}"},
        {"type": "message", "content": [{"type": "output_text", "text": "b"}]},
        {"type": "message", "content": None},
    )
    assert reply.message.content == (
        TextPart(text="a"),
        RawPart(provider="row", data=audio),
        ToolCallPart(id="c", name="n", arguments="{}"),
        TextPart(text="b"),
    )
    assert reply.finish_reason is FinishReason.TOOL_CALLS


def test_reasoning_goes_back_as_it_came() -> None:
    """The signature is the whole item, which the next request holds again."""
    item = {"id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": "gAAA", "odd": 0.10}
    message = decoded({**item, "status": None}, TEXT).message
    body = encode_request(Conversation(messages=(message,)), provider="row", model="m", stream=False).body
    assert json.loads(json.dumps(body["input"][0], default=float)) == item


def test_reasoning_text_of_open_models_is_read() -> None:
    """They give their thoughts as content; those go back too."""
    item = {"type": "reasoning", "summary": [{"text": "s"}, "odd", {"text": 1}], "content": [{"text": "c"}]}
    (part,) = decoded(item).message.content
    assert isinstance(part, ReasoningPart)
    assert (part.text, part.provider) == ("s\n\nc", "row")
    assert json.loads(part.signature or "") == item


def test_reasoning_that_cannot_go_back_is_text_only() -> None:
    """An id alone names nothing that the vendor kept; without text there is nothing at all."""
    shown = {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "s"}]}
    assert decoded(shown, {"id": "rs_2", "type": "reasoning", "summary": []}).message.content == (
        ReasoningPart(text="s", provider="row"),
    )


def test_tool_calls_are_read_without_an_id_and_with_an_object() -> None:
    """Some servers send no id, or the arguments themselves."""
    calls = [{"type": "function_call", "name": "n", "arguments": {"a": 1}}, {"type": "function_call", "name": "n"}]
    assert decoded(*calls).message.content == (
        ToolCallPart(id="call_resp_1_0", name="n", arguments='{"a":1}'),
        ToolCallPart(id="call_resp_1_1", name="n", arguments=""),
    )


def test_unknown_status_is_taken_as_completed() -> None:
    """With a warning, as no status at all."""
    for status in ("splendid", None):
        reply = decoded(TEXT, status=status)
        assert reply.finish_reason is FinishReason.STOP
        assert reply.warnings == ("row gave a status that is not known: taken as completed",)


def test_cut_answer_with_calls_says_that_it_was_cut() -> None:
    """The last call may be half of one."""
    call = {"type": "function_call", "call_id": "c", "name": "n", "arguments": '{"a'}
    reply = decoded(call, status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    assert reply.finish_reason is FinishReason.LENGTH


def test_model_and_counts_that_cannot_be_true_are_left_out() -> None:
    """The answer is still good."""
    reply = decoded(TEXT, model="näme", usage={"input_tokens": -1})
    assert (reply.model, reply.usage) == (None, None)
    assert reply.warnings == (
        "row named its model in a way that cannot be passed on: the one asked for is named",
        "the token counts of row cannot be true and were not taken",
    )


def test_counts_include_their_parts() -> None:
    """Cached and written tokens are within the input, reasoning within the output."""
    usage = read_usage(
        {
            "input_tokens": 10,
            "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2},
            "output_tokens": 5,
            "output_tokens_details": {"reasoning_tokens": 3},
            "total_tokens": 15,
        }
    )
    assert usage is not None
    assert (usage.input_tokens, usage.cached_input_tokens, usage.cache_write_tokens) == (10, 4, 2)
    assert (usage.output_tokens, usage.reasoning_tokens, usage.total_tokens) == (5, 3, 15)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"null",
        b"[]",
        b"{}",
        b'"text"',
        b"[" * 100_000,
        b'{"status":"completed"}',
        b'{"status":"completed","output":null}',
        b'{"status":"completed","output":{}}',
        b'{"status":"completed","output":[null]}',
        b'{"status":"completed","output":[{"type":null}]}',
        b'{"status":"completed","output":[{"type":"function_call","arguments":"{}"}]}',
        b'{"status":"completed","output":[{"type":"function_call","name":"n","arguments":{"a":NaN}}]}',
        b'{"status":"completed","output":[{"type":"web_search_call","a":1e999}]}',
        b'{"status":"in_progress","output":[]}',
    ],
)
def test_what_is_no_answer_is_a_protocol_error(body: bytes) -> None:
    """Nothing that cannot be read looks like an answer."""
    with pytest.raises(ProviderProtocolError):
        decode_response(body, provider="row", model="m")


def test_error_inside_a_200_is_classified() -> None:
    """As an error document or as a list around one."""
    error = {"error": {"code": "context_length_exceeded", "message": "too long"}}
    for document in (error, [error]):
        with pytest.raises(ContextLengthExceededError):
            decode_response(json.dumps(document).encode(), provider="row", model="m")


def test_failure_without_an_error_is_one() -> None:
    """A failed answer never becomes an empty one."""
    with pytest.raises(LLMProviderError, match="gave up"):
        decoded(status="failed")


def test_half_characters_are_mended() -> None:
    """A vendor may escape half a character, and nobody could send that on."""
    body = rb'{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"a\ud83d"}]}]}'
    assert decode_response(body, provider="row", model="m").message == Message(
        role=Role.ASSISTANT, content=(TextPart(text="a�"),)
    )


def test_whole_body_in_answer_to_a_stream_gives_its_deltas() -> None:
    """A server that does not know how to stream answers all at once."""
    items = [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "t"}]},
        TEXT,
        {"type": "function_call", "call_id": "c", "name": "n", "arguments": "{}"},
    ]
    body = json.dumps({"status": "completed", "output": items}).encode()
    decoder = StreamDecoder(provider="row", model="m")
    assert decoder.feed_whole(body) == [
        ReasoningDelta(text="t"),
        TextDelta(text="Hi"),
        ToolCallDelta(index=0, id="c", name="n", arguments="{}"),
    ]
    assert decoder.is_done
    assert decoder.reply() == decode_response(body, provider="row", model="m")
