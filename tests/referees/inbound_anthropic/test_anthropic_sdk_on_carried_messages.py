"""Does Anthropic's SDK read a vendor's relayed stream, and one that another vendor ended, as one message?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic import Anthropic
from anthropic.types import Message as SdkMessage

from app.providers.anthropic_dialect import AnthropicDialect
from app.wires.anthropic_messages import StreamDecoder, StreamEncoder
from app.wires.inbound import OWN_FIELD, ReplyNames, ServerEvent
from contracts.calls import Reply
from contracts.chat import FinishReason, Message, Part, RawPart, ReasoningPart, Role, TextPart, ToolCallPart, Usage
from contracts.deltas import Delta, ReasoningDelta, RelayedEvent, TextDelta, ToolCallDelta
from contracts.errors import LLMProviderError, LLMTimeoutError
from tests.referees.carried_on import carried_on, relayed_events, relayed_whole
from tests.referees.inbound_anthropic.test_inbound_anthropic import ANSWERS
from tests.wires.vendor_cases import GOLDEN, VENDORS

NAMES = ReplyNames(request_id="ours", model="ours", created=1)
ASK: dict[str, Any] = {"model": "m", "max_tokens": 64, "messages": [{"role": "user", "content": "Hi"}]}
USAGE = Usage(input_tokens=30, output_tokens=12, total_tokens=42, cached_input_tokens=10, cache_write_tokens=5)
Recorded = tuple[Sequence[RelayedEvent], Reply]


def recorded() -> dict[str, Recorded]:
    """Every whole stream of a vendor of this dialect."""
    found: dict[str, Recorded] = {}
    for name, vendor in VENDORS.items():
        for path in sorted((GOLDEN / name).glob("*.sse")):
            if isinstance(vendor.dialect, AnthropicDialect):
                decoder = StreamDecoder(provider=name, model="m")
                try:
                    found[f"{name}/{path.stem}"] = relayed_events(path, decoder), decoder.reply()
                except LLMProviderError:
                    continue
    return {**found, **{f"ours/{name}": rewritten(*ANSWERS[name]) for name in ("thoughts", "parallel calls")}}


def rewritten(reply: Reply, deltas: Iterable[Delta]) -> Recorded:
    """A stream as our own encoder writes it, and another service of ours relays it."""
    encoder, decoder = StreamEncoder(NAMES), StreamDecoder(provider="anthropic", model="m")
    sent = [*encoder.begin(), *(event for delta in deltas for event in encoder.feed(delta)), *encoder.end(reply)]
    events = [
        RelayedEvent(
            event=str(one.event),
            data=one.data,
            deltas=tuple(decoder.feed(str(one.event), one.data)),
            is_end=decoder.is_finished,
        )
        for one in sent
    ]
    return events, decoder.reply()


STREAMS = recorded()


def read(events: Iterable[ServerEvent]) -> SdkMessage:
    """What the SDK's stream helper gathers from them; their types must be those of its own."""
    body = "".join(f"event: {event.event}\ndata: {event.data}\n\n" for event in events).encode()

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    transport = httpx2.Client(transport=httpx2.MockTransport(answer))
    with (
        Anthropic(api_key="none", base_url="http://door", max_retries=0, http_client=transport) as client,
        client.messages.stream(**ASK) as stream,
    ):
        return stream.get_final_message()


def said(message: SdkMessage) -> dict[str, Any]:
    """What a caller goes by; a text, or a thought, is the same in one block and in two."""
    blocks = [block.to_dict() for block in message.content]
    return {
        "names": (message.id, message.model),
        "text": "".join(str(block["text"]) for block in blocks if block["type"] == "text"),
        "thoughts": "".join(str(block["thinking"]) for block in blocks if block["type"] == "thinking"),
        "calls": [(block["id"], block["name"], block["input"]) for block in blocks if block["type"] == "tool_use"],
        # What is in them no other vendor can say.
        "others": [block["type"] for block in blocks if block["type"] not in ("text", "thinking", "tool_use")],
        "ending": (message.stop_reason, message.stop_details and message.stop_details.explanation),
    }


def documents(events: Iterable[ServerEvent]) -> list[dict[str, Any]]:
    return [json.loads(event.data) for event in events]


def rest_of(events: Sequence[RelayedEvent], cut: int, reply: Reply) -> Reply:
    """The reply of a vendor that says what stands behind `cut`: thoughts and blocks of its own, the text of both."""
    begun = documents(ServerEvent(event.data) for event in events[:cut])
    heads = [one["content_block"]["type"] for one in begun if one["type"] == "content_block_start"]
    raw_before = sum(kind not in ("text", "thinking", "tool_use") for kind in heads)
    thought = "".join(
        delta.text for event in events[cut:] for delta in event.deltas if isinstance(delta, ReasoningDelta)
    )
    parts: list[Part] = [ReasoningPart(text=thought, signature="c2Vjb25k", provider="gemini")] if thought else []
    raw = [replace(one, provider="anthropic_messages") for one in reply.message.content if isinstance(one, RawPart)]
    others = [part for part in reply.message.content if not isinstance(part, RawPart | ReasoningPart)]
    message = Message(role=Role.ASSISTANT, content=(*parts, *others, *raw[raw_before:]))
    return replace(reply, message=message, usage=USAGE)


