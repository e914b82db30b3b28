"""How does a group get into the database although two transactions may meet, and one entry may be unfit?"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from sqlalchemy import Connection

from app.stores.books.faults import DATABASE_FAILURES, is_worth_repeating, refuses_rows
from app.stores.books.ledger import Ledger
from app.stores.books.posting import Posting
from app.stores.books.posting_json import UNENCODABLE, encode_posting

_log = logging.getLogger(__name__)

_TRIES = 5
# What making rows can end with, when a record is not what its types say.
_UNFIT = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Committing:
    """For one thread. `lost`: rows that no database takes; `set_aside` keeps their bytes for a person to look at."""

    def __init__(
        self, transaction: Callable[[], AbstractContextManager[Connection]], set_aside: Callable[[bytes], None]
    ) -> None:
        self.lost = 0
        self._transaction = transaction
        self._set_aside = set_aside
        self._ledger = Ledger()

    def commit(self, postings: Sequence[Posting], *, may_be_there: bool) -> None:
        """Writes them in one transaction; one by one, when one of them is unfit for any database.

        `may_be_there`: see Ledger.write; where it turns out so, they are looked up after all. Raises what is in
        DATABASE_FAILURES, when the database is at fault: then some may have been written.
        """
        if not may_be_there and self._are_fit(postings, may_be_there=False) is None:
            return
        if self._are_fit(postings, may_be_there=True) is None:
            return
        for posting in postings:
            if unfit := self._are_fit([posting], may_be_there=True):
                self._put_aside(posting, unfit)

    def _are_fit(self, postings: Sequence[Posting], *, may_be_there: bool) -> str | None:
        """Writes them; None, or what about them is unfit, in a word."""
        try:
            self._transact(postings, may_be_there=may_be_there)
        except DATABASE_FAILURES as failure:
            if not refuses_rows(failure):
                raise
            return type(failure).__name__
        except _UNFIT as failure:
            return type(failure).__name__
        return None

    def _transact(self, postings: Sequence[Posting], *, may_be_there: bool) -> None:
        for tries_left in reversed(range(_TRIES)):
            try:
                with self._transaction() as connection:
                    self._ledger.write(connection, postings, may_be_there=may_be_there)
                return
            except DATABASE_FAILURES as failure:
                if not tries_left or not is_worth_repeating(failure):
                    raise
                may_be_there = True

    def _put_aside(self, posting: Posting, why: str) -> None:
        """It must not keep the others out."""
        self.lost += posting.rows()
        try:
            self._set_aside(encode_posting(posting))
        except (OSError, *UNENCODABLE):
            _log.error("an entry cannot be booked (%s), nor set aside: it is lost", why)
        else:
            _log.error("an entry cannot be booked (%s): it was set aside beside the journal", why)
