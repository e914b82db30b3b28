"""Does every tool result answer a call that stands before it, once?

An id may be used again in a later turn: some vendors count their calls anew in each answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from contracts.broken_rule import BrokenRuleError, Path
from contracts.chat import Message, ToolCallPart, ToolResultPart


def check_tool_turns(messages: Sequence[Message]) -> None:
    """Refuses two calls of one id in a message, and results of no call or of one that was answered.

    Raises BrokenRuleError.
    """
    unanswered: set[str] = set()
    answered: set[str] = set()
    for number, message in enumerate(messages):
        called: set[str] = set()
        for index, part in enumerate(message.content):
            if isinstance(part, ToolCallPart):
                _check_call(part, called, ("messages", number, "content", index))
                called.add(part.id)
            elif isinstance(part, ToolResultPart):
                _check_result(part, unanswered, answered, ("messages", number, "content", index))
                unanswered.remove(part.tool_call_id)
                answered.add(part.tool_call_id)
        unanswered |= called


def _check_call(part: ToolCallPart, called: set[str], at: Path) -> None:
    if part.id in called:
        raise BrokenRuleError((*at, "id"), "is the id of another tool_call of this message: give each its own")


def _check_result(part: ToolResultPart, unanswered: set[str], answered: set[str], at: Path) -> None:
    if part.tool_call_id in unanswered:
        return
    place = (*at, "tool_call_id")
    if part.tool_call_id in answered:
        raise BrokenRuleError(place, "was answered already: give one tool_result for each tool_call")
    raise BrokenRuleError(place, "answers no call: send the assistant's message with that tool_call before it")
