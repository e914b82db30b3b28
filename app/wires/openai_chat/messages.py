"""How does each turn of a conversation become messages of this dialect?

A tool's answer is a message of its own here, and all answers to one turn must follow it without a gap. So images that a
tool answered wait until the run of answers ends, and then go as a user's message.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from app.wires.notes import Notes
from app.wires.openai_chat.parts import PartEncoder
from app.wires.openai_chat.quirks import Quirks, ReasoningEcho
from contracts.chat import (
    ImagePart,
    Message,
    Part,
    RawPart,
    ReasoningPart,
    RefusalPart,
    ResultPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)


def encode_messages(
    messages: Sequence[Message], *, provider: str, quirks: Quirks, notes: Notes
) -> list[dict[str, Any]]:
    """The `messages` field. Raises InvalidRequestError for parts that this vendor cannot take."""
    plain = _plain(messages)
    if plain is not None:
        return plain
    echoes = quirks.reasoning_echo is not ReasoningEcho.NONE
    has_tool_calls = echoes and any(message.tool_calls for message in messages)
    writer = _Writer(provider, quirks, notes, has_tool_calls=has_tool_calls)
    for message in messages:
        writer.write(message)
    return writer.finish()


def _plain(messages: Sequence[Message]) -> list[dict[str, Any]] | None:
    """What is written where each turn is one text and nothing else, as of most calls; None: part by part, then."""
    plain: list[dict[str, Any]] = []
    for message in messages:
        content = message.content
        if len(content) != 1 or type(part := content[0]) is not TextPart:
            return None
        if part.cache_control is not None or message.role is Role.TOOL:
            return None
        plain.append({"role": message.role.value, "content": part.text})
    return plain


class _Writer:
    """The messages so far, and the images that wait for the end of a run of tool answers."""

    def __init__(self, provider: str, quirks: Quirks, notes: Notes, *, has_tool_calls: bool) -> None:
        self._provider = provider
        self._quirks = quirks
        self._notes = notes
        self._has_tool_calls = has_tool_calls
        self._parts = PartEncoder(provider, quirks, notes)
        self._messages: list[dict[str, Any]] = []
        self._waiting: list[dict[str, Any]] = []

    def write(self, message: Message) -> None:
        results = [part for part in message.content if isinstance(part, ToolResultPart)]
        for result in results:
            self._write_result(result)
        if message.role is Role.TOOL:
            return
        rest: Sequence[Part] = message.content
        if results:
            rest = [part for part in rest if not isinstance(part, ToolResultPart)]
        if results and not rest and message.role is not Role.ASSISTANT:
            return
        if self._waiting:
            self._flush()
        if message.role is Role.ASSISTANT:
            self._messages.append(self._assistant(rest))
        else:
            self._messages.append({"role": message.role.value, "content": self._parts.content(rest)})

    def finish(self) -> list[dict[str, Any]]:
        if self._waiting:
            self._flush()
        return self._messages

    def _flush(self) -> None:
        self._messages.append({"role": "user", "content": self._waiting})
        self._waiting = []

    def _write_result(self, result: ToolResultPart) -> None:
        content: Any
        if self._quirks.takes_images_in_tool_results:
            if not result.content:
                self._parts.note_mark(result)
            content = self._parts.content(_marked(result))
        else:
            content = "\n".join(part.text for part in result.content if isinstance(part, TextPart))
            images = [part for part in result.content if isinstance(part, ImagePart)]
            if images:
                self._waiting.append({"type": "text", "text": f"Images of the tool result {result.tool_call_id}:"})
                self._waiting.extend(self._parts.content_part(image) for image in images)
                self._notes.say(f"images of a tool result were sent as a user's message: {self._provider}")
        if result.is_error:
            content = _with_error_mark(content)
        self._messages.append({"role": "tool", "tool_call_id": result.tool_call_id, "content": content})

    def _assistant(self, parts: Sequence[Part]) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant"}
        texts = [part for part in parts if isinstance(part, TextPart)]
        refusals = "".join(part.text for part in parts if isinstance(part, RefusalPart))
        if refusals and self._quirks.takes_refusals:
            message["refusal"] = refusals
        elif refusals:
            texts.append(TextPart(text=refusals))
        calls = [call for part in parts if (call := self._call(part)) is not None]
        if calls:
            message["tool_calls"] = calls
        raw = [part for part in parts if isinstance(part, RawPart) and not self._is_own(part, "custom")]
        for sound in [part for part in raw if self._is_own(part, "audio")]:
            message["audio"] = sound.data["audio"]
            raw.remove(sound)
        may_be_null = not message.keys().isdisjoint(("refusal", "tool_calls", "audio"))
        message["content"] = self._assistant_content(texts, raw, may_be_null=may_be_null)
        message |= self._reasoning(part for part in parts if isinstance(part, ReasoningPart))
        for part in parts:
            if not isinstance(part, TextPart | RefusalPart | ToolCallPart | RawPart | ReasoningPart):
                self._notes.say(f"a part of type {part.type} was not sent: an assistant's turn takes none")
        return message

    def _assistant_content(self, texts: list[TextPart], raw: list[RawPart], *, may_be_null: bool) -> Any:
        if raw or any(map(self._parts.is_marked, texts)):
            return self._parts.content([*texts, *raw])
        text = "".join(part.text for part in texts)
        return None if may_be_null and not text else text

    def _is_own(self, part: Part, kind: str) -> bool:
        """Whether a raw part is of a kind that is no content: a call of a custom tool, or an answer that was sound."""
        own = part.data if isinstance(part, RawPart) and part.provider == self._provider else {}
        return own.get("type") == kind and kind in own

    def _call(self, part: Part) -> dict[str, Any] | None:
        if isinstance(part, RawPart) and self._is_own(part, "custom"):
            return dict(part.data)
        if not isinstance(part, ToolCallPart):
            return None
        self._parts.note_mark(part)
        # A tool without parameters may have been called with no text at all, which vendors do not take back.
        function = {"name": part.name, "arguments": part.arguments or "{}"}
        return {"id": part.id, "type": "function", "function": function}

    def _reasoning(self, parts: Iterable[ReasoningPart]) -> dict[str, Any]:
        own: list[ReasoningPart] = []
        for part in parts:
            if part.provider == self._provider and self._quirks.reasoning_echo is not ReasoningEcho.NONE:
                own.append(part)
            else:
                self._notes.say(f"reasoning of an earlier turn was not sent: {self._provider} takes only its own")
        if not own:
            return {}
        if self._quirks.reasoning_echo is ReasoningEcho.DETAILS:
            return _reasoning_details(own)
        # DeepSeek (guides/thinking_mode): required once there are tool calls, ignored or refused before.
        return {"reasoning_content": "".join(part.text for part in own)} if self._has_tool_calls else {}


def _reasoning_details(parts: Iterable[ReasoningPart]) -> dict[str, Any]:
    """The signed blocks as they came (`signature` holds their JSON), or the bare text where none were signed."""
    details: list[Any] = []
    text = ""
    for part in parts:
        text += part.text
        try:
            blocks = json.loads(part.signature or "null")
        except ValueError:
            blocks = None
        if isinstance(blocks, list):
            details.extend(blocks)
    return {"reasoning_details": details} if details else {"reasoning": text}


def _marked(result: ToolResultPart) -> tuple[ResultPart, ...]:
    """The parts of a tool's answer; a cache mark on the whole answer stands on its last part."""
    if result.cache_control is None or not result.content:
        return result.content
    *rest, last = result.content
    return (*rest, replace(last, cache_control=last.cache_control or result.cache_control))


def _with_error_mark(content: Any) -> Any:
    """This dialect has no flag for a failed tool: the text says it."""
    mark = "The tool failed: "
    return mark + content if isinstance(content, str) else [{"type": "text", "text": mark}, *content]
