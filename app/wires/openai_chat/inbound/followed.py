"""What has a vendor of this dialect said in the chunks that were relayed, so that another can go on behind them?

On the way of every relayed chunk: only the first is read as JSON, later, and those that begin a tool call.
"""

from __future__ import annotations

import re
from typing import Any

from app.wires.relayed import document_of
from contracts.deltas import Delta, ReasoningDelta, RelayedEvent, TextDelta, ToolCallDelta

DONE = "[DONE]"
_ENVELOPE = ("id", "object", "created", "model", "system_fingerprint", "service_tier")
# The first is on the way of the first content, and what it says wanted only where another goes on.
_MOST_UNREAD = 8
_PLAIN_REASONING = "reasoning_content"
_USAGE = re.compile(r'"usage"\s*:\s*\{')


class FollowedChunks:
    """The state of a relayed stream. `is_new`: something came that `hand_over` has not given yet.

    `numbers` is the place of each call in the caller's list, `reasoning_field` the name under which its thoughts came;
    `has_signed`: in signed blocks, too. `has_role`: it said who speaks.
    """

    __slots__ = (
        "_envelope",
        "_foreign",
        "_held",
        "_unread",
        "has_content",
        "has_role",
        "has_signed",
        "is_done",
        "is_new",
        "numbers",
        "reasoning_field",
    )

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}
        self.reasoning_field = _PLAIN_REASONING
        self.has_content = False
        self.has_signed = False
        self.is_done = False
        self.is_new = False
        self.has_role = False
        self._held: list[Delta] = []
        self._foreign: set[int] = set()
        self._envelope: dict[str, Any] = {}
        # None once the answer's id is known.
        self._unread: list[RelayedEvent] | None = []

    @property
    def envelope(self) -> dict[str, Any]:
        """What the chunks begin with."""
        self._read()
        return self._envelope

    def take(self, event: RelayedEvent) -> None:
        """Take note of one chunk; of one with the end only what it holds of the answer."""
        deltas, data = event.deltas, event.data
        # What says something of the answer is not the end.
        if not deltas and data.strip() == DONE:
            self.is_done = True
            return
        self.is_new = True
        if event.is_end:
            self._held.extend(deltas)
            return
        if self._unread is not None:
            self._unread.append(event)
            if len(self._unread) == _MOST_UNREAD:
                self._read()
        self.has_signed = self.has_signed or '"reasoning_details"' in data
        self.has_role = self.has_role or '"role"' in data
        if len(deltas) == 1 and isinstance(deltas[0], TextDelta):
            self.has_content = True
        elif deltas:
            self._take_deltas(event)

    def hand_over(self) -> list[Delta]:
        """What was held back, to be written now: from here on another vendor goes on."""
        held, self._held = self._held, []
        self._foreign = set(self.numbers)
        self.is_new = False
        return held

    def is_another(self, delta: ToolCallDelta) -> bool:
        """Whether `delta` begins a call of another vendor under a number that a relayed one has."""
        is_another = delta.name is not None and delta.index in self._foreign
        self._foreign -= {delta.index} if is_another else set()
        return is_another

    def _read(self) -> None:
        for event in self._unread or ():
            chunk = document_of(event)
            self._envelope |= {name: chunk[name] for name in _ENVELOPE if chunk.get(name) is not None}
            if self._envelope.get("id"):
                self._unread = None
                return
        if self._unread:
            self._unread = []

    def _take_deltas(self, event: RelayedEvent) -> None:
        calls: list[ToolCallDelta] = []
        for delta in event.deltas:
            if isinstance(delta, ReasoningDelta):
                self.reasoning_field = _PLAIN_REASONING if f'"{_PLAIN_REASONING}"' in event.data else "reasoning"
                continue
            self.has_content = True
            if isinstance(delta, ToolCallDelta):
                calls.append(delta)
        if calls and any(call.index not in self.numbers for call in calls):
            numbers = _call_numbers(document_of(event))
            own = numbers if len(numbers) == len(calls) else [call.index for call in calls]
            self.numbers |= {call.index: number for call, number in zip(calls, own, strict=True)}


def is_usage_only(event: RelayedEvent) -> bool:
    """Whether a chunk says what was used, and nothing of the answer."""
    # Every chunk says `"usage":null` where it was asked for: those are not read.
    if _USAGE.search(event.data) is None:
        return False
    chunk = document_of(event)
    return isinstance(chunk.get("usage"), dict) and not chunk.get("choices")


def _call_numbers(chunk: dict[str, Any]) -> list[int]:
    """The places of the calls in the first choice of a chunk."""
    match chunk.get("choices"):
        case [{"delta": {"tool_calls": [*calls]}}, *_]:
            numbers = [call.get("index") for call in calls if isinstance(call, dict)]
            return [number for number in numbers if isinstance(number, int)]
    return []
