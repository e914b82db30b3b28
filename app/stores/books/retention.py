"""Which rows are too old, and how do they go without being in anybody's way?

In small steps while nothing else is to be written. Sums stay: a report of last year does not need the rows. A clock
that has leapt ahead must not delete everything, so it is followed only slowly from where the last pass stood.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from sqlalchemy import Connection, delete, func, select, text

from app.stores.books.tables import FACTS, REQUESTS
from app.stores.books.upserts import upsert

_log = logging.getLogger(__name__)

_STEP_ROWS = 500
_EVERY_SECONDS = 3600.0
_US_PER_DAY = 86_400 * 1_000_000
# Any number; it must be another one than that of the migrations.
_ADVISORY_LOCK = 0x6C6C6D5F6F6C6420
_FACT = "retention"


class Retention:
    """Deletes requests, and with them their calls, that are older than `days`; None: nothing.

    `now_ns` is nanoseconds since 1970. Each pass reaches at most a day further than the last one (of any process;
    before the first, than the newest row), and a process that finds itself further behind waits an hour first for its
    clock to be set: one that is wrong by years for an hour costs a day or two. For one thread.
    """

    def __init__(
        self,
        days: int | None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._days = days
        self._monotonic = monotonic
        self._now_ns = now_ns
        self._next_at = monotonic()
        self._has_waited = False
        # What time it is for the pass that is under way.
        self._pass_us: int | None = None

    def seconds_to_rest(self) -> float:
        """How long nothing is to be deleted."""
        return float("inf") if self._days is None else max(0.0, self._next_at - self._monotonic())

    def step(self, connection: Connection) -> int:
        """Deletes a few of the oldest rows, in the caller's transaction; how many requests.

        After the last ones, and while another process is at it, it rests for an hour.
        """
        deleted = self._delete(connection) if self._is_alone(connection) else 0
        if deleted < _STEP_ROWS:
            self.rest()
        return deleted

    def rest(self) -> None:
        """Nothing more for an hour."""
        self._pass_us = None
        self._next_at = self._monotonic() + _EVERY_SECONDS

    def _delete(self, connection: Connection) -> int:
        if self._pass_us is None:
            self._pass_us = self._begun(connection)
        before_us = self._pass_us - (self._days or 0) * _US_PER_DAY
        oldest = select(REQUESTS.c.id).where(REQUESTS.c.at_us < before_us).order_by(REQUESTS.c.at_us).limit(_STEP_ROWS)
        return connection.execute(delete(REQUESTS).where(REQUESTS.c.id.in_(oldest))).rowcount

    def _begun(self, connection: Connection) -> int:
        """What time it is for a pass that begins, in microseconds; the next one will find it."""
        now_us = self._now_ns() // 1000
        last_us = _last_us(connection)
        if last_us is not None and now_us > last_us + _US_PER_DAY:
            days = (now_us - last_us) // _US_PER_DAY
            _log.warning("the clock is %d days ahead of what was last deleted by: it is followed a day an hour", days)
            now_us = last_us + (_US_PER_DAY if self._has_waited else 0)
        self._has_waited = True
        row = {"name": _FACT, "value": str(now_us)}
        insert = upsert(FACTS, connection.dialect).values(row)
        connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_=row))
        return now_us

    @staticmethod
    def _is_alone(connection: Connection) -> bool:
        """SQLite lets one transaction write at a time anyway."""
        if connection.dialect.name == "sqlite":
            return True
        lock = text("SELECT pg_try_advisory_xact_lock(:lock)")
        return bool(connection.execute(lock, {"lock": _ADVISORY_LOCK}).scalar())


def _last_us(connection: Connection) -> int | None:
    """What time it was for the last pass, or when the newest row was written; None: nothing is there."""
    told = connection.scalar(select(FACTS.c.value).where(FACTS.c.name == _FACT))
    if told is not None:
        return int(told)
    newest: int | None = connection.scalar(select(func.max(REQUESTS.c.at_us)))
    return newest
