"""How does a conversation become the items of `input`?

Messages, tool calls, their answers and reasoning are items of their own here, in the order in which they were said. A
system's words stay in their place, as a message: `instructions` would move them to the front.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.wires.notes import Notes
from app.wires.openai_responses.parts import PartEncoder, answered, is_content
from app.wires.openai_responses.reasoning_items import reasoning_item
from contracts.chat import (
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


def encode_input(messages: Sequence[Message], *, provider: str, notes: Notes) -> list[dict[str, Any]]:
    """The `input` field. Raises InvalidRequestError for parts that cannot stand where they are."""
    writer = _Writer(provider, notes)
    for message in messages:
        writer.write(message)
    return writer.items


class _Writer:
    """The items so far, and the content of the message that is being written."""

    def __init__(self, provider: str, notes: Notes) -> None:
        self.items: list[dict[str, Any]] = []
        self._provider = provider
        self._notes = notes
        self._parts = PartEncoder(provider, notes)
        self._content: list[dict[str, Any]] = []

    def write(self, message: Message) -> None:
        for part in message.content:
            if self._is_sendable(part, message.role):
                self._write_part(part, message.role)
        self._flush(message.role)

    def _write_part(self, part: Part, role: Role) -> None:
        match part:
            case ToolResultPart():
                self._add(self._result(part), role)
            case ToolCallPart() if role is Role.ASSISTANT:
                self._add(_call(part), role)
            case ReasoningPart():
                self._reason(part, role)
            case RawPart() if not is_content(part):
                self._add(dict(part.data), role)
            case TextPart() | RefusalPart() | RawPart() if role is Role.ASSISTANT:
                self._content.append(answered(part))
            case _:
                self._content.append(self._parts.given(part))

    def _add(self, item: dict[str, Any], role: Role) -> None:
        self._flush(role)
        self.items.append(item)

    def _flush(self, role: Role) -> None:
        if not self._content:
            return
        content: Any = self._content
        if role is not Role.ASSISTANT and len(content) == 1 and content[0]["type"] == "input_text":
            content = content[0]["text"]
        self.items.append({"type": "message", "role": role.value, "content": content})
        self._content = []

    def _result(self, part: ToolResultPart) -> dict[str, Any]:
        content = [self._parts.given(one) for one in part.content]
        if part.is_error:
            # This dialect has no flag for a failed tool: the text says it.
            content = [{"type": "input_text", "text": "The tool failed: "}, *content]
        output: Any = content
        if all(one["type"] == "input_text" for one in content) and len(content) <= 1 + part.is_error:
            output = "".join(one["text"] for one in content)
        return {"type": "function_call_output", "call_id": part.tool_call_id, "output": output}

    def _reason(self, part: ReasoningPart, role: Role) -> None:
        item = reasoning_item(part)
        if item is None:
            self._notes.say(f"reasoning of an earlier turn was not sent: {self._provider} takes it back signed only")
        else:
            self._add(item, role)

    def _is_sendable(self, part: Part, role: Role) -> bool:
        if isinstance(part, RawPart) and part.provider != self._provider:
            self._notes.say(f"a raw part of {part.provider} was not sent: {self._provider} takes only its own")
            return False
        if isinstance(part, ReasoningPart) and role is not Role.ASSISTANT:
            self._notes.say("reasoning was not sent: it belongs into an assistant's turn")
            return False
        if isinstance(part, ReasoningPart) and part.provider != self._provider:
            self._notes.say(f"reasoning of an earlier turn was not sent: {self._provider} takes only its own")
            return False
        if role is Role.ASSISTANT and part.type in ("image", "file"):
            self._notes.say(f"a part of type {part.type} was not sent: an assistant's turn takes none")
            return False
        return True


def _call(part: ToolCallPart) -> dict[str, Any]:
    # A tool without parameters may have been called with no text at all, which vendors do not take back.
    return {"type": "function_call", "call_id": part.id, "name": part.name, "arguments": part.arguments or "{}"}