def check_order(events: Sequence[ServerEvent]) -> None:
    """One message: every block is begun once, in its place, grows while it is open, and is ended once."""
    written = documents(events)
    kinds = [one["type"] for one in written]
    assert [kinds.count(kind) for kind in ("message_start", "message_delta", "message_stop")] == [1, 1, 1]
    assert (kinds[0], kinds[-2:]) == ("message_start", ["message_delta", "message_stop"])
    open_blocks: set[int] = set()
    count = 0
    for one in written:
        match one:
            case {"type": "content_block_start", "index": index}:
                assert index == count
                count += 1
                open_blocks.add(index)
            case {"type": "content_block_delta", "index": index}:
                assert index in open_blocks
            case {"type": "content_block_stop", "index": index}:
                open_blocks.remove(index)
    assert not open_blocks


def test_streams_of_all_sorts_are_there() -> None:
    """Text, thoughts, calls, a refusal, and the vendor's own tools."""
    said_there = {delta.type for _, reply in STREAMS.values() for delta in reply.message.content}
    assert said_there == {"text", "reasoning", "tool_call", "refusal", "raw"}


@pytest.mark.parametrize("name", STREAMS)
def test_sdk_reads_one_message_wherever_the_vendor_broke_off(name: str) -> None:
    """Behind every event of every stream: the same content, names and ending, and the usage of the whole once."""
    events, reply = STREAMS[name]
    whole = said(read(relayed_whole(events, StreamEncoder(NAMES))))
    for cut in range(1, len(events) + 1):
        is_inside = cut <= sum(not event.is_end for event in events)
        sent = carried_on(events, cut, StreamEncoder(NAMES), rest_of(events, cut, reply))
        check_order(sent)
        message = read(sent)
        if is_inside:
            # A turn that its vendor paused was cut, where another ends it.
            ending = ("max_tokens", None) if name.endswith("paused") else whole["ending"]
            assert said(message) == {**whole, "ending": ending}, cut
        usage = message.usage
        counted = (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens)
        assert (*counted, usage.output_tokens) == (15, 10, 5, 12)


@pytest.mark.parametrize("name", STREAMS)
def test_whole_stream_is_relayed_as_it_came(name: str) -> None:
    """Every byte of every event, and nothing of ours."""
    events, _ = STREAMS[name]
    sent = relayed_whole(events, StreamEncoder(NAMES))
    assert [event.data for event in sent] == [event.data for event in events]


def event(kind: str, *deltas: Delta, is_end: bool = False, **fields: Any) -> RelayedEvent:
    return RelayedEvent(event=kind, data=json.dumps({"type": kind, **fields}), deltas=deltas, is_end=is_end)


def begun(index: int, **block: Any) -> RelayedEvent:
    return event("content_block_start", index=index, content_block=block)


def grown(index: int, kind: str, piece: str, *deltas: Delta) -> RelayedEvent:
    field = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}[kind]
    return event("content_block_delta", *deltas, index=index, delta={"type": kind, field: piece})


START = event("message_start", message={"id": "theirs", "model": "claude", "content": [], "usage": {}})
TEXT = (begun(0, type="text", text=""), grown(0, "text_delta", "Hel", TextDelta(text="Hel")))


def answer(*parts: Part, finish: FinishReason = FinishReason.STOP) -> Reply:
    return Reply(message=Message(role=Role.ASSISTANT, content=parts), finish_reason=finish, usage=USAGE)


def behind(relayed: Iterable[RelayedEvent], deltas: Iterable[Delta], reply: Reply) -> list[dict[str, Any]]:
    """What we write behind `relayed`."""
    encoder = StreamEncoder(NAMES)
    for one in relayed:
        encoder.follow(one)
    return documents([*(event for delta in deltas for event in encoder.feed(delta)), *encoder.end(reply)])


