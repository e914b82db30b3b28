"""Who waits for a place, and who of them is next? The more urgent first, within one priority the first to come."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

from contracts.requests import Priority

PRIORITIES = (Priority.URGENT, Priority.HIGH, Priority.NORMAL, Priority.LOW)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Waiter(Generic[T]):
    """A call that waits; `turn` is given its place. `tokens` is what it is estimated to take."""

    priority: Priority
    tokens: int
    turn: asyncio.Future[T]


class WaitingLine(Generic[T]):
    """Waiters in order. Each operation takes the same time, however many wait."""

    def __init__(self) -> None:
        self._lanes: dict[Priority, OrderedDict[Waiter[T], None]] = {each: OrderedDict() for each in PRIORITIES}
        self._tokens = dict.fromkeys(PRIORITIES, 0)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, waiter: Waiter[T]) -> None:
        """Behind all of its priority."""
        self._lanes[waiter.priority][waiter] = None
        self._tokens[waiter.priority] += waiter.tokens
        self._count += 1

    def remove(self, waiter: Waiter[T]) -> None:
        """It waits no longer; nothing happens when it does not wait."""
        lane = self._lanes[waiter.priority]
        if waiter in lane:
            del lane[waiter]
            self._tokens[waiter.priority] -= waiter.tokens
            self._count -= 1

    def first(self) -> Waiter[T] | None:
        """Whose turn is next; None when nobody waits."""
        return next((next(iter(lane)) for lane in self._lanes.values() if lane), None)

    def ahead_of(self, priority: Priority) -> tuple[int, int]:
        """How many would be served before a new one of `priority`, and their tokens."""
        before = PRIORITIES[: PRIORITIES.index(priority) + 1]
        return sum(len(self._lanes[each]) for each in before), sum(self._tokens[each] for each in before)
