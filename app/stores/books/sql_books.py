"""The books: what is appended on the event loop is written by a thread behind it.

Relaxed: a group is committed at least every 100 ms, and nobody waits. Strict: as soon as the writer is free, so that
many who wait share one commit.
"""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread

from sqlalchemy import Engine

from app.ports.books import Entry
from app.stores.books.database import close_engine
from app.stores.books.journal import Journal
from app.stores.books.posting import NO_KEY, Posting
from app.stores.books.queue import PostingQueue
from app.stores.books.retention import Retention
from app.stores.books.row_keys import RowKeys
from app.stores.books.waiting import Waiting, unavailable
from app.stores.books.writer import Writer
from contracts.errors import StoreUnavailableError

MOST_QUEUED = 10_000
# Half of what was promised; the other half is for the commit.
_LINGER_SECONDS = 0.05
_ENDED = "the writer of the books has ended"
# Put in by `flush`: it holds nothing, but it is taken out in its turn.
_MARK = Entry()


class SqlBooks:
    """Implements app.ports.books.Books, for one event loop. `journal_folder` is made when it is needed.

    It owns `engine`. After `most_queued` entries `room` waits.
    """

    def __init__(
        self,
        engine: Engine,
        journal_folder: Path,
        *,
        is_strict: bool,
        retention_days: int | None = None,
        most_queued: int = MOST_QUEUED,
    ) -> None:
        self._engine = engine
        self._is_strict = is_strict
        self._most_queued = most_queued
        self._keys = RowKeys()
        # No Posting yet: the event loop, which puts in, has other things to do than to make objects.
        self._queue: PostingQueue[tuple[Entry, Future[None] | None]] = PostingQueue(
            0.0 if is_strict else _LINGER_SECONDS
        )
        self._writer = Writer(engine, Journal(journal_folder, is_strict=is_strict), Retention(retention_days))
        self._thread = Thread(target=self._run, name="books", daemon=True)
        self._waiting: Waiting | None = None
        self._is_ending = False
        self._has_ended = False
        self._lost_late = 0

    async def open(self) -> None:
        """Begins the thread, and waits until it has asked the database once.

        Raises ConfigurationError for a database that can never do; one that is away is waited for behind.
        """
        self._waiting = Waiting(asyncio.get_running_loop())
        self._thread.start()
        await self.flush()
        if (refusal := self._writer.refusal) is not None:
            await self.aclose()
            raise refusal

    def has_room(self) -> bool:
        """Whether nobody need wait."""
        is_stuck = self._has_ended or self._waiting is None or (self._is_strict and self._writer.is_stuck)
        return not is_stuck and len(self._queue.waiting) < self._most_queued

    async def room(self) -> None:
        """Waits while too much is queued. Raises StoreUnavailableError when strict, and nothing takes anything."""
        while not self._has_ended and self._waiting is not None:
            if self._is_strict and self._writer.is_stuck:
                raise unavailable()
            if len(self._queue.waiting) < self._most_queued:
                return
            await self._waiting.for_room(self._is_full)
        if self._is_strict:
            raise unavailable()

    def append(self, entry: Entry) -> Awaitable[None] | None:
        """Queues it. Strict: what to wait for. After the end it is lost, and counted."""
        waiter = self._waiting.new() if self._is_strict and self._waiting is not None else None
        if self._has_ended:
            self._lose([Posting(NO_KEY, entry, waiter)])
        else:
            self._queue.put((entry, waiter))
        return waiter

    def fault(self) -> str | None:
        """Why the database cannot be written now, in words; None while it can."""
        return _ENDED if self._has_ended else self._writer.fault

    def lost(self) -> int:
        """Rows that could be written nowhere since the process began."""
        return self._writer.lost + self._lost_late

    async def flush(self) -> None:
        """Waits until all that was appended before is in the database or the journal (or lost, which is counted)."""
        if self._waiting is None or self._has_ended:
            return
        passed = self._waiting.new()
        self._queue.put((_MARK, passed))
        self._queue.hurry()
        with suppress(StoreUnavailableError):
            await passed

    async def aclose(self) -> None:
        """Writes what is queued, to the journal while the database is away; ends the thread, and closes the engine."""
        self._is_ending = True
        self._queue.hurry()
        if self._thread.ident is not None:
            await asyncio.to_thread(self._thread.join)
        close_engine(self._engine)

    def _run(self) -> None:
        try:
            self._writer.attend()
            while not self._is_ending or self._queue:
                self._queue.wait(0.0 if self._is_ending else self._writer.seconds_to_rest())
                self._write_group()
                if not self._is_ending:
                    self._writer.attend()
        finally:
            # After a defect, too: nobody shall wait for what no longer runs.
            self._has_ended = True
            while group := self._taken():
                self._lose(group)
            self._writer.close()

    def _write_group(self) -> None:
        group = self._taken()
        postings = [posting for posting in group if posting.entry is not _MARK]
        are_lost = True
        try:
            for posting in postings:
                # Not when it was appended: the event loop has other things to do.
                if posting.entry.request is not None:
                    posting.key = self._keys.draw()
            are_lost = bool(postings) and not self._writer.write(postings)
        finally:
            self._tell(group, are_lost=are_lost)

    def _taken(self) -> list[Posting]:
        return [Posting(NO_KEY, entry, waiter) for entry, waiter in self._queue.take()]

    def _tell(self, group: Sequence[Posting], *, are_lost: bool) -> None:
        if self._waiting is not None:
            self._waiting.tell(group, are_lost=are_lost)

    def _lose(self, group: Sequence[Posting]) -> None:
        self._lost_late += sum(posting.rows() for posting in group)
        self._tell(group, are_lost=True)

    def _is_full(self) -> bool:
        return len(self._queue.waiting) >= self._most_queued
