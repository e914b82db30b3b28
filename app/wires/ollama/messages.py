"""How does each turn of a conversation become messages of this dialect?

A message has one text and a list of images. A tool's answer is a message of its own that names its tool. Not every
model's template looks for images there, so they wait until the run of answers ends and go as a user's message.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.wires.notes import Notes
from app.wires.ollama.parts import PartReader
from app.wires.tool_arguments import arguments_object
from contracts.chat import (
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


def encode_messages(messages: Sequence[Message], *, provider: str, notes: Notes) -> list[dict[str, Any]]:
    """The `messages` field. Raises InvalidRequestError for parts that Ollama cannot take."""
    writer = _Writer(provider, notes)
    for message in messages:
        writer.write(message)
    return writer.finish()


class _Writer:
    """The messages so far, the tools that were called, and the images that wait for the end of a run of answers."""

    def __init__(self, provider: str, notes: Notes) -> None:
        self._provider = provider
        self._notes = notes
        self._parts = PartReader(provider, notes)
        self._messages: list[dict[str, Any]] = []
        self._tool_names: dict[str, str] = {}
        self._waiting: list[Part] = []

    def write(self, message: Message) -> None:
        results = [part for part in message.content if isinstance(part, ToolResultPart)]
        for result in results:
            self._write_result(result)
        if message.role is Role.TOOL:
            return
        rest = [part for part in message.content if not isinstance(part, ToolResultPart)]
        if message.role is Role.ASSISTANT:
            self._flush()
            self._messages.append(self._assistant(rest))
        elif rest or not results:
            self._flush()
            self._messages.append({"role": message.role.value, **self._parts.content(rest)})

    def finish(self) -> list[dict[str, Any]]:
        self._flush()
        return self._messages

    def _flush(self) -> None:
        if self._waiting:
            self._messages.append({"role": "user", **self._parts.content(self._waiting)})
            self._waiting = []

    def _write_result(self, result: ToolResultPart) -> None:
        text = "\n".join(part.text for part in result.content if isinstance(part, TextPart))
        images = [part for part in result.content if isinstance(part, ImagePart)]
        if images:
            self._waiting += [TextPart(text=f"Images of the tool result {result.tool_call_id}:"), *images]
            self._notes.say(f"images of a tool result were sent as a user's message: {self._provider}")
        # There is no flag for a failed tool: the text says it.
        content = f"The tool failed: {text}" if result.is_error else text
        message = {"role": "tool", "content": content, "tool_call_id": result.tool_call_id}
        name = self._tool_names.get(result.tool_call_id)
        if name is None:
            self._notes.say("a tool result was sent without its tool's name: its call is not in the conversation")
        else:
            message["tool_name"] = name
        self._messages.append(message)

    def _assistant(self, parts: Sequence[Part]) -> dict[str, Any]:
        texts = "".join(part.text for part in parts if isinstance(part, TextPart | RefusalPart))
        message: dict[str, Any] = {"role": "assistant", "content": texts}
        thinking = self._thinking(parts)
        if thinking:
            message["thinking"] = thinking
        calls = [self._tool_call(part) for part in parts if isinstance(part, ToolCallPart)]
        if calls:
            message["tool_calls"] = calls
        for part in parts:
            if isinstance(part, RawPart):
                message |= self._parts.raw_fields(part)
            elif not isinstance(part, TextPart | RefusalPart | ToolCallPart | ReasoningPart):
                self._notes.say(f"a part of type {part.type} was not sent: an assistant's turn takes none")
        return message

    def _thinking(self, parts: Sequence[Part]) -> str:
        reasoning = [part for part in parts if isinstance(part, ReasoningPart)]
        own = [part.text for part in reasoning if part.provider == self._provider]
        if len(own) < len(reasoning):
            self._notes.say(f"reasoning of an earlier turn was not sent: {self._provider} takes only its own")
        return "".join(own)

    def _tool_call(self, part: ToolCallPart) -> dict[str, Any]:
        self._tool_names[part.id] = part.name
        function = {"name": part.name, "arguments": arguments_object(part, self._notes)}
        return {"id": part.id, "function": function}
