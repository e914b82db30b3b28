"""Books that remember what was appended, and can be told to be full, or to take nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from app.ports.books import Entry
from app.ports.records import RequestRecord
from contracts.errors import StoreUnavailableError


class FakeBooks:
    """Implements `app.ports.books.Books`. Strict: nobody goes on before `commit`; `is_stuck`: nothing is durable."""

    def __init__(self, *, is_strict: bool = False) -> None:
        self.entries: list[Entry] = []
        self.free_room = asyncio.Event()
        self.free_room.set()
        self.is_stuck = False
        self._is_strict = is_strict
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def requests(self) -> list[RequestRecord]:
        """The rows, in order."""
        return [entry.request for entry in self.entries if entry.request is not None]

    @property
    def topics(self) -> list[str]:
        """The last word of each event's topic, in order."""
        return [event.topic.split(".")[-2] for entry in self.entries for event in entry.events]

    @property
    def waiting(self) -> int:
        """How many wait for a commit."""
        return sum(not waiter.done() for waiter in self._waiting)

    def commit(self) -> None:
        """All that was appended is durable."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)

    def forget(self) -> None:
        """Nobody but those who wait holds what they wait for any more."""
        self._waiting.clear()

    async def open(self) -> None:
        """Nothing is opened."""

    def has_room(self) -> bool:
        """Whether it was not taken away."""
        return self.free_room.is_set()

    async def room(self) -> None:
        """Waits for `free_room`."""
        await self.free_room.wait()

    def append(self, entry: Entry) -> Awaitable[None] | None:
        """Remembers it."""
        self.entries.append(entry)
        if not self._is_strict:
            return None
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.is_stuck:
            waiter.set_exception(StoreUnavailableError("it can be kept nowhere"))
        self._waiting.append(waiter)
        return waiter

    def fault(self) -> str | None:
        """None."""
        return None

    def lost(self) -> int:
        """None."""
        return 0

    async def flush(self) -> None:
        """Nothing waits."""

    async def aclose(self) -> None:
        """Nothing is open."""
