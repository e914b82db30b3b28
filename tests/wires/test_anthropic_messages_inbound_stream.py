"""Is our streamed answer what a caller of Anthropic's dialect gathers a message from?"""

from __future__ import annotations

import json
from typing import Any

from app.wires.anthropic_messages import StreamDecoder, StreamEncoder, decode_request, encode_error
from app.wires.inbound import ReplyNames
from contracts.calls import Reply
from contracts.chat import (
    FinishReason,
    Message,
    Part,
    RawPart,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    Usage,
)
from contracts.deltas import Delta, ReasoningDelta, TextDelta, ToolCallDelta
from contracts.errors import LLMTimeoutError

NAMES = ReplyNames(request_id="r1", model="m", created=1)


def reply(*parts: Part, finish: FinishReason = FinishReason.STOP, usage: Usage | None = None) -> Reply:
    return Reply(message=Message(role=Role.ASSISTANT, content=parts), finish_reason=finish, usage=usage)


def events(answer: Reply, *deltas: Delta, provider: str = "anthropic_messages") -> list[dict[str, Any]]:
    encoder = StreamEncoder(NAMES, provider=provider)
    sent = [*encoder.begin(), *(event for delta in deltas for event in encoder.feed(delta)), *encoder.end(answer)]
    documents = [json.loads(event.data) for event in sent]
    assert [event.event for event in sent] == [document["type"] for document in documents]
    return documents


def told(documents: list[dict[str, Any]]) -> list[str]:
    """Each event of a block as `number kind piece`."""
    lines = []
    for one in documents:
        if one["type"] == "content_block_start":
            lines.append(f"{one['index']} {one['content_block']['type']}")
        elif one["type"] == "content_block_delta":
            lines.append(f"{one['index']} + {next(v for k, v in one['delta'].items() if k != 'type')}")
        elif one["type"] == "content_block_stop":
            lines.append(f"{one['index']} end")
    return lines


def test_stream_of_text_begins_grows_and_ends() -> None:
    """With the events, in the order and with the fields, that SDKs gather a message from."""
    usage = Usage(input_tokens=3, output_tokens=2, total_tokens=5)
    sent = events(
        reply(TextPart(text="Hi!"), usage=usage), TextDelta(text="Hi"), TextDelta(text=""), TextDelta(text="!")
    )
    none = {"input_tokens": 0, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 0}
    ending = {"stop_reason": None, "stop_sequence": None, "stop_details": None}
    head = {"id": "msg_r1", "type": "message", "role": "assistant", "model": "m", "content": []}
    assert sent == [
        {"type": "message_start", "message": {**head, **ending, "usage": none}},
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "text", "text": "", "citations": None},
        },
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "!"}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {**ending, "stop_reason": "end_turn"},
            "usage": {**none, "input_tokens": 3, "output_tokens": 2},
        },
        {"type": "message_stop"},
    ]


def call(index: int, arguments: str = "", *, begins: bool = False) -> ToolCallDelta:
    name = "look" if begins else None
    return ToolCallDelta(index=index, id=f"id{index}" if begins else None, name=name, arguments=arguments)


def test_blocks_of_a_stream_follow_one_another() -> None:
    """Each ends before the next begins, as with the vendor itself."""
    sent = events(
        reply(finish=FinishReason.TOOL_CALLS),
        TextDelta(text="Looking."),
        call(0, begins=True),
        call(0, '{"a"'),
        call(0, ":1}"),
        call(1, "{}", begins=True),
        TextDelta(text="So."),
    )
    assert told(sent) == [
        "0 text",
        "0 + Looking.",
        "0 end",
        "1 tool_use",
        '1 + {"a"',
        "1 + :1}",
        "1 end",
        "2 tool_use",
        "2 + {}",
        "2 end",
        "3 text",
        "3 + So.",
        "3 end",
    ]


def test_fragments_of_parallel_calls_never_mix() -> None:
    """One waits while the arguments before it are not whole; what never becomes whole goes out at the end."""
    sent = events(
        reply(finish=FinishReason.TOOL_CALLS),
        call(0, begins=True),
        call(1, begins=True),
        call(1, '{"b'),
        call(0, '{"a":{}'),
        call(1, '":2'),
        call(0, "}"),
        call(2, "{}", begins=True),
        call(1, "!"),
    )
    assert told(sent) == [
        "0 tool_use",
        '0 + {"a":{}',
        "0 + }",
        "0 end",
        "1 tool_use",
        '1 + {"b',
        '1 + ":2',
        "1 + !",
        "2 tool_use",
        "2 + {}",
        "1 end",
        "2 end",
    ]


def test_call_without_arguments_is_an_empty_object() -> None:
    """The dialect streams no text at all for one; a call that nobody named gets an id."""
    sent = events(reply(finish=FinishReason.TOOL_CALLS), call(0, begins=True), call(1))
    heads = [one["content_block"] for one in sent if one["type"] == "content_block_start"]
    assert [(head["id"], head["input"]) for head in heads] == [("id0", {}), ("call_r1_1", {})]
    assert told(sent) == ["0 tool_use", "1 tool_use", "0 end", "1 end"]


