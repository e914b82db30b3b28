"""How is an answer of ours streamed to a caller of /responses, and how does a stream fail?"""

from __future__ import annotations

import json
from typing import Any

from app.wires.inbound import ReplyNames, ServerEvent
from app.wires.openai_responses import StreamEncoder, encode_response
from contracts.calls import Reply
from contracts.chat import (
    FinishReason,
    Message,
    Part,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    Usage,
)
from contracts.deltas import Delta, ReasoningDelta, TextDelta, ToolCallDelta
from contracts.errors import (
    LLMTimeoutError,
)

NAMES = ReplyNames(request_id="r1", model="claude-haiku-5-5", created=1_700_000_000)
USAGE = Usage(
    input_tokens=10, output_tokens=5, total_tokens=15, cached_input_tokens=4, cache_write_tokens=2, reasoning_tokens=3
)


def reply(*parts: Part, finish: FinishReason = FinishReason.STOP, usage: Usage | None = None) -> Reply:
    return Reply(message=Message(role=Role.ASSISTANT, content=parts), finish_reason=finish, usage=usage)


def told(events: list[ServerEvent]) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = [json.loads(event.data) for event in events]
    assert [document["type"] for document in documents] == [event.event for event in events]
    return documents


def streamed(answer: Reply, *deltas: Delta) -> list[dict[str, Any]]:
    encoder = StreamEncoder(NAMES)
    events = encoder.begin()
    for delta in deltas:
        events += encoder.feed(delta)
    return told(events + encoder.end(answer))


def test_stream_says_every_step() -> None:
    """The events of the vendor's own streams, in their order."""
    answer = reply(
        ReasoningPart(text="Hm", provider="deepseek"),
        TextPart(text="Hello"),
        ToolCallPart(id="c1", name="n", arguments='{"a":1}'),
        ToolCallPart(id="c2", name="n", arguments="{}"),
        finish=FinishReason.TOOL_CALLS,
        usage=USAGE,
    )
    events = streamed(
        answer,
        ReasoningDelta(text="Hm"),
        TextDelta(text="Hel"),
        TextDelta(text=""),
        TextDelta(text="lo"),
        ToolCallDelta(index=0, id="c1", name="n", arguments='{"a"'),
        ToolCallDelta(index=1, id="c2", name="n"),
        ToolCallDelta(index=0, arguments=":1}"),
    )
    assert [(event["type"].removeprefix("response."), event.get("output_index")) for event in events] == [
        ("created", None),
        ("in_progress", None),
        ("output_item.added", 0),
        ("reasoning_summary_part.added", 0),
        ("reasoning_summary_text.delta", 0),
        ("reasoning_summary_text.done", 0),
        ("reasoning_summary_part.done", 0),
        ("output_item.added", 1),
        ("content_part.added", 1),
        ("output_text.delta", 1),
        ("output_text.delta", 1),
        ("output_text.done", 1),
        ("content_part.done", 1),
        ("output_item.added", 2),
        ("function_call_arguments.delta", 2),
        ("output_item.added", 3),
        ("function_call_arguments.delta", 2),
        ("output_item.done", 0),
        ("output_item.done", 1),
        ("function_call_arguments.done", 2),
        ("output_item.done", 2),
        ("function_call_arguments.delta", 3),
        ("function_call_arguments.done", 3),
        ("output_item.done", 3),
        ("completed", None),
    ]
    assert events[-1]["response"] == encode_response(answer, NAMES)


def test_refusal_after_text_is_a_part_of_its_own() -> None:
    """In the same message, under the next number."""
    events = streamed(
        reply(TextPart(text="Well"), RefusalPart(text="No"), finish=FinishReason.CONTENT_FILTER),
        TextDelta(text="Well"),
        TextDelta(text="No", is_refusal=True),
    )
    refusal = next(event for event in events if event["type"] == "response.refusal.done")
    assert (refusal["output_index"], refusal["content_index"], refusal["refusal"]) == (0, 1, "No")
    assert events[-1]["type"] == "response.completed"


def test_late_signature_stands_before_what_follows_it() -> None:
    """A model that hides its thoughts streams only the call; its reasoning must go back before it."""
    item = {"type": "reasoning", "id": "rs_9", "summary": [], "encrypted_content": "e"}
    thought = ReasoningPart(text="", signature=json.dumps(item), provider="openai")
    call = ToolCallPart(id="c", name="n", arguments="{}")
    events = streamed(
        reply(thought, call, finish=FinishReason.TOOL_CALLS),
        ToolCallDelta(index=0, id="c", name="n", arguments="{}"),
    )
    done = [event["item"]["type"] for event in events if event["type"] == "response.output_item.done"]
    assert done == ["reasoning", "function_call"]
    assert [one["type"] for one in events[-1]["response"]["output"]] == done
    assert events[-1]["response"]["output"][0] == item


def test_thoughts_in_a_row_are_streamed_as_one() -> None:
    """Deltas have no boundaries; the whole answer has each with its own signature."""
    thoughts = [ReasoningPart(text=text, signature=text, provider="anthropic") for text in ("a", "b")]
    events = streamed(
        reply(*thoughts, TextPart(text="Hi")),
        ReasoningDelta(text="a"),
        ReasoningDelta(text="b"),
        TextDelta(text="Hi"),
    )
    output = events[-1]["response"]["output"]
    assert [item["id"] for item in output] == ["rs_r1_0", "rs_r1_2", "msg_r1_1"]
    assert [item["summary"][0]["text"] for item in output[:2]] == ["a", "b"]


def test_answer_that_is_not_what_was_streamed_keeps_its_signatures() -> None:
    """Texts around a call are one text of the answer: then the items stay as they were streamed."""
    events = streamed(
        reply(
            ReasoningPart(text="Hm", signature="s", provider="anthropic"),
            TextPart(text="ab"),
            ToolCallPart(id="c", name="n", arguments="{}"),
        ),
        ReasoningDelta(text="Hm"),
        TextDelta(text="a"),
        ToolCallDelta(index=0, id="c", name="n"),
        TextDelta(text="b"),
    )
    output = events[-1]["response"]["output"]
    assert [item["type"] for item in output] == ["reasoning", "message", "function_call", "message"]
    assert '"signature":"s"' in output[0]["encrypted_content"]
    assert [item["content"][0]["text"] for item in output if item["type"] == "message"] == ["a", "b"]


def test_failure_is_said_to_everybody() -> None:
    """As the state of the response, and as the error at which the SDK raises."""
    encoder = StreamEncoder(NAMES)
    encoder.begin()
    failed, error = told(encoder.fail(LLMTimeoutError("openai gave no token in 15.0 s")))
    assert (failed["type"], failed["response"]["status"]) == ("response.failed", "failed")
    assert failed["response"]["error"] == {
        "code": "server_error",
        "message": "openai gave no token in 15.0 s",
        "type": "timeout",
    }
    assert (error["type"], error["code"], error["param"], error["sequence_number"]) == ("error", "timeout", None, 3)
    assert error["error"]["type"] == "server_error"
