"""Is a conversation one that can be sent: nothing empty, every part where it belongs, media that are what they say?"""

from __future__ import annotations

from collections.abc import Sequence

from contracts.broken_rule import BrokenRuleError, Path
from contracts.chat import FilePart, ImagePart, Message, Part, Role, TextPart, ToolCallPart, ToolResultPart
from contracts.media_checks import check_file, check_image
from contracts.tool_turns import check_tool_turns


def check_messages(messages: Sequence[Message], *, may_be_blank: bool = False) -> None:
    """Refuses a conversation that no vendor would take. Raises BrokenRuleError with a path below `messages`.

    `may_be_blank`: a turn may hold a text without words, which some vendors do take.
    """
    for number, message in enumerate(messages):
        at = ("messages", number, "content")
        _check_not_empty(message, at, may_be_blank=may_be_blank)
        for index, part in enumerate(message.content):
            _check_place(part, message.role, (*at, index))
            _check_media(part, (*at, index))
    check_tool_turns(messages)


def _check_not_empty(message: Message, at: Path, *, may_be_blank: bool) -> None:
    if not message.content:
        raise BrokenRuleError(at, "must not be empty")
    if not may_be_blank and all(isinstance(part, TextPart) and not part.text.strip() for part in message.content):
        raise BrokenRuleError(at, "must not be blank")


def _check_place(part: Part, role: Role, at: Path) -> None:
    if isinstance(part, ToolResultPart) and role not in (Role.TOOL, Role.USER):
        raise BrokenRuleError(at, "is a tool_result, which belongs into a message with role tool")
    if isinstance(part, ToolCallPart) and role is not Role.ASSISTANT:
        raise BrokenRuleError(at, "is a tool_call, which belongs into a message with role assistant")
    if role is Role.TOOL and not isinstance(part, ToolResultPart):
        raise BrokenRuleError(
            at, f"is a part of type {part.type}: a message with role tool holds tool_result parts only"
        )


def _check_media(part: Part, at: Path) -> None:
    match part:
        case ImagePart():
            check_image(part, at)
        case FilePart():
            check_file(part, at)
        case ToolResultPart():
            for index, inner in enumerate(part.content):
                _check_media(inner, (*at, "content", index))
