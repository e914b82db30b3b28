"""Does OpenAI's SDK read a vendor's relayed stream, and one that another vendor ended, as one and the same answer?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from openai.types.chat import ChatCompletion

from app.providers.openai_dialect import OpenAIDialect
from app.wires.inbound import ReplyNames, ServerEvent
from app.wires.json_text import load_json
from app.wires.openai_chat import StreamDecoder, StreamEncoder
from contracts.calls import Reply
from contracts.chat import FinishReason, Message, ReasoningPart, Role, TextPart
from contracts.deltas import Delta, RelayedEvent, TextDelta, ToolCallDelta
from contracts.errors import LLMProviderError, LLMTimeoutError
from tests.referees.carried_on import carried_on, relayed_events, relayed_whole, sdk_that_reads
from tests.wires.vendor_cases import GOLDEN, VENDORS

NAMES = ReplyNames(request_id="ours", model="ours", created=1)
Recorded = tuple[Sequence[RelayedEvent], Reply]


def recorded() -> dict[str, Recorded]:
    """Every whole stream of a vendor of this dialect."""
    found: dict[str, Recorded] = {}
    for name, vendor in VENDORS.items():
        for path in sorted((GOLDEN / name).glob("*.sse")):
            if isinstance(vendor.dialect, OpenAIDialect):
                decoder = StreamDecoder(provider=name, model="m", quirks=vendor.dialect.quirks)
                try:
                    found[f"{name}/{path.stem}"] = relayed_events(path, decoder), decoder.reply()
                except LLMProviderError:
                    continue
    return found


STREAMS = recorded()


def read(events: Iterable[ServerEvent]) -> ChatCompletion:
    """What the SDK's stream helper makes of them."""
    with (
        sdk_that_reads(events) as client,
        client.chat.completions.stream(model="m", messages=[], stream_options={"include_usage": True}) as stream,
    ):
        # Not `get_final_completion`, which raises where the answer was cut for its length.
        stream.until_done()
        return stream.current_completion_snapshot


def said(completion: ChatCompletion) -> dict[str, Any]:
    """What a caller goes by."""
    (choice,) = completion.choices
    message = choice.message
    extra = message.model_extra or {}
    return {
        "names": (completion.id, completion.model, completion.created, completion.system_fingerprint),
        "content": message.content or "",
        "refusal": message.refusal or "",
        "thoughts": [extra.get(name) or "" for name in ("reasoning_content", "reasoning")],
        "calls": [call.to_dict() for call in message.tool_calls or ()],
        "finish": choice.finish_reason,
    }


def usage(completion: ChatCompletion) -> tuple[int, int, int] | None:
    counts = completion.usage
    return None if counts is None else (counts.prompt_tokens, counts.completion_tokens, counts.total_tokens)


def chunks(events: Iterable[ServerEvent]) -> list[dict[str, Any]]:
    return [load_json(event.data) for event in events if event.data != "[DONE]"]


def test_streams_of_all_sorts_are_there() -> None:
    """Text, reasoning, calls and a refusal, of more than one vendor."""
    said_there = {delta.type for _, reply in STREAMS.values() for delta in reply.message.content}
    assert said_there == {"text", "reasoning", "tool_call", "refusal"}
    assert len({name.split("/")[0] for name in STREAMS}) > 3


@pytest.mark.parametrize("name", STREAMS)
def test_sdk_reads_one_answer_wherever_the_vendor_broke_off(name: str) -> None:
    """Behind every event of every stream: the same text, calls, names and finish, and the usage of the whole once."""
    events, reply = STREAMS[name]
    whole = read(relayed_whole(events, StreamEncoder(NAMES)))
    for cut in range(1, len(events) + 1):
        encoder = StreamEncoder(NAMES)
        sent = carried_on(events, cut, encoder, reply)
        if cut <= sum(not event.is_end for event in events):
            assert said(read(sent)) == said(whole), cut
        assert usage(read(sent)) == (
            reply.usage and (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.total_tokens)
        )
        written = chunks(sent)
        assert sum(isinstance(chunk.get("usage"), dict) for chunk in written) == (reply.usage is not None)
        assert len([1 for chunk in written for choice in chunk["choices"] if choice["finish_reason"]]) == 1
        assert [event.data for event in sent].count("[DONE]") == 1
        assert sent[-1].data == "[DONE]"


