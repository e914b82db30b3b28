"""What was said so far of each item of a stream, and in which events?

An item is begun with its first delta. Its texts end when something else begins; the item itself ends with the answer,
for only then is it known whole: a signature comes last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.wires.openai_responses.inbound.output_items import Kind
from app.wires.text_frame import TextFrame
from contracts.deltas import ToolCallDelta

# A name, and its fields: those of a piece of a text are JSON already.
Event = tuple[str, dict[str, Any] | str]

# For each kind of text: its place in the item, and the names of its part's and its own events.
_PLACES = {
    "output_text": ("content_index", "content_part", "output_text"),
    "refusal": ("content_index", "content_part", "refusal"),
    "summary_text": ("summary_index", "reasoning_summary_part", "reasoning_summary_text"),
    "reasoning_text": ("content_index", "content_part", "reasoning_text"),
}
TEXT_KINDS = tuple(_PLACES)
_DELTAS = {kind: f"{event}.delta" for kind, (_, _, event) in _PLACES.items()}


class StreamedItem:
    """One item of a stream, number `index`. `whole` is its end, where a vendor has said it already.

    `more` is what the vendor that began it said of it beyond our fields.
    """

    def __init__(self, kind: Kind, item_id: str, index: int, more: Mapping[str, Any] | None = None) -> None:
        self.kind = kind
        self.id = item_id
        self.index = index
        self.more = dict(more or {})
        self.whole: dict[str, Any] | None = None

    @property
    def at(self) -> dict[str, Any]:
        """What events of this item begin with."""
        return {"item_id": self.id, "output_index": self.index}

    def fields(self) -> dict[str, Any]:
        """What it holds, as far as it was streamed."""
        return self.more

    def end(self, item: dict[str, Any]) -> list[Event]:
        """Its own end; `item` is the whole."""
        return [("output_item.done", {"output_index": self.index, "item": item})]

    def _added(self, fields: dict[str, Any]) -> Event:
        state = {} if self.kind == "reasoning" else {"status": "in_progress"}
        item = {"id": self.id, "type": self.kind, **state, **fields}
        return "output_item.added", {"output_index": self.index, "item": item}


@dataclass(slots=True)
class _Text:
    """A text of an item, at `index` of its content or summary; `is_told`: its end was said, its part's not yet."""

    kind: str
    index: int
    pieces: list[str] = field(default_factory=list)
    annotations: list[Any] = field(default_factory=list)
    is_told: bool = False
    frame: TextFrame | None = None

    @property
    def is_summary(self) -> bool:
        return self.kind == "summary_text"

    def written(self) -> dict[str, Any]:
        part = _part(self.kind, "".join(self.pieces))
        return {**part, "annotations": self.annotations} if "annotations" in part else part


class StreamedText(StreamedItem):
    """A message, or reasoning."""

    def __init__(self, kind: Kind, item_id: str, index: int, more: Mapping[str, Any] | None = None) -> None:
        super().__init__(kind, item_id, index, more)
        self._texts: list[_Text] = []
        self._is_open = False

    @property
    def text_kind(self) -> str:
        """Of which kind the last of its texts is; what our own are before there is one."""
        own = "summary_text" if self.kind == "reasoning" else "output_text"
        return self._texts[-1].kind if self._texts else own

    def begin(self) -> list[Event]:
        """The item without its texts."""
        return [self._added({"summary": []} if self.kind == "reasoning" else {"role": "assistant", "content": []})]

    def open(self, kind: str, index: int | None = None) -> list[Event]:
        """A new text of `kind`, at `index` or behind those that are there."""
        events = self.close() if self._is_open else []
        if index is None:
            is_summary = kind == "summary_text"
            index = sum([text.is_summary == is_summary for text in self._texts]) if self._texts else 0
        self._texts.append(_Text(kind, index))
        self._is_open = True
        return [*events, (f"{_PLACES[kind][1]}.added", {**self._here(), "part": _part(kind, "")})]

    def grow(self, kind: str, piece: str) -> list[Event]:
        """More text of `kind`."""
        events: list[Event] = []
        if not self._is_open or self._texts[-1].kind != kind or self._texts[-1].is_told:
            events = self.open(kind)
        text = self._texts[-1]
        if text.frame is None:
            told: dict[str, Any] = {**self._here(), "delta": ""}
            if kind == "output_text":
                told["logprobs"] = []
            text.frame = TextFrame(told, "delta")
        text.pieces.append(piece)
        events.append((_DELTAS[kind], text.frame.around(piece)))
        return events

    def annotate(self, annotation: Any) -> None:
        """A vendor's remark on the text that is open."""
        if self._is_open:
            self._texts[-1].annotations.append(annotation)

    def tell(self) -> None:
        """The end of the text that is open was said, but not that of its part."""
        if self._is_open:
            self._texts[-1].is_told = True

    def close(self) -> list[Event]:
        """The end of the text that is open."""
        if not self._is_open:
            return []
        self._is_open = False
        text = self._texts[-1]
        part = text.written()
        told = {name: value for name, value in part.items() if name in ("text", "refusal", "logprobs")}
        done = (f"{_PLACES[text.kind][2]}.done", {**self._here(), **told})
        return [*([] if text.is_told else [done]), (f"{_PLACES[text.kind][1]}.done", {**self._here(), "part": part})]

    def text(self) -> str:
        """All of it."""
        return "".join(piece for text in self._texts for piece in text.pieces)

    def fields(self) -> dict[str, Any]:
        """The item with its texts."""
        content = [text.written() for text in self._texts if not text.is_summary]
        if self.kind == "message":
            return {"role": "assistant", **self.more, "content": content}
        summary = [text.written() for text in self._texts if text.is_summary]
        return {**self.more, "summary": summary, **({"content": content} if content else {})}

    def _here(self) -> dict[str, Any]:
        text = self._texts[-1]
        return {"item_id": self.id, "output_index": self.index, _PLACES[text.kind][0]: text.index}


class StreamedCall(StreamedItem):
    """A tool call."""

    def __init__(self, item_id: str, index: int, first: ToolCallDelta, more: Mapping[str, Any] | None = None) -> None:
        super().__init__("function_call", item_id, index, more)
        self._called = {"call_id": first.id or item_id, "name": first.name or ""}
        self._arguments: list[str] = []
        self._is_told = False

    def begin(self) -> list[Event]:
        """The call without its arguments."""
        return [self._added({**self._called, "arguments": ""})]

    def grow(self, piece: str) -> list[Event]:
        """More of its arguments."""
        self._arguments.append(piece)
        return [("function_call_arguments.delta", {**self.at, "delta": piece})] if piece else []

    def tell(self) -> None:
        """The end of its arguments was said, but not its own."""
        self._is_told = True

    def fields(self) -> dict[str, Any]:
        """The call, its arguments always a JSON text."""
        return {**self.more, **self._called, "arguments": "".join(self._arguments) or "{}"}

    def end(self, item: dict[str, Any]) -> list[Event]:
        """A call without arguments is streamed as no text at all."""
        if self._is_told:
            return super().end(item)
        events = [] if any(self._arguments) else self.grow("{}")
        done = ("function_call_arguments.done", {**self.at, "arguments": item["arguments"]})
        return [*events, done, *super().end(item)]


def _part(kind: str, text: str) -> dict[str, Any]:
    if kind == "refusal":
        return {"type": kind, "refusal": text}
    return {"type": kind, "text": text} | ({"annotations": [], "logprobs": []} if kind == "output_text" else {})
