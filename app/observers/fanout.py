"""How do observers learn what happened, without any caller waiting for them, and without harm to each other?

Each has a lane of its own, so what one of them misses, or the time that it takes, is its own.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Protocol

from app.observers.lane import Lane, Record
from app.ports.records import AttemptRecord, Observer, RequestRecord

logger = logging.getLogger(__name__)

CAPACITY = 8192
_COMPLAINT_SECONDS = 60.0


class BatchingObserver(Observer, Protocol):
    """An observer that gathers, and sends what it gathered when it is told that no more waits."""

    def send(self) -> int:
        """Sends; how many requests it had to drop."""
        ...


class _Isolated:
    """The receiver of one lane: whatever its observer raises ends here, and is counted."""

    def __init__(self, name: str, observer: Observer) -> None:
        self.failed = 0
        self._name = name
        self._attempt_ended = observer.attempt_ended
        self._request_ended = observer.request_ended
        self._send = getattr(observer, "send", None)
        self._complained_at = float("-inf")

    def receive(self, record: Record) -> None:
        try:
            if isinstance(record, RequestRecord):
                self._request_ended(record)
            else:
                self._attempt_ended(record)
        except Exception as error:
            self._missed(1, type(error).__name__)

    def end_batch(self) -> None:
        if self._send is None:
            return
        try:
            missed = self._send()
        except Exception as error:
            self._missed(1, type(error).__name__)
        else:
            if missed:
                self._missed(missed, "it could not send")

    def _missed(self, count: int, why: str) -> None:
        """An error is told by its name: its own words could hold what was observed."""
        self.failed += count
        now = time.monotonic()
        if now - self._complained_at >= _COMPLAINT_SECONDS:
            self._complained_at = now
            logger.warning("the observer %s misses records, %d by now: %s", self._name, self.failed, why)


class Fanout:
    """The one observer that the engine knows: it hands every record on to `observers`, by name.

    One whose `sees_calls` is False is told of requests only: half of what would lie on its lane is nothing to it.
    """

    def __init__(self, observers: Mapping[str, Observer], *, capacity: int = CAPACITY) -> None:
        self._isolated = {name: _Isolated(name, observer) for name, observer in observers.items()}
        self._lanes = {name: Lane(name, receiver, capacity) for name, receiver in self._isolated.items()}
        self._puts = tuple(lane.put for lane in self._lanes.values())
        seeing = [name for name, observer in observers.items() if getattr(observer, "sees_calls", True)]
        self._puts_of_calls = tuple(self._lanes[name].put for name in seeing)

    def attempt_ended(self, record: AttemptRecord) -> None:
        """Observer: one upstream call has ended."""
        for put in self._puts_of_calls:
            put(record)

    def request_ended(self, record: RequestRecord) -> None:
        """Observer: one request has ended."""
        for put in self._puts:
            put(record)

    def dropped(self) -> dict[str, int]:
        """How many records each observer missed since the beginning: no place, too late, or it failed on them."""
        return {name: lane.overflown + self._isolated[name].failed for name, lane in self._lanes.items()}

    def start(self) -> None:
        """Starts the threads; what was put before waits for them."""
        for lane in self._lanes.values():
            lane.start()

    async def caught_up(self, name: str, *, within_seconds: float) -> bool:
        """Whether the observer `name` has seen all that was put before, for which it waits so long."""
        try:
            async with asyncio.timeout(within_seconds):
                await self._lanes[name].caught_up()
        except TimeoutError:
            return False
        return True

    async def aclose(self, *, within_seconds: float = 5.0) -> None:
        """Lets each observer see what waits, for so long; what is left then is dropped, and counted."""
        for lane in self._lanes.values():
            lane.end()
        await asyncio.to_thread(self._join, time.monotonic() + within_seconds)

    def _join(self, deadline: float) -> None:
        for lane in self._lanes.values():
            lane.join(max(0.0, deadline - time.monotonic()))
