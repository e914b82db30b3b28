"""What has a vendor of this dialect said in the events that were relayed, so that another can go on behind them?

Its blocks are retold to those of our own streams, of their texts only the arguments of a call: they must be known to be
whole. The events were read once already, so what is odd in them is passed over, and most need not be read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.anthropic_messages.inbound.stream_blocks import StreamBlock, relayed_block
from app.wires.json_text import load_json
from contracts.deltas import Delta, RelayedEvent, ToolCallDelta


class FollowedMessage:
    """The state of a relayed stream: its `blocks`, and its `calls` by their number among the calls.

    `is_done`: it said the end itself; `is_new`: something came that `hand_over` has not given yet.
    """

    def __init__(self) -> None:
        self.blocks: list[StreamBlock] = []
        self.calls: dict[int, StreamBlock] = {}
        self.is_done = False
        self.is_new = False
        self._was_sent = False
        self._has_start = False
        self._by_index: dict[int, StreamBlock] = {}
        self._held: list[Delta] = []

    @property
    def lacks_start(self) -> bool:
        """Whether events were relayed, and none of them began the message."""
        return self._was_sent and not self._has_start

    def take(self, event: RelayedEvent) -> None:
        """Take note of one event; of one with the end only what it holds of the answer."""
        self.is_new = True
        if _is_only_text(event):
            self._was_sent = True
            return
        document = _read(event)
        kind = document.get("type", event.event)
        self.is_done = self.is_done or kind == "message_stop"
        if event.is_end:
            self._held.extend(event.deltas)
            return
        self._was_sent = True
        self._take(kind, document)

    def hand_over(self) -> list[Delta]:
        """What was held back, to be written now: from here on another vendor goes on."""
        held, self._held = self._held, []
        self.is_new = False
        return held

    def _take(self, kind: Any, document: Mapping[str, Any]) -> None:
        match kind, document:
            case "message_start", _:
                self._has_start = True
            case "content_block_start", {"content_block": {"type": str()} as head}:
                self._begin(document.get("index"), head)
            case "content_block_delta", {"index": int(index), "delta": {"partial_json": str(piece)}} if (
                index in self._by_index
            ):
                self._by_index[index].note(piece)
            case "content_block_stop", {"index": int(index)} if index in self._by_index:
                self._by_index[index].is_ended = True

    def _begin(self, index: Any, head: dict[str, Any]) -> None:
        place = index if isinstance(index, int) else len(self.blocks)
        block = relayed_block(head, place)
        self.blocks.append(block)
        self._by_index[place] = block
        if block.kind == "tool_use":
            self.calls[len(self.calls)] = block


def _is_only_text(event: RelayedEvent) -> bool:
    """Whether an event says more of a text, or a thought, and nothing else."""
    if event.is_end or event.event != "content_block_delta" or not event.deltas:
        return False
    return not any(isinstance(delta, ToolCallDelta) for delta in event.deltas)


def _read(event: RelayedEvent) -> dict[str, Any]:
    try:
        document = load_json(event.data)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
