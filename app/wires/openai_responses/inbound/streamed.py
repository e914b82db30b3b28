"""What was said so far of each item of a stream, and in which events?

An item is begun with its first delta. Its texts end when something else begins; the item itself ends with the answer,
for only then is it known whole: a signature comes last.
"""

from __future__ import annotations

from typing import Any

from app.wires.openai_responses.inbound.output_items import Kind
from contracts.deltas import ToolCallDelta

Event = tuple[str, dict[str, Any]]

# For each kind of text: its place in the item, and the names of its part's and its own events.
_PLACES = {
    "output_text": ("content_index", "content_part", "output_text"),
    "refusal": ("content_index", "content_part", "refusal"),
    "summary_text": ("summary_index", "reasoning_summary_part", "reasoning_summary_text"),
}


class StreamedItem:
    """One item of a stream, number `index`."""

    def __init__(self, kind: Kind, item_id: str, index: int) -> None:
        self.kind = kind
        self.id = item_id
        self.index = index

    @property
    def at(self) -> dict[str, Any]:
        """What events of this item begin with."""
        return {"item_id": self.id, "output_index": self.index}

    def fields(self) -> dict[str, Any]:
        """What it holds, as far as it was streamed."""
        raise NotImplementedError

    def end(self, item: dict[str, Any]) -> list[Event]:
        """Its own end; `item` is the whole."""
        return [("output_item.done", {"output_index": self.index, "item": item})]

    def _added(self, fields: dict[str, Any]) -> Event:
        state = {} if self.kind == "reasoning" else {"status": "in_progress"}
        item = {"id": self.id, "type": self.kind, **state, **fields}
        return "output_item.added", {"output_index": self.index, "item": item}


class StreamedText(StreamedItem):
    """A message, or reasoning."""

    def __init__(self, kind: Kind, item_id: str, index: int) -> None:
        super().__init__(kind, item_id, index)
        self._parts: list[tuple[str, list[str]]] = []
        self._is_open = False

    def begin(self) -> list[Event]:
        """The item without its texts."""
        return [self._added({"summary": []} if self.kind == "reasoning" else {"role": "assistant", "content": []})]

    def grow(self, kind: str, piece: str) -> list[Event]:
        """More text of `kind`."""
        events: list[Event] = []
        if not self._is_open or self._parts[-1][0] != kind:
            events += self.close()
            self._parts.append((kind, []))
            self._is_open = True
            events.append((f"{_PLACES[kind][1]}.added", {**self._here(), "part": _part(kind, "")}))
        self._parts[-1][1].append(piece)
        extra: dict[str, Any] = {"logprobs": []} if kind == "output_text" else {}
        return [*events, (f"{_PLACES[kind][2]}.delta", {**self._here(), "delta": piece, **extra})]

    def close(self) -> list[Event]:
        """The end of the text that is open."""
        if not self._is_open:
            return []
        self._is_open = False
        kind, pieces = self._parts[-1]
        part = _part(kind, "".join(pieces))
        told = {name: value for name, value in part.items() if name in ("text", "refusal", "logprobs")}
        done = (f"{_PLACES[kind][2]}.done", {**self._here(), **told})
        return [done, (f"{_PLACES[kind][1]}.done", {**self._here(), "part": part})]

    def text(self) -> str:
        """All of it."""
        return "".join(piece for _, pieces in self._parts for piece in pieces)

    def fields(self) -> dict[str, Any]:
        """The message with its texts."""
        return {"role": "assistant", "content": [_part(kind, "".join(pieces)) for kind, pieces in self._parts]}

    def _here(self) -> dict[str, Any]:
        number = len(self._parts) - 1
        return {**self.at, _PLACES[self._parts[number][0]][0]: number}


class StreamedCall(StreamedItem):
    """A tool call."""

    def __init__(self, item_id: str, index: int, first: ToolCallDelta) -> None:
        super().__init__("function_call", item_id, index)
        self._called = {"call_id": first.id or item_id, "name": first.name or ""}
        self._arguments: list[str] = []

    def begin(self) -> list[Event]:
        """The call without its arguments."""
        return [self._added({**self._called, "arguments": ""})]

    def grow(self, piece: str) -> list[Event]:
        """More of its arguments."""
        self._arguments.append(piece)
        return [("function_call_arguments.delta", {**self.at, "delta": piece})] if piece else []

    def fields(self) -> dict[str, Any]:
        """The call, its arguments always a JSON text."""
        return {**self._called, "arguments": "".join(self._arguments) or "{}"}

    def end(self, item: dict[str, Any]) -> list[Event]:
        """A call without arguments is streamed as no text at all."""
        events = [] if any(self._arguments) else self.grow("{}")
        done = ("function_call_arguments.done", {**self.at, "arguments": item["arguments"]})
        return [*events, done, *super().end(item)]


def _part(kind: str, text: str) -> dict[str, Any]:
    if kind == "refusal":
        return {"type": kind, "refusal": text}
    return {"type": kind, "text": text} | ({"annotations": [], "logprobs": []} if kind == "output_text" else {})
