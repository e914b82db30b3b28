"""What has a vendor of this dialect said in the events that were relayed, so that another can go on behind them?

Its stream is retold to the items of our own streams; what they would say themselves is let go. The events were read
once already, so what is odd in them is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.openai_responses.inbound.streamed import TEXT_KINDS, StreamedCall, StreamedItem, StreamedText
from app.wires.relayed import document_of
from contracts.deltas import Delta, RelayedEvent, ToolCallDelta

_PREFIX = "response."
_BEGINNINGS = ("created", "in_progress", "queued")
# The names of events, and the kind of text that each is about.
_NAMES = {**{kind: kind for kind in TEXT_KINDS}, "summary_text": "reasoning_summary_text"}
_DELTAS = {f"{name}.delta": kind for kind, name in _NAMES.items()}
_TOLD = tuple(f"{name}.done" for name in _NAMES.values())
_PARTS = ("content_part", "reasoning_summary_part")
# What our items know of themselves.
_OWN_FIELDS = ("id", "type", "status", "content", "summary", "encrypted_content", "call_id", "name", "arguments")


class FollowedResponse:
    """The state of a relayed stream: the `response` as it was announced, its `items`, and its `calls` in their order.

    `sent` is how many events were numbered; `is_new`: something came that `hand_over` has not given yet.
    """

    def __init__(self) -> None:
        self.response: dict[str, Any] = {}
        self.items: list[StreamedItem] = []
        self.calls: dict[int, StreamedCall] = {}
        self.sent = 0
        self.is_new = False
        self._held: list[Delta] = []

    def take(self, event: RelayedEvent) -> None:
        """Take note of one event; of one with the end only what it holds of the answer."""
        self.is_new = True
        if event.is_end:
            self._held.extend(event.deltas)
            return
        document = document_of(event)
        number = document.get("sequence_number")
        self.sent = number + 1 if isinstance(number, int) else self.sent + 1
        self._take(str(document.get("type", event.event)).removeprefix(_PREFIX), document)

    def hand_over(self) -> list[Delta]:
        """What was held back, to be written now: from here on another vendor goes on."""
        held, self._held = self._held, []
        self.is_new = False
        return held

    def _take(self, kind: str, document: Mapping[str, Any]) -> None:
        if kind in _BEGINNINGS:
            self.response = _object(document, "response")
        elif kind == "output_item.added":
            self._begin(document)
        elif kind == "output_item.done":
            self._end(document)
        else:
            item = self._item(document)
            if isinstance(item, StreamedText):
                _retell(item, kind, document)
            elif isinstance(item, StreamedCall):
                _retell_call(item, kind, document)

    def _begin(self, document: Mapping[str, Any]) -> StreamedItem:
        fields, index = _object(document, "item"), document.get("output_index")
        place = index if isinstance(index, int) else len(self.items)
        item = self._made(fields, place)
        self.items.append(item)
        return item

    def _end(self, document: Mapping[str, Any]) -> None:
        fields = _object(document, "item")
        item = self._item({"item_id": fields.get("id"), **document}) or self._begin(document)
        item.whole = fields

    def _item(self, document: Mapping[str, Any]) -> StreamedItem | None:
        """The item that an event is about: by its number, by its id, else the last."""
        index, name = document.get("output_index"), document.get("item_id")
        if isinstance(index, int):
            return next((item for item in self.items if item.index == index), None)
        named = (item for item in self.items if item.id == name)
        return next(named, self.items[-1] if self.items and not isinstance(name, str) else None)

    def _made(self, fields: dict[str, Any], place: int) -> StreamedItem:
        kind, name = fields.get("type"), str(fields.get("id", ""))
        more = {key: value for key, value in fields.items() if key not in _OWN_FIELDS}
        match kind:
            case "message":
                return StreamedText("message", name, place, more)
            case "reasoning":
                return StreamedText("reasoning", name, place, more)
            case "function_call":
                first = ToolCallDelta(index=len(self.calls), id=_text(fields, "call_id"), name=_text(fields, "name"))
                call = self.calls[len(self.calls)] = StreamedCall(name, place, first, more)
                call.grow(_text(fields, "arguments") or "")
                return call
        return StreamedItem("raw", name, place, fields)


def _retell(item: StreamedText, kind: str, document: Mapping[str, Any]) -> None:
    part, _, step = kind.rpartition(".")
    if kind in _DELTAS:
        item.grow(_DELTAS[kind], _text(document, "delta") or "")
    elif kind in _TOLD:
        item.tell()
    elif kind == "output_text.annotation.added":
        item.annotate(document.get("annotation"))
    elif part in _PARTS and step == "done":
        item.close()
    elif part in _PARTS and (text_kind := _object(document, "part").get("type")) in TEXT_KINDS:
        index = document.get("summary_index", document.get("content_index"))
        item.open(text_kind, index if isinstance(index, int) else None)


def _retell_call(item: StreamedCall, kind: str, document: Mapping[str, Any]) -> None:
    if kind == "function_call_arguments.delta":
        item.grow(_text(document, "delta") or "")
    elif kind == "function_call_arguments.done":
        item.tell()


def _object(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = document.get(name)
    return value if isinstance(value, dict) else {}


def _text(document: Mapping[str, Any], name: str) -> str | None:
    value = document.get(name)
    return value if isinstance(value, str) else None
