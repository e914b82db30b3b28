"""How does one part of a turn become a content block of this dialect?"""

from __future__ import annotations

import re
from typing import Any

from app.wires.anthropic_messages.media import file_block, image_block
from app.wires.cache_marks import MESSAGE_MARK, written_mark
from app.wires.notes import Notes
from app.wires.tool_arguments import arguments_object
from contracts.chat import (
    FilePart,
    ImagePart,
    Message,
    Part,
    RawPart,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError

# Ids of other vendors may hold what this one refuses; calls and results are changed alike.
_FOREIGN_IN_ID = re.compile(r"[^A-Za-z0-9_-]")
_SYSTEM_PARTS = TextPart | RawPart


class PartEncoder:
    """Writes parts for one provider; what it leaves out is noted."""

    def __init__(self, provider: str, notes: Notes) -> None:
        self._provider = provider
        self._notes = notes

    def blocks(self, message: Message) -> list[dict[str, Any]]:
        """The content blocks of a turn. Raises InvalidRequestError."""
        found = [self._block(part, message.role) for part in message.content]
        return [block for block in found if block is not None]

    def _block(self, part: Part, role: Role) -> dict[str, Any] | None:
        block = self._unmarked(part, role)
        mark = None if isinstance(part, RawPart | ReasoningPart | RefusalPart) else part.cache_control
        if mark is not None and block is not None:
            block["cache_control"] = written_mark(mark)
        elif mark is not None:
            self._notes.leave_out(MESSAGE_MARK, "cache_control was not sent: nor was the part that it stands on")
        return block

    def _unmarked(self, part: Part, role: Role) -> dict[str, Any] | None:
        if role is Role.SYSTEM and not isinstance(part, _SYSTEM_PARTS):
            raise self._refusal(f"takes no part of type {part.type} in a system message")
        match part:
            case TextPart() | RefusalPart():
                return self._text(part.text)
            case RawPart():
                return self._raw(part)
            case ToolResultPart():
                return self._result(part)
            case ReasoningPart():
                return self._reasoning(part, role)
            case ToolCallPart():
                return self._call(part)
            case _:
                return self._medium(part, role)

    def _text(self, text: str) -> dict[str, Any] | None:
        if text.strip():
            return {"type": "text", "text": text}
        if text:
            self._notes.say(f"a text of spaces was not sent: {self._provider} takes none")
        return None

    def _raw(self, part: RawPart) -> dict[str, Any] | None:
        if part.provider == self._provider:
            return dict(part.data)
        self._notes.say(f"a raw part of {part.provider} was not sent: {self._provider} takes only its own")
        return None

    def _reasoning(self, part: ReasoningPart, role: Role) -> dict[str, Any] | None:
        if role is Role.ASSISTANT and part.provider == self._provider and part.signature:
            return {"type": "thinking", "thinking": part.text, "signature": part.signature}
        self._notes.say(f"reasoning of an earlier turn was not sent: {self._provider} takes only what it signed itself")
        return None

    def _call(self, part: ToolCallPart) -> dict[str, Any]:
        arguments = arguments_object(part, self._notes)
        return {"type": "tool_use", "id": _id(part.id), "name": part.name, "input": arguments}

    def _result(self, part: ToolResultPart) -> dict[str, Any]:
        block: dict[str, Any] = {"type": "tool_result", "tool_use_id": _id(part.tool_call_id)}
        content = [self._block(one, Role.USER) for one in part.content]
        blocks = [one for one in content if one is not None]
        if blocks:
            block["content"] = blocks
        if part.is_error:
            block["is_error"] = True
        return block

    def _medium(self, part: ImagePart | FilePart, role: Role) -> dict[str, Any] | None:
        if role is Role.ASSISTANT:
            self._notes.say(f"a part of type {part.type} was not sent: an assistant's turn takes none")
            return None
        try:
            if isinstance(part, FilePart):
                return file_block(part)
            if part.detail in ("low", "high"):
                self._notes.say(f"detail of an image was not sent: {self._provider} does not know it")
            return image_block(part)
        except ValueError as error:
            raise self._refusal(str(error)) from None

    def _refusal(self, fact: str) -> InvalidRequestError:
        return InvalidRequestError(
            f"{self._provider} {fact}",
            provider=self._provider,
            errors=[FieldError(field="messages", message=fact)],
        )


def _id(text: str) -> str:
    return _FOREIGN_IN_ID.sub("_", text)
