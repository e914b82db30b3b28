"""What does each event of a /responses stream add, whoever sends it and in whichever order?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.wires.openai_responses import StreamDecoder
from contracts.chat import FinishReason, ReasoningPart, RefusalPart, TextPart, ToolCallPart
from contracts.deltas import Delta, ReasoningDelta, TextDelta, ToolCallDelta
from contracts.errors import ContextLengthExceededError, LLMProviderError, ProviderProtocolError

COMPLETED = {"type": "response.completed", "response": {"status": "completed"}}


def fed(decoder: StreamDecoder, *events: dict[str, Any]) -> list[Delta]:
    return [delta for event in events for delta in decoder.feed(event["type"], json.dumps(event))]


def decoder_of() -> StreamDecoder:
    return StreamDecoder(provider="row", model="m")


def delta(kind: str, text: str, **at: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}.delta", "delta": text, **at}


def added(item: dict[str, Any], **at: Any) -> dict[str, Any]:
    return {"type": "response.output_item.added", "item": item, **at}


def done(item: dict[str, Any], **at: Any) -> dict[str, Any]:
    return {"type": "response.output_item.done", "item": item, **at}


def completed(*output: dict[str, Any]) -> dict[str, Any]:
    return {"type": "response.completed", "response": {"status": "completed", "output": list(output)}}


def test_answer_is_put_together_where_the_end_holds_none() -> None:
    """A proxy may leave the output out of the last event: what was streamed is the answer."""
    decoder = decoder_of()
    deltas = fed(
        decoder,
        delta("reasoning_summary_text", "a", output_index=0, summary_index=0),
        delta("reasoning_summary_text", "b", output_index=0, summary_index=1),
        delta("output_text", "Hi", output_index=1, content_index=0),
        delta("refusal", "No", output_index=1, content_index=1),
        added({"type": "function_call", "call_id": "c", "name": "n"}, output_index=2),
        delta("function_call_arguments", "{}", output_index=2),
        COMPLETED,
    )
    assert deltas == [
        ReasoningDelta(text="a"),
        ReasoningDelta(text="\n\nb"),
        TextDelta(text="Hi"),
        TextDelta(text="No", is_refusal=True),
        ToolCallDelta(index=0, id="c", name="n"),
        ToolCallDelta(index=0, arguments="{}"),
    ]
    assert decoder.reply().message.content == (
        ReasoningPart(text="a\n\nb", provider="row"),
        TextPart(text="Hi"),
        RefusalPart(text="No"),
        ToolCallPart(id="c", name="n", arguments="{}"),
    )
    assert decoder.reply().warnings == ()


def test_items_are_told_apart_by_their_ids_alone() -> None:
    """llama.cpp numbers nothing, and ends a call under its call_id."""
    decoder = decoder_of()
    calls = [{"type": "function_call", "call_id": f"c{n}", "name": "n"} for n in range(2)]
    deltas = fed(
        decoder,
        added({**calls[0], "id": "i0"}),
        added({**calls[1], "id": "i1"}),
        delta("function_call_arguments", "1", item_id="i1"),
        delta("function_call_arguments", "0", item_id="i0"),
        done({**calls[1], "arguments": "11"}),
        done({**calls[0], "arguments": "00"}),
        completed({**calls[0], "arguments": "00"}, {**calls[1], "arguments": "11"}),
    )
    assert deltas[2:] == [
        ToolCallDelta(index=1, arguments="1"),
        ToolCallDelta(index=0, arguments="0"),
        ToolCallDelta(index=1, arguments="1"),
        ToolCallDelta(index=0, arguments="0"),
    ]
    assert [call.arguments for call in decoder.reply().message.tool_calls] == ["00", "11"]


def test_items_are_told_apart_by_their_number_where_ids_change() -> None:
    """Some proxies encrypt an item's id anew in each event."""
    decoder = decoder_of()
    deltas = fed(
        decoder,
        added({"type": "message", "id": "a"}, output_index=0),
        delta("output_text", "Hel", output_index=0, item_id="b"),
        delta("output_text", "lo", output_index=0, item_id="c"),
        completed({"type": "message", "id": "d", "content": [{"type": "output_text", "text": "Hello"}]}),
    )
    assert deltas == [TextDelta(text="Hel"), TextDelta(text="lo")]
    assert decoder.reply().message.text == "Hello"


