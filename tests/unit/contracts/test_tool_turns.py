"""Must every tool result answer a call before it, once?"""

from __future__ import annotations

import pytest

from contracts.broken_rule import BrokenRuleError
from contracts.chat import Message, Part, Role, TextPart, ToolCallPart, ToolResultPart
from contracts.tool_turns import check_tool_turns


def asks(*ids: str) -> Message:
    """The assistant calls tools."""
    return Message(role=Role.ASSISTANT, content=tuple(ToolCallPart(id=one, name="f", arguments="{}") for one in ids))


def answers(*ids: str, role: Role = Role.TOOL) -> Message:
    """Their results."""
    parts: tuple[Part, ...] = tuple(ToolResultPart(tool_call_id=one, content=(TextPart(text="1"),)) for one in ids)
    return Message(role=role, content=parts)


GOOD = {
    "one": [asks("a"), answers("a")],
    "parallel calls in another order": [asks("a", "b"), answers("b"), answers("a")],
    "all in one message, from the user": [asks("a", "b"), answers("a", "b", role=Role.USER)],
    "a call that nobody answered": [asks("a", "b"), answers("a")],
    "a later answer": [asks("a"), asks("b"), answers("b"), answers("a")],
    "an id that is used again": [asks("a"), answers("a"), asks("a"), answers("a")],
    "no tools at all": [Message(role=Role.USER, content=(TextPart(text="x"),))],
}
BAD = {
    "a result of nothing": ([answers("a")], (0, 0, "tool_call_id"), "answers no call"),
    "a result before its call": ([answers("a"), asks("a")], (0, 0, "tool_call_id"), "answers no call"),
    "a result of another id": ([asks("a"), answers("a", "b")], (1, 1, "tool_call_id"), "answers no call"),
    "two results in one message": ([asks("a"), answers("a", "a")], (1, 1, "tool_call_id"), "was answered already"),
    "two results in two": ([asks("a"), answers("a"), answers("a")], (2, 0, "tool_call_id"), "was answered already"),
    "two calls of one id": ([asks("b", "a", "a")], (0, 2, "id"), "is the id of another tool_call of this message"),
}


@pytest.mark.parametrize("messages", GOOD.values(), ids=GOOD)
def test_results_of_calls_are_taken(messages: list[Message]) -> None:
    """In any order, as long as the call came first."""
    check_tool_turns(messages)


@pytest.mark.parametrize("messages,place,says", BAD.values(), ids=BAD)
def test_result_without_its_call_is_refused(messages: list[Message], place: tuple[int, int, str], says: str) -> None:
    """Every vendor would refuse it, after a round trip and in its own words."""
    with pytest.raises(BrokenRuleError, match=says) as caught:
        check_tool_turns(messages)
    number, index, field = place
    assert caught.value.path == ("messages", number, "content", index, field)
