"""Which events say each piece of an answer, and in which item does it stand?

Texts of a kind that follow each other are one item. An item that a vendor began and that is not ended yet goes on.
"""

from __future__ import annotations

from typing import Any

from app.wires.openai_responses.inbound.followed import FollowedResponse
from app.wires.openai_responses.inbound.output_items import Kind, PlannedItem, item_id, planned_items
from app.wires.openai_responses.inbound.pairing import Pair, carried_on, paired
from app.wires.openai_responses.inbound.streamed import Event, StreamedCall, StreamedItem, StreamedText
from contracts.calls import Reply
from contracts.deltas import Delta, ReasoningDelta, TextDelta, ToolCallDelta


class WrittenItems:
    """The items of one answer, as far as they are streamed; `provider` as for `encode_response`."""

    def __init__(self, *, request_id: str, provider: str) -> None:
        self._request_id = request_id
        self._provider = provider
        self._begun: list[StreamedItem] = []
        self._added: list[StreamedItem] = []
        self._open: StreamedText | None = None
        self._calls: dict[int, StreamedCall] = {}
        self._foreign: set[int] = set()
        self._count = 0

    def take_over(self, followed: FollowedResponse) -> None:
        """Go on behind what a vendor said."""
        self._begun = followed.items
        self._calls = dict(followed.calls)
        self._foreign = set(self._calls)
        self._count = max((item.index + 1 for item in self._begun), default=0)
        last = self._begun[-1] if self._begun else None
        self._open = last if isinstance(last, StreamedText) and last.whole is None else None

    def add(self, delta: Delta) -> list[Event]:
        """One piece of the answer."""
        match delta:
            case TextDelta():
                return self._text("message", "refusal" if delta.is_refusal else "output_text", delta.text)
            case ReasoningDelta():
                is_open = self._open is not None and self._open.kind == "reasoning"
                kind = self._open.text_kind if self._open is not None and is_open else "summary_text"
                return self._text("reasoning", kind, delta.text)
            case ToolCallDelta():
                return self._call(delta)

    def close(self) -> list[Event]:
        """The end of the text that is open."""
        closing, self._open = self._open, None
        return closing.close() if closing is not None else []

    def pairs(self, reply: Reply) -> list[Pair]:
        """The items of the whole answer, each with what was streamed of it."""
        planned = planned_items(reply.message.content, provider=self._provider)
        return carried_on(planned, self._begun, self._added) if self._begun else paired(planned, self._added)

    def end(
        self, item: PlannedItem, streamed: StreamedItem | None, *, status: str
    ) -> tuple[dict[str, Any], list[Event]]:
        """An item as a whole, and the events that end it; one of which no delta told is added whole."""
        if streamed is None:
            name, index = self._next(item.kind)
            whole = item.written(name, status=status)
            told = {"output_index": index, "item": whole}
            return whole, [("output_item.added", told), ("output_item.done", told)]
        if streamed.whole is not None:
            return streamed.whole, []
        whole = item.named(streamed.id, status=status)
        return whole, streamed.end(whole)

    def _text(self, item: Kind, kind: str, piece: str) -> list[Event]:
        if not piece:
            return []
        if self._open is not None and self._open.kind == item:
            return self._open.grow(kind, piece)
        events = self._open.close() if self._open is not None else []
        self._open = StreamedText(item, *self._next(item))
        self._added.append(self._open)
        return [*events, *self._open.begin(), *self._open.grow(kind, piece)]

    def _call(self, delta: ToolCallDelta) -> list[Event]:
        # A vendor that goes on for another counts its calls anew.
        is_another = delta.name is not None and delta.index in self._foreign
        known = None if is_another else self._calls.get(delta.index)
        if known is not None:
            return known.grow(delta.arguments)
        self._foreign.discard(delta.index)
        events = self.close()
        call = self._calls[delta.index] = StreamedCall(*self._next("function_call"), delta)
        self._added.append(call)
        return [*events, *call.begin(), *call.grow(delta.arguments)]

    def _next(self, kind: Kind) -> tuple[str, int]:
        self._count += 1
        return item_id(kind, self._request_id, self._count - 1), self._count - 1
