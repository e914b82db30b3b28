"""How does one observer get its records? By a queue that is bounded, and a thread that empties it.

The thread looks for records by itself, a few times a second: waking it would cost the caller more than handing over
the record. While it works it rests now and then: a thread that computes keeps the interpreter for 5 ms at a time, and
the event loop would wait for that. But each rest is a fight for the interpreter, too, which both sides pay for, so they
go by the time it worked, and what a busy service's log or metrics leave on a lane in one nap is done without one.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from contextlib import suppress
from typing import Protocol

from app.ports.records import AttemptRecord, RequestRecord

logger = logging.getLogger(__name__)

Record = AttemptRecord | RequestRecord

_SHORTEST_NAP_SECONDS = 0.05
_LONGEST_NAP_SECONDS = 0.4
_RECORDS_A_BATCH = 256
_RECORDS_BETWEEN_LOOKS = 8
_SECONDS_BETWEEN_RESTS = 0.001
_REST_SECONDS = 0.0002


class Receiver(Protocol):
    """What a lane leads to. It is called on the lane's thread, and raises nothing."""

    def receive(self, record: Record) -> None:
        """One record."""
        ...

    def end_batch(self) -> None:
        """No more for now."""
        ...


class _Mark:
    """Who waits for `count` records to be received."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._loop = asyncio.get_running_loop()
        self.reached: asyncio.Future[None] = self._loop.create_future()

    def reach(self) -> None:
        """From the lane's thread; a loop that has ended waits for nothing."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._resolve)

    def _resolve(self) -> None:
        if not self.reached.done():
            self.reached.set_result(None)


class Lane:
    """The way to `receiver`, for `capacity` records."""

    def __init__(self, name: str, receiver: Receiver, capacity: int) -> None:
        self._name = name
        self._receiver = receiver
        self._capacity = capacity
        self._waiting: deque[Record] = deque()
        self._marks: deque[_Mark] = deque()
        self._hurry = threading.Event()
        self._is_ending = False
        self._is_given_up = False
        # Each is counted by one thread only: the first two by the caller's, the last by the lane's own.
        self._taken = 0
        self.overflown = 0
        self._received = 0
        self._thread = threading.Thread(target=self._run, name=f"observer-{name}", daemon=True)

    def put(self, record: Record) -> None:
        """Never waits: a record for which there is no place is dropped, and counted in `overflown`."""
        if len(self._waiting) < self._capacity:
            self._taken += 1
            self._waiting.append(record)
        else:
            self.overflown += 1

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    async def caught_up(self) -> None:
        """Returns when all that was put before is received."""
        mark = _Mark(self._taken)
        self._marks.append(mark)
        self._hurry.set()
        try:
            await mark.reached
        finally:
            with suppress(ValueError):
                self._marks.remove(mark)

    def end(self) -> None:
        """The thread hands on what waits, and ends."""
        self._is_ending = True
        self._hurry.set()

    def join(self, seconds: float) -> None:
        """Waits so long for the thread's end; what its receiver was too slow for counts as overflown."""
        # Closed before it was started, it has no thread that could end.
        if self._thread.ident is not None:
            self._thread.join(seconds)
        self._is_given_up = True
        self._capacity = 0
        left = len(self._waiting)
        if left:
            self.overflown += left
            logger.warning("the observer %s was too slow for the last %d records", self._name, left)

    def _run(self) -> None:
        nap = _SHORTEST_NAP_SECONDS
        while True:
            is_last = self._is_ending
            had_work = bool(self._waiting)
            while self._waiting and not self._is_given_up:
                self._hand_on_batch()
            self._reach_marks()
            if is_last:
                return
            nap = _SHORTEST_NAP_SECONDS if had_work else min(nap * 2, _LONGEST_NAP_SECONDS)
            self._hurry.wait(nap)
            self._hurry.clear()

    def _hand_on_batch(self) -> None:
        rested_at = time.thread_time()
        receive, take = self._receiver.receive, self._waiting.popleft
        for number in range(1, min(len(self._waiting), _RECORDS_A_BATCH) + 1):
            if self._is_given_up:
                break
            receive(take())
            self._received += 1
            if number % _RECORDS_BETWEEN_LOOKS == 0 and time.thread_time() - rested_at > _SECONDS_BETWEEN_RESTS:
                time.sleep(_REST_SECONDS)
                rested_at = time.thread_time()
        self._receiver.end_batch()
        self._reach_marks()

    def _reach_marks(self) -> None:
        while self._marks and self._marks[0].count <= self._received:
            self._marks.popleft().reach()
