"""How does a response of ours go on behind a vendor's that broke off at an awkward place?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from app.wires.inbound import ReplyNames, ServerEvent
from app.wires.json_text import load_json
from app.wires.openai_responses import StreamEncoder, decode_request
from contracts.calls import Reply
from contracts.chat import FinishReason, Message, ReasoningPart, Role, TextPart
from contracts.deltas import Delta, ReasoningDelta, RelayedEvent, TextDelta, ToolCallDelta
from contracts.errors import LLMTimeoutError
from tests.referees.carried_on import carried_on, sdk_that_reads

NAMES = ReplyNames(request_id="ours", model="ours", created=1)


def event(kind: str, *deltas: Delta, is_end: bool = False, **fields: Any) -> RelayedEvent:
    data = json.dumps({"type": f"response.{kind}", **fields})
    return RelayedEvent(event=f"response.{kind}", data=data, deltas=deltas, is_end=is_end)


def item(kind: str, number: int, **fields: Any) -> RelayedEvent:
    return event("output_item.added", output_index=number, item={"type": kind, "id": f"{kind}_{number}", **fields})


def done(kind: str, number: int, **fields: Any) -> RelayedEvent:
    return event("output_item.done", output_index=number, item={"type": kind, "id": f"{kind}_{number}", **fields})


CREATED = event("created", response={"id": "resp_theirs", "model": "gpt", "created_at": 7, "metadata": {"a": "b"}})


def answer(text: str, *parts: Any, finish: FinishReason = FinishReason.STOP) -> Reply:
    content = (*parts, *([TextPart(text=text)] if text else []))
    return Reply(message=Message(role=Role.ASSISTANT, content=content), finish_reason=finish)


def read(events: Iterable[ServerEvent]) -> Any:
    """What the SDK's stream helper makes of them."""
    with sdk_that_reads(events) as client, client.responses.stream(model="m", input="any") as stream:
        return stream.get_final_response()


def followed(*events: RelayedEvent) -> StreamEncoder:
    encoder = StreamEncoder(NAMES)
    for one in events:
        encoder.follow(one)
    return encoder


def documents(events: Iterable[ServerEvent]) -> list[dict[str, Any]]:
    return [load_json(one.data) for one in events]


def test_response_says_what_the_vendor_announced() -> None:
    """Its names and all that it repeats of the request; how it ended is ours."""
    last = documents(followed(CREATED).end(answer("a")))[-1]["response"]
    assert [last[name] for name in ("id", "model", "created_at", "metadata", "status")] == [
        "resp_theirs",
        "gpt",
        7,
        {"a": "b"},
        "completed",
    ]


def test_text_that_came_with_the_end_is_written_when_the_answer_goes_on() -> None:
    """The event was held back: without that the text between would be missing."""
    events = [CREATED, event("completed", TextDelta(text="a"), is_end=True), event("x", TextDelta(text="b"))]
    assert read(carried_on(events, 2, StreamEncoder(NAMES), answer("ab"))).output_text == "ab"
    sent = carried_on(events[1:2], 1, StreamEncoder(NAMES), answer("a"))
    assert (read(sent).id, read(sent).output_text) == ("resp_ours", "a")
    unasked = read(followed(events[1]).end(answer("a")))
    assert (unasked.id, unasked.output_text) == ("resp_ours", "a")


def test_stream_that_was_not_announced_is_begun_by_us() -> None:
    """Before anything else is said."""
    encoder = followed(item("message", 0, content=[]))
    assert [one["type"] for one in documents(encoder.feed(TextDelta(text="a")))][:2] == [
        "response.created",
        "response.in_progress",
    ]


def test_reasoning_that_was_cut_is_marked_as_ours() -> None:
    """Its vendor would look for it in vain, so it must not be handed to it."""
    encoder = followed(
        CREATED,
        item("reasoning", 0, summary=[], encrypted_content="secret"),
        event("reasoning_text.delta", output_index=0, content_index=0, delta="Hm"),
    )
    grown = documents(encoder.feed(ReasoningDelta(text="m")))
    assert [(one["type"], one["content_index"]) for one in grown] == [("response.reasoning_text.delta", 0)]
    output = documents(encoder.end(answer("")))[-1]["response"]["output"]
    assert output[0]["content"] == [{"type": "reasoning_text", "text": "Hmm"}]
    assert "secret" not in json.dumps(output)
    question = {"role": "user", "content": "And?"}
    assert decode_request({"model": "m", "input": [*output, question]}).may_pass is False


def test_signature_is_of_what_its_vendor_thought() -> None:
    """The second's own reasoning, not what the first had begun."""
    encoder = followed(CREATED, item("reasoning", 0, summary=[]))
    encoder.feed(TextDelta(text="a"))
    encoder.feed(ReasoningDelta(text="so"))
    thought = ReasoningPart(text="so", signature="sig", provider="anthropic")
    first, _, second = documents(encoder.end(answer("a", thought)))[-1]["response"]["output"]
    assert ('"sig"' in first["encrypted_content"], '"sig"' in second["encrypted_content"]) == (False, True)


