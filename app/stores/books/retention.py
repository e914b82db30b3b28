"""Which rows are too old, and how do they go without being in anybody's way?

In small steps while nothing else is to be written. Sums stay: a report of last year does not need the rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Connection, delete, select, text

from app.stores.books.tables import REQUESTS

_STEP_ROWS = 500
_EVERY_SECONDS = 3600.0
_US_PER_DAY = 86_400 * 1_000_000
# Any number; it must be another one than that of the migrations.
_ADVISORY_LOCK = 0x6C6C6D5F6F6C6420


class Retention:
    """Deletes requests, and with them their calls, that are older than `days`; None: nothing.

    `now_ns` is nanoseconds since 1970. For one thread.
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
        self._next_at = self._monotonic() + _EVERY_SECONDS

    def _delete(self, connection: Connection) -> int:
        before_us = self._now_ns() // 1000 - (self._days or 0) * _US_PER_DAY
        oldest = select(REQUESTS.c.id).where(REQUESTS.c.at_us < before_us).order_by(REQUESTS.c.at_us).limit(_STEP_ROWS)
        return connection.execute(delete(REQUESTS).where(REQUESTS.c.id.in_(oldest))).rowcount

    @staticmethod
    def _is_alone(connection: Connection) -> bool:
        """SQLite lets one transaction write at a time anyway."""
        if connection.dialect.name == "sqlite":
            return True
        lock = text("SELECT pg_try_advisory_xact_lock(:lock)")
        return bool(connection.execute(lock, {"lock": _ADVISORY_LOCK}).scalar())
