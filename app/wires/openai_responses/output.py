"""Which item of an answer does an event belong to, and what are all of them together?

OpenAI numbers its items by `output_index`; llama.cpp sends only their ids; some proxies give an item another id in each
event. So the number decides where there is one, then the id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.wires.json_text import mended_text
from app.wires.openai_responses.growing import CallItem, GrowingItem, Item, TextItem
from contracts.deltas import Delta

_TEXT_KINDS = ("message", "reasoning")


class Output:
    """The items of one answer, in order. `reply_id` makes the ids that a vendor leaves out unlike other turns'."""

    def __init__(self) -> None:
        self.reply_id = ""
        self._items: list[GrowingItem] = []
        self._by_index: dict[int, GrowingItem] = {}
        self._by_id: dict[str, GrowingItem] = {}
        self._calls = 0

    @property
    def differs(self) -> bool:
        """Whether the whole answer is another one than what was streamed of it."""
        return any(item.differs for item in self._items)

    def begin(self, event: Mapping[str, Any], item: Item) -> list[Delta]:
        """Take the beginning of an item. Raises ValueError for one that JSON cannot say."""
        return self._item(event, item).begin(item)

    def end(self, event: Mapping[str, Any], item: Item) -> list[Delta]:
        """Take an item that is whole. Raises ValueError for one that JSON cannot say."""
        return self._item(event, item).end(item)

    def grow_text(self, event: Mapping[str, Any], *, item: str, place: str, part: str) -> list[Delta]:
        """Take more of a text of kind `part` at `place` (`content`, `summary`) of an item of kind `item`."""
        found = self._item(event, {"type": item})
        if not isinstance(found, TextItem):
            return []
        return found.grow(place, _number(event.get(f"{place}_index")) or 0, part, _delta(event))

    def grow_call(self, event: Mapping[str, Any]) -> list[Delta]:
        """Take more of a tool call's arguments."""
        found = self._item(event, {"type": "function_call"})
        return found.grow(_delta(event)) if isinstance(found, CallItem) else []

    def settle(self, items: Sequence[Item]) -> list[Delta]:
        """Take the whole answer; without items, what came before stays. Raises ValueError as `end` does."""
        if not items:
            return []
        deltas: list[Delta] = []
        begun, self._items = self._items, []
        taken: set[int] = set()
        for position, item in enumerate(items):
            known = self._named(item) or self._placed(position, item, begun)
            if known is None or id(known) in taken:
                known = self._made(item)
            taken.add(id(known))
            self._items.append(known)
            deltas += known.end(item)
        return deltas

    def whole(self) -> list[Item]:
        """All items as they are known."""
        return [item.whole() for item in self._items]

    def item_ids(self) -> tuple[str, ...]:
        """What the vendor calls them."""
        ids = (item.get("id") for item in self.whole())
        return tuple(name for name in ids if isinstance(name, str) and name)

    def _item(self, event: Mapping[str, Any], item: Item) -> GrowingItem:
        """The item that an event is about, begun now if it is not known."""
        index = _number(event.get("output_index"))
        names = {**item, "item_id": event.get("item_id")}
        found = _of_kind(None if index is None else self._by_index.get(index), item) or self._named(names)
        if found is None:
            found = self._made(item)
            self._items.append(found)
        if index is not None:
            self._by_index[index] = found
        self._by_id.update(dict.fromkeys(_ids(names), found))
        return found

    def _named(self, item: Item) -> GrowingItem | None:
        found = (_of_kind(self._by_id.get(name), item) for name in _ids(item))
        return next((one for one in found if one is not None), None)

    def _placed(self, position: int, item: Item, begun: Sequence[GrowingItem]) -> GrowingItem | None:
        in_order = begun[position] if position < len(begun) else None
        return _of_kind(self._by_index.get(position, in_order), item)

    def _made(self, item: Item) -> GrowingItem:
        kind = item["type"]
        if kind in _TEXT_KINDS:
            return TextItem(kind)
        if kind != "function_call":
            return GrowingItem(kind)
        self._calls += 1
        return CallItem(self._calls - 1, self.reply_id)


def _of_kind(found: GrowingItem | None, item: Item) -> GrowingItem | None:
    return found if found is not None and found.kind == item["type"] else None


def _ids(item: Item) -> list[str]:
    names = (item.get("item_id"), item.get("id"), item.get("call_id"))
    return [name for name in names if isinstance(name, str) and name]


def _delta(event: Mapping[str, Any]) -> str:
    value = event.get("delta")
    return mended_text(value) if isinstance(value, str) else ""


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