def told(written: Iterable[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(one["type"].removeprefix("content_block_"), one["index"]) for one in written if "index" in one]


def test_open_text_goes_on_in_its_block() -> None:
    """It is not begun again, and stopped once."""
    written = behind([START, *TEXT], [TextDelta(text="lo")], answer(TextPart(text="Hello")))
    assert told(written) == [("delta", 0), ("stop", 0)]


def test_open_thought_is_ended_and_the_next_vendor_thinks_in_its_own_block() -> None:
    """A signature is of the thoughts of one vendor; the first's, which it never signed, stay without one."""
    relayed = [START, begun(0, type="thinking", thinking="", signature=""), grown(0, "thinking_delta", "hm")]
    thought = ReasoningPart(text="so", signature="s", provider="gemini")
    deltas = [ReasoningDelta(text="so"), TextDelta(text="Hi")]
    written = behind(relayed, deltas, answer(thought, TextPart(text="Hi")))
    assert told(written)[:3] == [("stop", 0), ("start", 1), ("delta", 1)]
    assert [one["delta"] for one in written if "signature" in one.get("delta", ())] == [
        {"type": "signature_delta", "signature": "llm-service:gemini:s"}
    ]


def test_call_of_the_next_vendor_is_another_block() -> None:
    """It counts its calls from 0 again."""
    relayed = [
        START,
        begun(0, type="tool_use", id="c1", name="f", input={}),
        grown(0, "input_json_delta", "{}", ToolCallDelta(index=0, id="c1", name="f", arguments="{}")),
    ]
    deltas = [ToolCallDelta(index=0, id="c2", name="g"), ToolCallDelta(index=0, arguments='{"a":1}')]
    calls = [ToolCallPart(id="c2", name="g", arguments='{"a":1}')]
    written = behind(relayed, deltas, answer(*calls, finish=FinishReason.TOOL_CALLS))
    assert told(written) == [("stop", 0), ("start", 1), ("delta", 1), ("stop", 1)]
    assert written[1]["content_block"]["id"] == "c2"


def test_text_that_came_with_the_end_is_written_when_the_answer_goes_on() -> None:
    """The event was held back: without that the text between would be missing."""
    late = grown(0, "text_delta", "lo", TextDelta(text="lo"))
    written = behind([START, *TEXT, replace(late, is_end=True)], [], answer(TextPart(text="Hello")))
    assert written[0]["delta"] == {"type": "text_delta", "text": "lo"}


def test_relayed_stream_without_a_beginning_gets_one() -> None:
    """Whose names are ours then; a ping alone is no beginning."""
    written = behind([event("ping")], [TextDelta(text="Hi")], answer(TextPart(text="Hi")))
    assert [one["type"] for one in written[:2]] == ["message_start", "content_block_start"]
    assert written[0]["message"]["id"] == "msg_ours"


def test_relayed_stream_without_a_last_word_gets_one() -> None:
    """`message_stop`, once."""
    end = event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 1}, is_end=True)
    stop = event("message_stop", is_end=True)
    for events in ([START, end], [START, end, stop]):
        sent = relayed_whole(events, StreamEncoder(NAMES))
        assert [one.event for one in sent] == ["message_start", "message_delta", "message_stop"]


@pytest.mark.parametrize(
    "odd",
    [
        RelayedEvent(event="content_block_start", data="{"),
        RelayedEvent(event="content_block_start", data="[]"),
        event("content_block_start", content_block=5),
        event("content_block_start", content_block={"type": 5}),
        event("content_block_start", index=0, content_block={}),
        event("content_block_delta", index=7, delta={"type": "text_delta", "text": "x"}),
        event("content_block_delta", index=0, delta=None),
        event("content_block_stop", index=[]),
    ],
)
def test_odd_event_is_passed_over(odd: RelayedEvent) -> None:
    """The vendor's own decoder judges it; here nothing breaks, and the text goes on."""
    encoder = StreamEncoder(NAMES)
    assert encoder.passes(odd)
    written = behind([START, *TEXT, odd], [TextDelta(text="lo")], answer(TextPart(text="Hello")))
    assert told(written) == [("delta", 0), ("stop", 0)]


def test_block_without_a_number_is_the_next() -> None:
    """Some servers count nothing."""
    relayed = [START, event("content_block_start", content_block={"type": "text", "text": ""})]
    assert told(behind(relayed, [TextDelta(text="Hi")], answer(TextPart(text="Hi")))) == [("delta", 0), ("stop", 0)]


def test_own_object_stands_in_the_last_event_with_a_place_for_it() -> None:
    """The SDK keeps it there, and in its plain message."""
    encoder = StreamEncoder(NAMES)
    sent = [*encoder.begin(), *encoder.feed(TextDelta(text="Hi")), *encoder.end(answer(TextPart(text="Hi")), {"a": 1})]
    assert [one.get(OWN_FIELD) for one in documents(sent)][-2:] == [{"a": 1}, None]
    assert read(sent).content[0].to_dict()["text"] == "Hi"


def test_failure_behind_a_relayed_stream_is_raised() -> None:
    """As the SDK's error, and nothing that was held back is said."""
    encoder = StreamEncoder(NAMES)
    relayed = [START, *TEXT, event("message_delta", TextDelta(text="held"), delta={}, is_end=True)]
    for one in relayed:
        encoder.follow(one)
    failed = encoder.fail(LLMTimeoutError("late"))
    assert "held" not in failed[0].data
    with pytest.raises(anthropic.APIStatusError, match="late"):
        read([*(ServerEvent(one.data, event=one.event) for one in relayed[:3]), *failed])
