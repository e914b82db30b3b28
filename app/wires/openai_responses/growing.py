"""What is in each item of an answer, as far as it is here?

An item begins, grows and ends; in a plain reply it only ends. What the end holds beyond what came before is new too, so
a server that streams little, or nothing, still gives every delta.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.wires.json_text import dump_json, mended_text
from contracts.deltas import Delta, ReasoningDelta, TextDelta, ToolCallDelta

Item = Mapping[str, Any]

_TEXT_FIELDS = {"output_text": "text", "refusal": "refusal", "summary_text": "text", "reasoning_text": "text"}
_PARAGRAPH = "\n\n"


class GrowingItem:
    """One item of any kind: kept as it came, for what we have no deltas of."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.differs = False
        self._whole: Item | None = None

    def begin(self, item: Item) -> list[Delta]:
        """What is new with the beginning."""
        self._whole = item
        return []

    def end(self, item: Item) -> list[Delta]:
        """What is new with the whole. `differs` is set where it is not what was streamed."""
        self._whole = item
        return []

    def whole(self) -> Item:
        """The item as it is known."""
        return self._whole or {"type": self.kind}


@dataclass(slots=True)
class _Text:
    type: str
    pieces: list[str] = field(default_factory=list)


class TextItem(GrowingItem):
    """A message or reasoning: texts at places like `content` 0 or `summary` 1."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self._texts: dict[tuple[str, int], _Text] = {}
        self._is_begun_only = True

    def begin(self, item: Item) -> list[Delta]:
        """Text that is there from the beginning is sent again as deltas."""
        return []

    def grow(self, place: str, index: int, kind: str, piece: str) -> list[Delta]:
        """More of the text at a place."""
        if not piece:
            return []
        is_reasoning = self.kind == "reasoning"
        follows = is_reasoning and (place, index) not in self._texts and bool(self._texts)
        self._texts.setdefault((place, index), _Text(kind)).pieces.append(piece)
        if is_reasoning:
            return [ReasoningDelta(text=_PARAGRAPH + piece if follows else piece)]
        return [TextDelta(text=piece, is_refusal=kind == "refusal")]

    def end(self, item: Item) -> list[Delta]:
        """What of its texts was not streamed."""
        self._whole = item
        deltas: list[Delta] = []
        for place, index, kind, text in _texts_of(item):
            known = self._texts.get((place, index))
            sent = "".join(known.pieces) if known else ""
            self.differs = self.differs or not text.startswith(sent)
            deltas += self.grow(place, index, kind, text.removeprefix(sent) if text.startswith(sent) else "")
        return deltas

    def whole(self) -> Item:
        """The item as it ended, or as its pieces make it."""
        if self._whole is not None:
            return self._whole
        item: dict[str, Any] = {"type": self.kind, "summary": [], "content": []}
        for (place, _), text in self._texts.items():
            item[place].append({"type": text.type, _TEXT_FIELDS[text.type]: "".join(text.pieces)})
        return item


class CallItem(GrowingItem):
    """The tool call number `number` of an answer; what comes before its name waits for it."""

    def __init__(self, number: int, reply_id: str) -> None:
        super().__init__("function_call")
        self._number = number
        self._spare_id = f"call_{reply_id}_{number}"
        self._id = ""
        self._name = ""
        self._arguments: list[str] = []

    def begin(self, item: Item) -> list[Delta]:
        """The call's id and name. Raises ValueError for arguments that JSON cannot say."""
        return self._take(item)

    def grow(self, piece: str) -> list[Delta]:
        """More of its arguments."""
        if piece:
            self._arguments.append(piece)
        return [ToolCallDelta(index=self._number, arguments=piece)] if piece and self._name else []

    def end(self, item: Item) -> list[Delta]:
        """What was not streamed. Raises ValueError for arguments that JSON cannot say."""
        self._whole = item
        return self._take(item)

    def whole(self) -> Item:
        """The item, always with an id and with its arguments as text."""
        arguments = _arguments(self._whole) if self._whole is not None else "".join(self._arguments)
        item = {"type": self.kind, "call_id": self._id or self._spare_id, "name": self._name}
        return {**(self._whole or {}), **item, "arguments": arguments}

    def _take(self, item: Item) -> list[Delta]:
        sent, text = "".join(self._arguments), _arguments(item)
        rest = text.removeprefix(sent) if text.startswith(sent) else ""
        self.differs = self.differs or (bool(text) and not text.startswith(sent))
        name = _text(item, "name")
        if self._name or not name:
            return self.grow(rest)
        self._name, self._id = name, _text(item, "call_id") or self._spare_id
        self._arguments.append(rest)
        return [ToolCallDelta(index=self._number, id=self._id, name=name, arguments=sent + rest)]


def _texts_of(item: Item) -> Iterator[tuple[str, int, str, str]]:
    """Place, index, kind and text of each of an item's texts."""
    for place in ("summary", "content"):
        parts = item.get(place)
        for index, part in enumerate(parts if isinstance(parts, list) else ()):
            kind = part.get("type") if isinstance(part, dict) else None
            if isinstance(kind, str) and kind in _TEXT_FIELDS:
                yield place, index, kind, _text(part, _TEXT_FIELDS[kind])


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return mended_text(value) if isinstance(value, str) else ""


def _arguments(item: Item) -> str:
    """The JSON text; some servers send the object itself."""
    value = item.get("arguments")
    return dump_json(value).decode() if isinstance(value, dict) else _text(item, "arguments")
