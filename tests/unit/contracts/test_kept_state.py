"""What does a body build on that a vendor keeps?"""

from __future__ import annotations

from typing import Any

import pytest

from contracts.deltas import RelayedEvent
from contracts.kept_state import KeptState, answer_id_in, is_kept, states_in

I_1_AND_2 = [("input.0.id", "i1"), ("input.1.id", "i2")]
NAMED: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"previous_response_id": "r1"}, [("previous_response_id", "r1")]),
    ({"Previous_Response_ID": "r1"}, [("previous_response_id", "r1")]),
    ({"conversation": "c1"}, [("conversation", "c1")]),
    ({"conversation": {"id": "c1", "x": 1}}, [("conversation.id", "c1")]),
    ({"conversation": {"ID": "c1"}}, [("conversation.ID", "c1")]),
    ({"thread": {"previous_message_id": "m1"}}, [("thread.previous_message_id", "m1")]),
    ({"input": [{"type": "item_reference", "id": "i1"}]}, [("input.0.id", "i1")]),
    ({"input": [{"role": "user", "content": "x", "id": "i0"}, {"id": "i1"}]}, [("input.1.id", "i1")]),
    ({"input": [{"id": "i1", "role": None}, {"type": "Item_Reference", "id": "i2"}]}, I_1_AND_2),
    ({"input": [{"type": "image_generation_call", "id": "i1", "result": None}]}, [("input.0.id", "i1")]),
    ({"input": ({"type": None, "id": "i1"},), "conversation": "c"}, [("input.0.id", "i1"), ("conversation", "c")]),
]


@pytest.mark.parametrize("body,expected", NAMED)
def test_states_are_found_where_they_are_named(body: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """In the order of the body, with the path that the caller knows; names in any case."""
    assert [(state.path, state.id) for state in states_in(body)] == expected


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"previous_response_id": None},
        {"previous_response_id": ""},
        {"previous_response_id": 7},
        {"conversation": {"id": None}},
        {"conversation": ["c1"]},
        {"thread": "m1"},
        {"thread": {"id": "m1", "type": "enabled"}},
        {"input": "item_reference"},
        {"input": ["x", {"type": "item_reference"}, {"type": ["item_reference"], "id": "i1"}]},
        {"input": [{"type": "message", "id": "i1"}, {"type": "item_reference", "id": 7}]},
        {"input": [{"type": "image_generation_call", "id": "i1", "result": "aGk="}]},
        {"messages": [{"id": "i1"}], "metadata": {"conversation": "c1"}},
    ],
)
def test_states_are_nothing_else(body: dict[str, Any]) -> None:
    """What is whole in the body builds on nothing, and what is malformed names nothing."""
    assert list(states_in(body)) == []


def test_state_is_not_shown() -> None:
    """Whoever has the id could build on it."""
    assert "secret" not in repr(KeptState("conversation", "secret"))


@pytest.mark.parametrize(
    "wire,body,kept",
    [
        ("openai_responses", {}, True),
        ("openai_responses", {"store": True}, True),
        ("openai_responses", {"store": None}, True),
        ("openai_responses", {"store": False}, False),
        ("anthropic_messages", {}, False),
        ("anthropic_messages", {"thread": {"type": "enabled"}}, True),
        ("anthropic_messages", {"store": True, "thread": None}, False),
        ("openai_chat", {"store": True}, False),
    ],
)
def test_answers_are_kept_by_default_on_responses_only(wire: str, body: dict[str, Any], kept: bool) -> None:
    """As the two vendors say."""
    assert is_kept(wire, body) is kept


@pytest.mark.parametrize(
    "event,data,expected",
    [
        ("response.created", '{"response":{"id":"r1"}}', "r1"),
        ("message_start", '{"message":{"id":"m1"}}', "m1"),
        ("response.created", '{"response":{"id":7}}', None),
        ("response.created", '{"response":null}', None),
        ("response.created", "[]", None),
        ("response.created", "", None),
        ("message_start", "[DONE]", None),
        ("message_start", "[" * 100_000, None),
        ("response.completed", '{"response":{"id":"r1"}}', None),
        ("message", '{"response":{"id":"r1"}}', None),
    ],
)
def test_answer_is_named_by_the_event_that_begins_it(event: str, data: str, expected: str | None) -> None:
    """And by no other; what cannot be read names none."""
    assert answer_id_in(RelayedEvent(event=event, data=data)) == expected