def test_calls_of_both_vendors_stand_beside_each_other() -> None:
    """The second counts from 0 again; what was ended stays as it was said."""
    encoder = followed(
        CREATED,
        item("function_call", 0, call_id="c0", name="f", arguments="", namespace="n"),
        event("function_call_arguments.delta", output_index=0, delta="{}"),
        event("function_call_arguments.done", output_index=0, arguments="{}"),
        item("function_call", 1, call_id="c1", name="g", arguments='{"a":1}'),
        done("function_call", 1, call_id="c1", name="g", arguments='{"a":1}', odd=True),
    )
    encoder.feed(ToolCallDelta(index=0, id="c2", name="h"))
    encoder.feed(ToolCallDelta(index=0, arguments="[]"))
    sent = documents(encoder.end(answer("", finish=FinishReason.TOOL_CALLS)))
    output = sent[-1]["response"]["output"]
    assert [(one["call_id"], one["arguments"]) for one in output] == [("c0", "{}"), ("c1", '{"a":1}'), ("c2", "[]")]
    assert (output[0]["namespace"], output[1]["odd"], output[0]["status"]) == ("n", True, "completed")
    assert [one["type"] for one in sent].count("response.function_call_arguments.done") == 1


def test_what_was_remarked_on_a_text_stays() -> None:
    """Annotations, parts that were ended, and what is said of the item beyond our fields."""
    part = {"type": "output_text", "text": ""}
    encoder = followed(
        CREATED,
        item("message", 0, role="assistant", phase="final", content=[]),
        event("content_part.added", output_index=0, content_index=0, part=part),
        event("output_text.delta", output_index=0, content_index=0, delta="a"),
        event("output_text.annotation.added", output_index=0, annotation={"type": "url_citation"}),
        event("output_text.done", output_index=0, text="a"),
    )
    sent = documents(encoder.feed(TextDelta(text="b")))
    assert [one["type"].removeprefix("response.") for one in sent] == [
        "content_part.done",
        "content_part.added",
        "output_text.delta",
    ]
    message = documents(encoder.end(answer("ab")))[-1]["response"]["output"][0]
    assert message["phase"] == "final"
    assert [(one["text"], one["annotations"]) for one in message["content"]] == [
        ("a", [{"type": "url_citation"}]),
        ("b", []),
    ]


def test_item_of_the_vendors_own_tools_that_was_cut_is_incomplete() -> None:
    """Nobody else can go on with it; one without a status has none."""
    encoder = followed(CREATED, item("web_search_call", 0, status="in_progress"), item("odd", 1))
    output = documents(encoder.end(answer("a")))[-1]["response"]["output"]
    assert output[0] == {"type": "web_search_call", "id": "web_search_call_0", "status": "incomplete"}
    assert output[1] == {"type": "odd", "id": "odd_1"}


@pytest.mark.parametrize(
    "odd",
    [
        RelayedEvent(event="response.x", data="{"),
        RelayedEvent(event="response.x", data="[]"),
        event("output_text.delta", output_index=7, delta="a"),
        event("output_text.delta", item_id="nobody", delta="a"),
        event("output_item.added"),
        event("output_item.added", item={"type": "function_call"}),
        event("output_item.done", item={"type": "message", "id": "late", "content": []}),
        event("content_part.added", part={"type": "strange"}),
        event("created", response=5),
    ],
)
def test_odd_event_is_passed_over(odd: RelayedEvent) -> None:
    """The vendor's own decoder judges it; here nothing breaks, and the answer comes to its end."""
    encoder = followed(CREATED, odd)
    sent = [*documents(encoder.feed(TextDelta(text="a"))), *documents(encoder.end(answer("a")))]
    assert sent[-1]["type"] == "response.completed"


def test_remark_and_end_without_an_open_text_say_nothing() -> None:
    """Some proxies send what belongs to no part."""
    encoder = followed(
        CREATED,
        item("message", 0, content=[]),
        event("output_text.annotation.added", output_index=0, annotation={}),
        event("output_text.done", output_index=0),
        event("content_part.done", output_index=0, part={}),
    )
    assert documents(encoder.end(answer("")))[-1]["response"]["output"][0]["content"] == []


def test_failure_behind_a_relayed_stream_goes_on_counting() -> None:
    """Under the vendor's names; what was held back is not said."""
    encoder = followed(CREATED, event("completed", TextDelta(text="held"), is_end=True))
    failed, error = documents(encoder.fail(LLMTimeoutError("late")))
    assert (failed["response"]["id"], failed["response"]["status"]) == ("resp_theirs", "failed")
    assert (failed["sequence_number"], error["sequence_number"], error["code"]) == (1, 2, "timeout")
    assert "held" not in json.dumps([failed, error])
