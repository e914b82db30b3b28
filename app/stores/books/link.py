"""Can the writer write into the database now, why not, and when is it tried again?"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from app.stores.books.connection import WriterConnection
from app.stores.books.faults import DATABASE_FAILURES, lacks_room, words_for
from contracts.errors import ConfigurationError

_log = logging.getLogger(__name__)

# At first soon, later every two seconds: a database that is back is used again within seconds.
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 2.0


class Link:
    """The writer's way to the database. `is_open`: it may be tried. Used by one thread; any may read the attributes.

    `fault`: why it cannot be written, in words; None only after something was written, and after a disk was full only
    after much was. `refusal`: it can never do.
    """

    def __init__(self, engine: Engine, monotonic: Callable[[], float]) -> None:
        self.is_open = False
        self.fault: str | None = "the database was not asked yet"
        self.refusal: ConfigurationError | None = None
        self._engine = engine
        self._connection = WriterConnection(engine)
        self._monotonic = monotonic
        self._pause_seconds = _FIRST_PAUSE_SECONDS
        self._retry_at = monotonic()
        self._told: set[str] = set()
        self._lacks_room = False

    def seconds_to_retry(self) -> float:
        """How long it is left alone, while it is not open."""
        return max(0.0, self._retry_at - self._monotonic())

    def open(self) -> None:
        """Tries to; `is_open` and `fault` tell."""
        try:
            self._connection.open()
            if self._lacks_room:
                self._connection.try_room()
        except ConfigurationError as refusal:
            self.refusal = refusal
            self.pause(str(refusal))
        except DATABASE_FAILURES as failure:
            self.lose(failure)
        else:
            self.is_open, self.refusal = True, None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction, committed at the end. Raises what is in DATABASE_FAILURES."""
        with self._connection.transaction() as connection:
            yield connection

    def settle(self) -> None:
        """Something was written: it is well."""
        self._pause_seconds = _FIRST_PAUSE_SECONDS
        if self.fault is not None and self._told:
            _log.info("the database of the books can be written again")
        self.fault, self._lacks_room = None, False
        self._told.clear()

    def lose(self, failure: Exception) -> None:
        """It failed: a pause, with the reason in words."""
        self._lacks_room = self._lacks_room or lacks_room(failure)
        self.pause(words_for(failure, self._engine))

    def pause(self, why: str) -> None:
        """It is left alone for a while, longer each time until something is written again. `why`: a sentence."""
        self.close()
        if why not in self._told:
            _log.warning("%s: what is to be booked goes to the journal meanwhile", why)
        self._told.add(why)
        self.fault = why
        self._retry_at = self._monotonic() + self._pause_seconds * random.uniform(0.8, 1.2)  # noqa: S311 - jitter
        self._pause_seconds = min(_LONGEST_PAUSE_SECONDS, self._pause_seconds * 2)

    def close(self) -> None:
        """Lets go of it."""
        self.is_open = False
        self._connection.close()
