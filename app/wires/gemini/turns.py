"""How does each turn of a conversation become `systemInstruction` and `contents`?

All answers to the calls of one turn must stand together in the content right behind it, as many as there were calls. So
a run of answers is one content, and what cannot stand in it (images for older models, a user's words) follows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.wires.empty_turns import is_empty
from app.wires.gemini.parts import PartEncoder
from app.wires.gemini.traits import ModelTraits
from app.wires.notes import Notes
from contracts.chat import ImagePart, Message, RefusalPart, Role, TextPart, ToolResultPart


def encode_turns(messages: Sequence[Message], *, provider: str, traits: ModelTraits, notes: Notes) -> dict[str, Any]:
    """The fields `systemInstruction`, where there is one, and `contents`.

    Raises InvalidRequestError for parts that this vendor cannot take, and for a conversation in which nobody speaks.
    """
    writer = _Writer(provider, traits, notes, names=_names_of_calls(messages))
    for message in messages:
        writer.write(message)
    return writer.finish()


def _names_of_calls(messages: Sequence[Message]) -> dict[str, str]:
    """An answer must name its function, and ours hold the call's id only."""
    return {call.id: call.name for message in messages for call in message.tool_calls}


class _Writer:
    def __init__(self, provider: str, traits: ModelTraits, notes: Notes, *, names: dict[str, str]) -> None:
        self._provider = provider
        self._traits = traits
        self._notes = notes
        self._names = names
        self._parts = PartEncoder(provider, traits, notes)
        self._system: list[dict[str, Any]] = []
        self._contents: list[dict[str, Any]] = []
        self._results: list[dict[str, Any]] = []
        self._waiting: list[dict[str, Any]] = []

    def write(self, message: Message) -> None:
        if message.role is Role.SYSTEM:
            self._write_system(message)
            return
        for part in message.content:
            if isinstance(part, ToolResultPart):
                self._write_result(part)
        if message.role is Role.TOOL:
            return
        if is_empty(message):
            self._notes.say(f"a message without words was not sent: {self._provider} takes none")
        rest = [part for part in message.content if not isinstance(part, ToolResultPart)]
        if message.role is Role.ASSISTANT:
            self._add("model", self._parts.model_parts(rest))
        else:
            self._add("user", self._parts.user_parts(rest))

    def finish(self) -> dict[str, Any]:
        self._flush()
        if not self._contents:
            raise self._parts.refusal("needs at least one message that is not the system's and is not empty")
        system = {"systemInstruction": {"parts": self._system}} if self._system else {}
        return {**system, "contents": self._contents}

    def _add(self, role: str, parts: list[dict[str, Any]]) -> None:
        if parts:
            self._flush()
            self._contents.append({"role": role, "parts": parts})

    def _flush(self) -> None:
        for parts in (self._results, self._waiting):
            if parts:
                self._contents.append({"role": "user", "parts": parts})
        self._results, self._waiting = [], []

    def _write_system(self, message: Message) -> None:
        if self._contents or self._results:
            self._notes.say(f"a later system message was sent ahead of the conversation: {self._provider}")
        for part in message.content:
            if not isinstance(part, TextPart | RefusalPart):
                raise self._parts.refusal(f"takes no part of type {part.type} in a system message")
            if part.text:
                self._system.append({"text": part.text})

    def _write_result(self, result: ToolResultPart) -> None:
        name = self._names.get(result.tool_call_id)
        if name is None:
            raise self._parts.refusal("takes a tool's answer only behind the call that it answers")
        text = "\n".join(part.text for part in result.content if isinstance(part, TextPart))
        response = {"error": text} if result.is_error else {"output": text}
        written: dict[str, Any] = {"id": result.tool_call_id, "name": name, "response": response}
        media = [self._parts.image(part) for part in result.content if isinstance(part, ImagePart)]
        inline = [part for part in media if "inlineData" in part and self._traits.is_third_generation]
        if inline:
            written["parts"] = inline
        self._postpone([part for part in media if part not in inline], result)
        self._results.append({"functionResponse": written})

    def _postpone(self, media: list[dict[str, Any]], result: ToolResultPart) -> None:
        if media:
            self._waiting += [{"text": f"Images of the tool result {result.tool_call_id}:"}, *media]
            self._notes.say(f"images of a tool result were sent as a user's message: {self._provider}")