def test_signature_of_a_thought_comes_with_its_end() -> None:
    """It is known with the whole answer only, so no block ends before; those of other rows carry their name."""
    thought = ReasoningPart(text="hm", signature="s", provider="other")
    again = ReasoningPart(text="so", provider="other")
    sent = events(
        reply(thought, TextPart(text="Hi"), again),
        ReasoningDelta(text="h"),
        ReasoningDelta(text="m"),
        TextDelta(text="Hi"),
        ReasoningDelta(text="so"),
    )
    assert told(sent) == [
        "0 thinking",
        "0 + h",
        "0 + m",
        "1 text",
        "1 + Hi",
        "2 thinking",
        "2 + so",
        "0 + llm-service:other:s",
        "0 end",
        "1 end",
        "2 end",
    ]


def test_parts_without_deltas_come_last() -> None:
    """Hidden thoughts and the vendor's own blocks; what no client of the dialect can read does not."""
    hidden = {"type": "redacted_thinking", "data": "d"}
    sent = events(
        reply(
            ReasoningPart(signature="s", provider="row"),
            RawPart(provider="row", data=hidden),
            RawPart(provider="gemini", data={}),
            TextPart(text="Hi"),
        ),
        TextDelta(text="Hi"),
        provider="row",
    )
    heads = [one["content_block"] for one in sent if one["type"] == "content_block_start"]
    assert heads[1:] == [{"type": "thinking", "thinking": "", "signature": "s"}, hidden]
    assert told(sent)[-3:] == ["0 end", "1 end", "2 end"]


def test_refusal_of_a_stream_stands_in_its_ending() -> None:
    """Its words come whole, in the last event but one."""
    answer = reply(RefusalPart(text="No."), finish=FinishReason.CONTENT_FILTER)
    sent = events(answer, TextDelta(text="No", is_refusal=True), TextDelta(text=".", is_refusal=True))
    assert [one["type"] for one in sent] == ["message_start", "message_delta", "message_stop"]
    assert sent[1]["delta"]["stop_details"]["explanation"] == "No."


def test_empty_stream_is_an_empty_message() -> None:
    """It begins and ends, and our own decoder reads an answer without parts."""
    encoder = StreamEncoder(NAMES)
    decoder = StreamDecoder(provider="row", model="m")
    for event in encoder.begin() + encoder.end(reply(finish=FinishReason.LENGTH)):
        decoder.feed(event.event or "", event.data)
    assert decoder.reply().message.content == ()
    assert decoder.reply().finish_reason is FinishReason.LENGTH


def test_stream_that_fails_says_so_in_band() -> None:
    """By an `error` event with the same document as a plain error."""
    encoder = StreamEncoder(NAMES)
    encoder.begin()
    error = LLMTimeoutError("openai gave no token in 15.0 s", provider="openai")
    (event,) = encoder.fail(error)
    assert event.event == "error"
    assert json.loads(event.data) == encode_error(error)[1]


def test_signature_of_a_call_comes_back_before_it() -> None:
    """In a stream it is known when the call has gone out: it follows, and names the call that it belongs to."""
    signed = ReasoningPart(signature="c2ln", provider="a@row:1")
    said = TextPart(text="So.")
    first = ToolCallPart(id="call/1@x", name="look", arguments="{}")
    second = ToolCallPart(id="two", name="look", arguments="{}")
    answer = reply(said, ReasoningPart(text="hm"), signed, first, second, finish=FinishReason.TOOL_CALLS)
    deltas = [
        ToolCallDelta(index=at, id=one.id, name=one.name, arguments="{}") for at, one in enumerate((first, second))
    ]
    sent = events(answer, TextDelta(text="So."), ReasoningDelta(text="hm"), *deltas)
    blocks = [one["content_block"] for one in sent if one["type"] == "content_block_start"]
    assert [block["type"] for block in blocks] == ["text", "thinking", "tool_use", "tool_use", "thinking"]
    assert blocks[-1]["signature"] == "llm-service:a%40row%3A1@call%2F1%40x:c2ln"
    blocks[0]["text"], blocks[1]["thinking"] = "So.", "hm"
    thought = ReasoningPart(text="hm", provider="anthropic_messages")
    assert read_back(blocks) == (said, thought, signed, first, second)
    # Without its call it stays where it is.
    assert read_back([*blocks[:2], *blocks[3:]]) == (said, thought, second, signed)


def test_signature_of_a_text_stays_behind_it() -> None:
    """It names no call, and its vendor takes it at the end of a turn as well."""
    signed = ReasoningPart(signature="c2ln", provider="gemini")
    sent = events(reply(signed, TextPart(text="Hi")), TextDelta(text="Hi"))
    blocks = [one["content_block"] for one in sent if one["type"] == "content_block_start"]
    assert blocks[-1]["signature"] == "llm-service:gemini:c2ln"
    assert read_back([{"type": "text", "text": "Hi"}, blocks[-1]]) == (TextPart(text="Hi"), signed)


def read_back(blocks: list[dict[str, Any]]) -> tuple[Part, ...]:
    """The parts of an assistant's turn that is sent again."""
    body = {"model": "m", "max_tokens": 9, "messages": [{"role": "assistant", "content": blocks}]}
    inbound = decode_request(body)
    assert not inbound.may_pass
    return inbound.conversation.messages[0].content
