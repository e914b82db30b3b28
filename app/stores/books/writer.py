"""Where does a group of postings go: into the database, into the journal while that is away, or nowhere?

Everything here is done by one thread, and may block. Order is kept: while anything waits in the journal, what comes
after it goes there too. What comes out of the journal may be in the database already (a commit whose answer was never
heard, a process that was killed before it could forget), so it is looked up before it is written and counted.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from sqlalchemy import Engine

from app.stores.books.committing import Committing
from app.stores.books.faults import DATABASE_FAILURES
from app.stores.books.journal import Journal
from app.stores.books.link import Link
from app.stores.books.posting import Posting
from app.stores.books.retention import Retention
from app.stores.seldom import Seldom
from contracts.errors import ConfigurationError

_log = logging.getLogger(__name__)

# So many postings of the journal are in memory at once.
_CHUNK = 500
_ADOPT_EVERY_SECONDS = 30.0
_SAID_EVERY_SECONDS = 10.0


class Writer:
    """For one thread; any may read its properties. `is_stuck`: a group found neither database nor journal.

    It stays so until one of them has shown that it takes groups again: a single row that fits in says nothing.
    """

    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        retention: Retention,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.is_stuck = False
        self._link = Link(engine, monotonic)
        self._journal = journal
        self._committing = Committing(self._link.transaction, journal.set_aside)
        self._retention = retention
        self._monotonic = monotonic
        self._adopt_at = monotonic()
        self._lost = 0
        self._seldom = Seldom(_SAID_EVERY_SECONDS, monotonic)

    @property
    def fault(self) -> str | None:
        """Why the database cannot be written now, in words; None while it can."""
        return self._link.fault

    @property
    def refusal(self) -> ConfigurationError | None:
        """Why this database can never do."""
        return self._link.refusal

    @property
    def lost(self) -> int:
        """Rows that could be written nowhere."""
        return self._lost + self._committing.lost + self._journal.lost

    def write(self, postings: Sequence[Posting]) -> bool:
        """Whether `postings` were made durable, in the database or in the journal."""
        if self._link.is_open and self._journal.is_empty() and self._commit(postings, may_be_there=False):
            return True
        try:
            self._journal.put(postings)
        except OSError as failure:
            self._lose(postings, failure)
            return False
        return True

    def attend(self) -> None:
        """What is to be done beside: comes back to the database, and brings a piece of the journal into it."""
        if not self._link.is_open and not self._link.seconds_to_retry():
            self._link.open()
            self._try_journal()
        if not self._link.is_open:
            return
        if self._monotonic() >= self._adopt_at:
            self._adopt()
        if not self._journal.is_empty():
            self._bring_in()
            return
        if self._link.fault is not None:
            # Opening it has written something.
            self._settle()
        if not self._retention.seconds_to_rest():
            self._delete_old()

    def seconds_to_rest(self) -> float:
        """How long `attend` need not be called."""
        if not self._link.is_open:
            return self._link.seconds_to_retry()
        if not self._journal.is_empty():
            return 0.0
        return max(0.0, min(self._adopt_at - self._monotonic(), self._retention.seconds_to_rest()))

    def close(self) -> None:
        """Lets go of database and journal. What is in the journal is found at the next start."""
        self._link.close()
        try:
            self._journal.close()
        except OSError as failure:
            _log.warning("the journal of the books could not be closed: %s", failure.strerror)

    def _commit(self, postings: Sequence[Posting], *, may_be_there: bool) -> bool:
        try:
            self._committing.commit(postings, may_be_there=may_be_there)
        except DATABASE_FAILURES as failure:
            self._link.lose(failure)
            return False
        self._settle()
        return True

    def _settle(self) -> None:
        self._link.settle()
        self.is_stuck = False

    def _lose(self, postings: Sequence[Posting], failure: OSError) -> None:
        self.is_stuck = True
        rows = sum(posting.rows() for posting in postings)
        self._lost += rows
        if self._seldom.count() is not None:
            why = f"{self.fault or 'the database waits for the journal'}, and the journal cannot be written"
            _log.error("%s (%s): %d rows were lost by now", why, failure.strerror, self._lost)

    def _try_journal(self) -> None:
        """Whether it takes groups again: while we are stuck, a strict service lets no request begin."""
        if self.is_stuck:
            try:
                self._journal.try_room()
            except OSError:
                return
            self.is_stuck = False

    def _adopt(self) -> None:
        self._adopt_at = self._monotonic() + _ADOPT_EVERY_SECONDS
        if files := self._journal.adopt():
            _log.info("%d journals of processes that are gone are brought into the books", files)

    def _bring_in(self) -> None:
        try:
            if self._commit(self._journal.first(_CHUNK), may_be_there=True):
                self._journal.taken()
        except OSError as failure:
            self._link.pause(f"the journal of the books cannot be brought in: {failure.strerror}")

    def _delete_old(self) -> None:
        try:
            with self._link.transaction() as connection:
                self._retention.step(connection)
        except DATABASE_FAILURES as failure:
            # It must not keep the books from being written again and again.
            self._retention.rest()
            self._link.lose(failure)
