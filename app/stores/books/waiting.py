"""How does the writer's thread tell those who wait on the event loop?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from app.stores.books.posting import Posting
from contracts.errors import StoreUnavailableError

_RETRY_AFTER_SECONDS = 2.0
# Which database, and what is wrong with it, is for the operator: the log and the health report say it.
_WORDS = "the request cannot be booked: neither the database of the books nor their journal can be written"


def unavailable() -> StoreUnavailableError:
    """What a caller gets whose request can be booked nowhere."""
    return StoreUnavailableError(_WORDS, retry_after=_RETRY_AFTER_SECONDS)


class Waiting:
    """Those who wait for their postings, or for room. All but `tell` is for the loop's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._taken = asyncio.Event()
        self._crowd = 0

    def new(self) -> asyncio.Future[None]:
        """Somebody to be told."""
        return self._loop.create_future()

    async def for_room(self, is_full: Callable[[], bool]) -> None:
        """Returns when a group was taken out; at once when it no longer `is_full`."""
        self._crowd += 1
        try:
            self._taken.clear()
            # Looked at after `tell` can know of us.
            if is_full():
                await self._taken.wait()
        finally:
            self._crowd -= 1

    def tell(self, postings: Sequence[Posting], *, are_lost: bool) -> None:
        """From any thread: these are through; `are_lost`: they could be made durable nowhere."""
        waiters = [posting.waiter for posting in postings if posting.waiter is not None]
        if waiters or self._crowd:
            # A loop that is closed has nobody left who waits.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self.end, waiters, are_lost)

    def end(self, waiters: Iterable[asyncio.Future[None]], are_lost: bool) -> None:
        """They wait no longer."""
        self._taken.set()
        for waiter in waiters:
            if waiter.done():
                continue
            if are_lost:
                waiter.set_exception(unavailable())
            else:
                waiter.set_result(None)
