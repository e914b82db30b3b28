"""Is a reply of Ollama understood, line by line and whole alike?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wires.ollama import StreamDecoder, decode_model_list, decode_response, read_usage
from contracts.calls import Reply
from contracts.chat import FinishReason, TextPart, Usage
from contracts.deltas import ReasoningDelta, TextDelta, ToolCallDelta
from contracts.errors import ContextLengthExceededError, ProviderProtocolError, ProviderUnavailableError

END: dict[str, Any] = {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"}


def line(**message: Any) -> dict[str, Any]:
    return {"created_at": "2026-11-21T12:00:00.5Z", "message": {"role": "assistant", **message}, "done": False}


def read(*lines: Any) -> tuple[list[Any], Reply]:
    decoder = StreamDecoder(provider="row", model="m")
    deltas = [delta for one in lines for delta in decoder.feed("message", json.dumps(one))]
    return deltas, decoder.reply()


def whole(body: Any) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return decode_response(data, provider="row", model="m")


def test_stream_ends_with_the_line_that_is_done() -> None:
    """Nothing is read after it; until then there is no reply."""
    decoder = StreamDecoder(provider="row", model="m")
    assert decoder.feed("message", json.dumps(line(content="a"))) == [TextDelta(text="a")]
    assert not decoder.is_finished
    with pytest.raises(ProviderProtocolError, match="row ended its answer without a finish reason"):
        decoder.reply()
    decoder.feed("message", json.dumps(END))
    assert decoder.is_finished
    assert decoder.is_done
    assert decoder.feed("message", "rubbish") == []
    assert decoder.reply().message.content == (TextPart(text="a"),)


def test_unknown_events_and_lines_are_skipped() -> None:
    """A later version may say more."""
    decoder = StreamDecoder(provider="row", model="m")
    assert decoder.feed("ping", "{}") == []
    assert decoder.feed("message", " ") == []
    assert decoder.feed("message", '{"status": "loading", "error": null}') == []
    decoder.feed("message", json.dumps(END))
    assert decoder.reply().finish_reason is FinishReason.STOP


def test_deltas_come_in_the_order_of_thought_text_and_calls() -> None:
    """What one line holds is told apart."""
    call = {"id": "c", "function": {"name": "price", "arguments": {"a": 1}}}
    deltas, reply = read(line(content="b", thinking="a", tool_calls=[call]), END)
    assert deltas == [
        ReasoningDelta(text="a"),
        TextDelta(text="b"),
        ToolCallDelta(index=0, id="c", name="price", arguments='{"a":1}'),
    ]
    assert [part.type for part in reply.message.content] == ["reasoning", "text", "tool_call"]
    assert reply.finish_reason is FinishReason.TOOL_CALLS


def test_tool_calls_get_ids_that_are_unlike() -> None:
    """Of the moment and the number where Ollama gives none, or one twice."""
    function = {"function": {"name": "a", "arguments": {}}}
    given_twice = {"id": "x", **function}
    _, reply = read(line(tool_calls=[function, function, given_twice, given_twice]), END)
    assert [call.id for call in reply.message.tool_calls] == [
        "call_20261121T1200005Z_0",
        "call_20261121T1200005Z_1",
        "x",
        "call_20261121T1200005Z_3",
    ]
    _, reply = read({"message": {"tool_calls": [function]}}, END)
    assert reply.message.tool_calls[0].id == "call__0"


@pytest.mark.parametrize(
    "arguments,text",
    [("{}", "{}"), ('{"n":12345678901234567890.10}', '{"n":12345678901234567890.10}'), ('"{}"', "{}"), ("null", "{}")],
)
def test_arguments_become_text_with_every_digit(arguments: str, text: str) -> None:
    """Objects are written as they came; a server that sends text is believed."""
    body = f'{{"message":{{"tool_calls":[{{"function":{{"name":"a","arguments":{arguments}}}}}]}},"done":true}}'
    assert whole(body.encode()).message.tool_calls[0].arguments == text


@pytest.mark.parametrize(
    "calls", ["a", ["a"], [{}], [{"function": {"name": ""}}], [{"function": {"name": "a", "arguments": [1]}}]]
)
def test_tool_calls_of_another_shape_are_unreadable(calls: Any) -> None:
    """A call that cannot be made must not look like one."""
    with pytest.raises(ProviderProtocolError, match="row answered with tool calls that cannot be read"):
        read(line(tool_calls=calls))


@pytest.mark.parametrize("reason,finish", [("stop", FinishReason.STOP), ("length", FinishReason.LENGTH)])
def test_finish_reasons_are_ours(reason: str, finish: FinishReason) -> None:
    """A cut answer says so."""
    reply = whole({**END, "done_reason": reason})
    assert reply.finish_reason is finish
    assert reply.warnings == ()


@pytest.mark.parametrize("reason", [None, "", "tired", 7])
def test_finish_reason_that_is_not_known_is_named(reason: Any) -> None:
    """The answer is whole, for it is done."""
    reply = whole({**END, "done_reason": reason})
    assert reply.finish_reason is FinishReason.STOP
    assert reply.warnings == ("row gave no finish reason that is known: taken as stop",)


@pytest.mark.parametrize("reason", ["load", "unload"])
def test_reply_that_generated_nothing_is_no_answer(reason: str) -> None:
    """Ollama says so when it only moved the model."""
    with pytest.raises(ProviderUnavailableError, match=f"row {reason}ed the model and generated nothing"):
        whole({**END, "done_reason": reason})


@pytest.mark.parametrize(
    "body,fact",
    [
        (b"", "answered with an empty body"),
        (b"<html>", "answered with a body that is not JSON"),
        (b"[]", "sent something that is not a JSON object"),
        (b"{}", "ended its answer without a finish reason"),
        ({"response": "a", "done": True}, "answered without a message"),
        ({**END, "message": {"content": ["a"]}}, "answered with content that is not text"),
        ({**END, "message": {"thinking": 1}}, "answered with thinking that is not text"),
        ({**END, "done": False}, "ended its answer without a finish reason"),
    ],
)
def test_body_of_another_shape_is_unreadable(body: Any, fact: str) -> None:
    """The error tells what is wrong and holds nothing of the body."""
    with pytest.raises(ProviderProtocolError) as caught:
        whole(body)
    assert str(caught.value) == f"row {fact}"
    assert caught.value.upstream_status == 200


def test_line_that_is_not_json_is_unreadable() -> None:
    """The error does not hold the line."""
    decoder = StreamDecoder(provider="row", model="m")
    with pytest.raises(ProviderProtocolError, match=r"^row sent a stream event that is not a JSON object$") as caught:
        decoder.feed("message", "secret {")
    assert caught.value.__cause__ is None


def test_error_inside_a_stream_is_raised() -> None:
    """The status is 200 by then; one that the line itself names is taken."""
    decoder = StreamDecoder(provider="row", model="m")
    with pytest.raises(ProviderUnavailableError, match=r"row could not serve the request \(200\)"):
        decoder.feed("message", '{"error": "the model runner has stopped"}')
    with pytest.raises(ContextLengthExceededError, match=r"\(400\)"):
        decoder.feed("message", '{"error": "the input length exceeds the context length", "status": 400}')


def test_plain_answer_in_place_of_a_stream_is_taken() -> None:
    """A server that cannot stream answers whole."""
    decoder = StreamDecoder(provider="row", model="m")
    body = json.dumps({**line(content="a"), "done": True, "done_reason": "stop", "model": "n"}).encode()
    assert decoder.feed_whole(body) == [TextDelta(text="a")]
    assert decoder.is_done
    assert decoder.reply().model == "n"


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=8))
def test_stream_says_what_the_plain_reply_says(texts: list[str]) -> None:
    """However the text is cut."""
    _, streamed = read(*(line(content=text) for text in texts), END)
    assert streamed == whole({**END, "message": {"role": "assistant", "content": "".join(texts)}})


def test_half_characters_are_mended() -> None:
    """A lone surrogate could be sent to nobody."""
    assert whole(b'{"message":{"content":"a\\ud83d"},"done":true,"done_reason":"stop"}').message.text == "a\ufffd"


@pytest.mark.parametrize(
    "counts,usage",
    [
        ({"prompt_eval_count": 5, "eval_count": 2}, Usage(input_tokens=5, output_tokens=2, total_tokens=7)),
        ({"prompt_eval_count": 5}, Usage(input_tokens=5, total_tokens=5)),
        (
            {"prompt_eval_count": 5, "eval_count": 2, "prompt_eval_cached_count": 4},
            Usage(input_tokens=5, output_tokens=2, total_tokens=7, cached_input_tokens=4),
        ),
        ({"eval_count": 2}, None),
        ({"prompt_eval_count": 5, "prompt_eval_cached_count": 6}, None),
        ({"prompt_eval_count": -1}, None),
        ({"prompt_eval_count": True}, None),
        ({"prompt_eval_count": "5"}, None),
        ({"prompt_eval_count": 5, "eval_count": 10**11}, None),
    ],
)
def test_usage_is_what_can_be_true(counts: dict[str, Any], usage: Usage | None) -> None:
    """The cached part is inside the whole; a prompt that was not counted leaves nothing to report."""
    assert read_usage(counts) == usage


def test_usage_that_cannot_be_true_is_named() -> None:
    """The answer is still good."""
    reply = whole(json.dumps({**END, "prompt_eval_count": 1.5}).encode())
    assert reply.usage is None
    assert reply.warnings == ("the token counts of row cannot be true and were not taken",)
    assert whole(END).warnings == ()


def test_models_are_those_that_were_pulled() -> None:
    """By their names, in Ollama's order."""
    entries = [{"name": "a:latest", "model": "a:latest"}, {"name": "b"}, {"name": 3}, "c", {}]
    assert decode_model_list(json.dumps({"models": entries}).encode(), provider="row") == ["a:latest", "b"]


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"models": 1}'])
def test_something_else_than_models_is_unreadable(body: bytes) -> None:
    """A page or another server's list is not taken for an empty one."""
    with pytest.raises(ProviderProtocolError, match="row answered with something else than a list of models"):
        decode_model_list(body, provider="row")