def test_what_was_not_streamed_comes_with_the_end() -> None:
    """An item that is only done, or only in the last event, still gives its deltas."""
    decoder = decoder_of()
    call = {"type": "function_call", "call_id": "c", "name": "n", "arguments": "{}"}
    text = {"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}
    deltas = fed(decoder, done(call, output_index=0), completed(call, text, text))
    assert deltas == [
        ToolCallDelta(index=0, id="c", name="n", arguments="{}"),
        TextDelta(text="Hi"),
        TextDelta(text="Hi"),
    ]


def test_arguments_wait_for_their_call() -> None:
    """Nobody could say which tool they are for."""
    decoder = decoder_of()
    assert fed(decoder, delta("function_call_arguments", "{", item_id="i")) == []
    item = {"type": "function_call", "id": "i", "call_id": "c", "name": "n", "arguments": "{}"}
    assert fed(decoder, done(item)) == [ToolCallDelta(index=0, id="c", name="n", arguments="{}")]


def test_call_that_never_gets_a_name_fails_the_stream() -> None:
    """An answer without it would not be what the model said."""
    decoder = decoder_of()
    fed(decoder, delta("function_call_arguments", "{}"), COMPLETED)
    with pytest.raises(ProviderProtocolError, match="cannot be read"):
        decoder.reply()


def test_whole_answer_counts_where_it_differs() -> None:
    """What the vendor calls its answer is the answer, and the difference is named."""
    decoder = decoder_of()
    fed(
        decoder,
        delta("output_text", "Hello", output_index=0),
        completed({"type": "message", "content": [{"type": "output_text", "text": "Goodbye"}]}),
    )
    assert decoder.reply().message.text == "Goodbye"
    assert decoder.reply().warnings == ("the whole answer of row is not what it streamed: the whole was taken",)


def test_arguments_that_differ_are_named_too() -> None:
    """They are what a tool is called with."""
    decoder = decoder_of()
    call = {"type": "function_call", "call_id": "c", "name": "n"}
    fed(
        decoder,
        added(call, output_index=0),
        delta("function_call_arguments", "[1]", output_index=0),
        completed({**call, "arguments": "{}"}),
    )
    assert decoder.reply().message.tool_calls[0].arguments == "{}"
    assert len(decoder.reply().warnings) == 1


def test_end_of_the_stream_is_its_last_event() -> None:
    """Before it the answer is not whole; after it nothing counts."""
    decoder = decoder_of()
    fed(decoder, delta("output_text", "Hi"))
    assert (decoder.is_finished, decoder.is_done) == (False, False)
    with pytest.raises(ProviderProtocolError, match="without saying that it is whole"):
        decoder.reply()
    fed(decoder, COMPLETED)
    assert (decoder.is_finished, decoder.is_done) == (True, True)
    assert fed(decoder, delta("output_text", "!")) == []
    assert decoder.reply().message.text == "Hi"


def test_done_mark_of_another_dialect_ends_nothing_well() -> None:
    """A stream that only stops is cut."""
    decoder = decoder_of()
    assert decoder.feed("message", "[DONE]") == []
    assert decoder.is_done
    with pytest.raises(ProviderProtocolError):
        decoder.reply()


def test_status_of_the_response_wins_over_the_events_name() -> None:
    """A server may end every stream with one event."""
    decoder = decoder_of()
    cut = {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}
    fed(decoder, {"type": "response.completed", "response": cut})
    assert decoder.reply().finish_reason is FinishReason.CONTENT_FILTER


def test_event_name_says_the_status_where_the_response_does_not() -> None:
    """And a type the event where it has no name."""
    decoder = decoder_of()
    decoder.feed("message", json.dumps({"type": "response.incomplete", "response": {}}))
    assert decoder.reply().finish_reason is FinishReason.LENGTH
    nameless = decoder_of()
    nameless.feed("response.completed", json.dumps({"response": {}}))
    assert nameless.reply().finish_reason is FinishReason.STOP


def test_unknown_events_and_kinds_are_skipped() -> None:
    """What vendors add later breaks nothing."""
    decoder = decoder_of()
    deltas = fed(
        decoder,
        {"type": "ping"},
        {"type": "message"},
        {"type": "response.new_thing.delta", "delta": "x", "error": {"message": "not of the answer"}},
        {"type": "response.output_text.delta", "delta": 5},
        {"type": "response.created", "response": {"id": "resp_1", "model": "m-1"}},
        added({"type": "web_search_call", "id": "w"}, output_index=1),
    )
    assert deltas == []
    assert decoder.feed("message", " ") == []
    fed(decoder, COMPLETED)
    assert decoder.reply().model == "m-1"


@pytest.mark.parametrize(
    "event, data",
    [
        ("response.completed", "{"),
        ("response.completed", "[]"),
        ("response.completed", "{}"),
        ("response.created", '{"response":[]}'),
        ("response.output_item.added", "{}"),
        ("response.output_item.done", '{"item":{"type":1}}'),
        ("response.output_item.done", '{"item":{"type":"function_call","name":"n","arguments":{"a":NaN}}}'),
        ("response.completed", '{"response":{"output":[7]}}'),
    ],
)
def test_events_that_cannot_be_read_fail_the_stream(event: str, data: str) -> None:
    """A hole in an answer is never passed over."""
    with pytest.raises(ProviderProtocolError):
        decoder_of().feed(event, data)


@pytest.mark.parametrize(
    "event, data",
    [
        ("error", '{"type":"error","code":"context_length_exceeded","message":"m"}'),
        ("error", '{"type":"error","error":{"code":"context_length_exceeded"}}'),
        ("message", '{"error":{"code":"context_length_exceeded"}}'),
        ("response.failed", '{"response":{"status":"failed","error":{"code":"context_length_exceeded"}}}'),
    ],
)
def test_errors_in_a_stream_are_classified(event: str, data: str) -> None:
    """In each form in which they come."""
    with pytest.raises(ContextLengthExceededError):
        decoder_of().feed(event, data)


def test_error_event_that_says_nothing_is_still_an_error() -> None:
    """It is the vendor's fault until it says otherwise."""
    with pytest.raises(LLMProviderError, match="could not serve"):
        decoder_of().feed("error", "{}")
