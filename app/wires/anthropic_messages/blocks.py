"""What is in each content block of an answer, as far as it is here?

A block begins, grows and ends; in a plain reply it begins whole. Kinds that we have no part for (redacted thinking, the
vendor's own tools) are kept as they are and go back unchanged in later turns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.json_text import dump_json, mended_text, plain_json
from app.wires.tool_arguments import object_of
from contracts.chat import Part, RawPart, ReasoningPart, TextPart, ToolCallPart
from contracts.deltas import Delta, ReasoningDelta, TextDelta, ToolCallDelta


class Block:
    """One content block. What it does by default is nothing."""

    def begin(self) -> list[Delta]:
        """What is new with the beginning."""
        return []

    def grow(self, delta: Mapping[str, Any]) -> list[Delta]:
        """What is new with one more piece."""
        return []

    def end(self) -> list[Delta]:
        """What is new with the end. Raises ValueError for a block that JSON cannot say again."""
        return []

    def part(self, provider: str) -> Part | None:
        """The block as a part of an answer of `provider`; None when it is empty."""
        raise NotImplementedError


class TextBlock(Block):
    """Plain text. Citations have no place in our parts: `has_citations` lets the caller know."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        self.text = text_of(block, "text")
        self.has_citations = bool(block.get("citations"))

    def begin(self) -> list[Delta]:
        """The text so far."""
        return [TextDelta(text=self.text)] if self.text else []

    def grow(self, delta: Mapping[str, Any]) -> list[Delta]:
        """More of it."""
        self.has_citations = self.has_citations or delta.get("type") == "citations_delta"
        piece = text_of(delta, "text")
        self.text += piece
        return [TextDelta(text=piece)] if piece else []

    def part(self, provider: str) -> Part | None:
        """What it is, whole."""
        return TextPart(text=self.text) if self.text else None


class ThinkingBlock(Block):
    """Thoughts, and the signature without which they cannot go back; the text may be left out by the vendor."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        self.text = text_of(block, "thinking")
        self.signature = text_of(block, "signature")

    def begin(self) -> list[Delta]:
        """The text so far."""
        return [ReasoningDelta(text=self.text)] if self.text else []

    def grow(self, delta: Mapping[str, Any]) -> list[Delta]:
        """More of it."""
        self.signature += text_of(delta, "signature")
        piece = text_of(delta, "thinking")
        self.text += piece
        return [ReasoningDelta(text=piece)] if piece else []

    def part(self, provider: str) -> Part | None:
        """What it is, whole."""
        if not self.text and not self.signature:
            return None
        return ReasoningPart(text=self.text, signature=self.signature or None, provider=provider)


class ToolUseBlock(Block):
    """The tool call number `number` of the answer. Raises ValueError for one without a name."""

    def __init__(self, block: Mapping[str, Any], *, number: int, reply_id: str) -> None:
        self._number = number
        self._id = text_of(block, "id") or f"call_{reply_id}_{number}"
        self._name = text_of(block, "name")
        self._arguments = dump_json(block["input"]).decode() if block.get("input") else ""
        if not self._name:
            msg = "a tool call without a name"
            raise ValueError(msg)

    def begin(self) -> list[Delta]:
        """The text so far."""
        return [ToolCallDelta(index=self._number, id=self._id, name=self._name, arguments=self._arguments)]

    def grow(self, delta: Mapping[str, Any]) -> list[Delta]:
        """More of it."""
        piece = text_of(delta, "partial_json")
        self._arguments += piece
        return [ToolCallDelta(index=self._number, arguments=piece)] if piece else []

    def end(self) -> list[Delta]:
        """A call without arguments is streamed as no text at all."""
        if self._arguments:
            return []
        self._arguments = "{}"
        return [ToolCallDelta(index=self._number, arguments="{}")]

    def part(self, provider: str) -> Part | None:
        """What it is, whole."""
        return ToolCallPart(id=self._id, name=self._name, arguments=self._arguments)


class RawBlock(Block):
    """A block of any other kind, as it came. Raises ValueError for one that JSON cannot say again."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._block: dict[str, Any] = plain_json(dict(block))
        self._input = ""

    def grow(self, delta: Mapping[str, Any]) -> list[Delta]:
        """More of it."""
        self._input += text_of(delta, "partial_json")
        return []

    def end(self) -> list[Delta]:
        """Its input, whole."""
        if self._input:
            self._block["input"] = plain_json(object_of(self._input, allow_nan=True)[0])
            self._input = ""
        return []

    def part(self, provider: str) -> Part | None:
        """What it is, whole."""
        return RawPart(provider=provider, data=self._block)


def text_of(data: Mapping[str, Any], name: str) -> str:
    """The text under `name`, or none."""
    value = data.get(name)
    return mended_text(value) if isinstance(value, str) else ""