@pytest.mark.parametrize("name", STREAMS)
def test_whole_stream_is_relayed_as_it_came(name: str) -> None:
    """Every byte of every event, for a caller who asked for the usage."""
    events, _ = STREAMS[name]
    sent = relayed_whole(events, StreamEncoder(NAMES))
    assert [event.data for event in sent] == [event.data for event in events]


@pytest.mark.parametrize("name", STREAMS)
def test_usage_that_was_not_asked_for_is_withheld(name: str) -> None:
    """Only the chunk that says nothing else; the answer is the same."""
    events, _ = STREAMS[name]
    sent = relayed_whole(events, StreamEncoder(NAMES, wants_usage=False))
    left = [event.data for event in events if event.data not in {one.data for one in sent}]
    assert [(chunk["choices"], bool(chunk["usage"])) for chunk in map(load_json, left)] == [([], True)] * len(left)
    assert said(read(sent)) == said(read(relayed_whole(events, StreamEncoder(NAMES))))


def chunk(delta: dict[str, Any] | None, *deltas: Delta, is_end: bool = False, **fields: Any) -> RelayedEvent:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": "stop" if is_end else None}]
    data = {"id": "theirs", "object": "chat.completion.chunk", "created": 7, "model": "gpt", "choices": choices}
    return RelayedEvent(event="message", data=json.dumps({**data, **fields}), deltas=deltas, is_end=is_end)


def answer(text: str, *parts: Any) -> Reply:
    message = Message(role=Role.ASSISTANT, content=(*parts, TextPart(text=text)))
    return Reply(message=message, finish_reason=FinishReason.STOP)


def test_text_that_came_with_the_end_is_written_when_the_answer_goes_on() -> None:
    """The event was held back: without that the text between would be missing."""
    events = [
        chunk({"role": "assistant", "content": "a"}, TextDelta(text="a")),
        chunk({"content": "b"}, TextDelta(text="b"), is_end=True),
    ]
    more = [*events, chunk({"content": "c"}, TextDelta(text="c"))]
    assert said(read(carried_on(more, 2, StreamEncoder(NAMES), answer("abc"))))["content"] == "abc"
    assert said(read(carried_on(events, 2, StreamEncoder(NAMES), answer("ab"))))["content"] == "ab"


def test_stream_of_which_nothing_but_the_end_came_is_begun_by_us() -> None:
    """Then the names are ours, too."""
    events = [chunk({"role": "assistant", "content": "b"}, TextDelta(text="b"), is_end=True)]
    completion = read(carried_on(events, 1, StreamEncoder(NAMES), answer("b")))
    assert (completion.id, completion.choices[0].message.content) == ("chatcmpl-ours", "b")
    encoder = StreamEncoder(NAMES)
    encoder.follow(events[0])
    completion = read(encoder.end(answer("b")))
    message = completion.choices[0].message
    assert (completion.id, message.role, message.content) == ("chatcmpl-ours", "assistant", "b")


def test_names_are_the_first_that_were_said() -> None:
    """Azure begins with a chunk about the prompt, which names nothing; the role is said where nobody has."""
    events = [
        chunk(None, id="", model="", created=0, prompt_filter_results=[]),
        chunk({"content": "a"}, TextDelta(text="a"), system_fingerprint="fp"),
    ]
    sent = carried_on(events, 2, StreamEncoder(NAMES), answer("a"))
    last = chunks(sent)[-1]
    assert [last[name] for name in ("id", "model", "created", "system_fingerprint")] == ["theirs", "gpt", 7, "fp"]
    assert [one["choices"][0]["delta"].get("role") for one in chunks(sent)[2:-1]] == ["assistant", None]


@pytest.mark.parametrize("nameless", [0, 1, 7, 8, 20])
def test_names_are_found_however_late_they_are_said(nameless: int) -> None:
    """Those of the first chunk that has an id, whatever the others say before it and after it."""
    text = TextDelta(text="a")
    events = [
        *[chunk({"content": "a"}, text, id="", model="early") for _ in range(nameless)],
        chunk({"content": "a"}, text, id="first", model="m1"),
        *[chunk({"content": "a"}, text, id="later", model="m2") for _ in range(20)],
    ]
    last = chunks(carried_on(events, len(events), StreamEncoder(NAMES), answer("a")))[-1]
    assert (last["id"], last["model"]) == ("first", "m1")


def test_call_of_the_next_vendor_is_another_call() -> None:
    """It counts from 0 again, and the SDK finds calls by their place."""
    first = ToolCallDelta(index=0, id="c1", name="f", arguments="{}")
    call = {"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    encoder = StreamEncoder(NAMES)
    encoder.follow(chunk({"role": "assistant", "tool_calls": [call]}, first))
    written = [
        chunks(encoder.feed(delta))[0]["choices"][0]["delta"]["tool_calls"][0]
        for delta in (ToolCallDelta(index=0, id="c2", name="g"), ToolCallDelta(index=0, arguments="{}"))
    ]
    assert [(one["index"], one.get("id"), one["function"]["arguments"]) for one in written] == [
        (1, "c2", ""),
        (1, None, "{}"),
    ]


def test_call_goes_on_in_the_place_that_its_vendor_gave_it() -> None:
    """Some count from 1."""
    call = {"index": 1, "id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}
    encoder = StreamEncoder(NAMES)
    encoder.follow(chunk({"tool_calls": [call]}, ToolCallDelta(index=0, id="c1", name="f")))
    (rest,) = [one for one in chunks(encoder.feed(ToolCallDelta(index=0, arguments="{}"))) if one["choices"]][-1:]
    assert rest["choices"][0]["delta"]["tool_calls"] == [{"index": 1, "function": {"arguments": "{}"}}]


def test_call_in_the_older_form_goes_on_in_it() -> None:
    """Its name was said already."""
    encoder = StreamEncoder(NAMES, has_functions=True)
    older = {"role": "assistant", "function_call": {"name": "f", "arguments": ""}}
    encoder.follow(chunk(older, ToolCallDelta(index=0, id="call_0", name="f")))
    (rest,) = chunks(encoder.feed(ToolCallDelta(index=0, arguments="{}")))
    assert rest["choices"][0]["delta"] == {"function_call": {"arguments": "{}"}}


def test_signed_blocks_of_two_vendors_are_not_mixed() -> None:
    """The SDK would add the second's to the first's."""
    block = {"type": "reasoning.text", "text": "hm", "index": 0}
    thought = ReasoningPart(text="so", signature="s", provider="anthropic")
    for details, count in (([block], 0), ([], 1)):
        encoder = StreamEncoder(NAMES)
        fields = {"reasoning_details": details} if details else {}
        encoder.follow(chunk({"role": "assistant", "content": "a", **fields}, TextDelta(text="a")))
        finish = chunks(encoder.end(answer("a", thought)))[0]
        assert len(finish["choices"][0]["delta"].get("reasoning_details", [])) == count


def test_stream_without_a_last_word_gets_one() -> None:
    """`[DONE]`, once."""
    end = chunk({}, is_end=True)
    done = RelayedEvent(event="message", data="[DONE]", is_end=True)
    for events in ([end], [end, done]):
        assert [event.data for event in relayed_whole(events, StreamEncoder(NAMES))] == [end.data, "[DONE]"]


@pytest.mark.parametrize(
    "data", ["{", "[]", '{"usage"', '"usage"', '{"id":"a","choices":[{"delta":{"tool_calls":5}}]}']
)
def test_odd_event_is_passed_over(data: str) -> None:
    """The vendor's own decoder judges it; here nothing breaks."""
    encoder = StreamEncoder(NAMES, wants_usage=False)
    event = RelayedEvent(event="message", data=data, deltas=(ToolCallDelta(index=0, id="c", name="f"),))
    encoder.follow(event)
    assert encoder.passes(event)
    assert encoder.feed(TextDelta(text="a"))


def test_failure_behind_a_relayed_stream_is_raised() -> None:
    """As the SDK's error, and nothing that was held back is said."""
    encoder = StreamEncoder(NAMES)
    encoder.follow(chunk({"content": "held"}, TextDelta(text="held"), is_end=True))
    (event,) = encoder.fail(LLMTimeoutError("late"))
    assert "held" not in event.data
    assert load_json(event.data)["error"]["code"] == "timeout"
