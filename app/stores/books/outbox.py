"""Which events still wait for their broker, and which process may send them?

Order. Positions are drawn at the insert, and on PostgreSQL the transactions of several processes commit in another
order than they drew: an event can appear below one that was read already. That loses nothing, because there is no mark
that moves on: whatever was delivered is deleted, and the next look begins at the lowest position again. Nor does it
change the order within a key: the events of a key come from the process that serves the request, whose one writer
begins a transaction only after it has committed the one before, and a look is one statement, so it sees no later
transaction of a process without the earlier ones. Two requests with one correlation_id in two processes have no order
but that of their commits.

The lease is one row: who, and until when by the database's clock. It is changed only by whoever read its last value,
so two who ask at once cannot both get it.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, Engine, delete, func, select, text, update

from app.ports.books import OutboxEvent
from app.stores.books.database import is_sqlite, reading, writing
from app.stores.books.faults import DATABASE_FAILURES, words_for
from app.stores.books.tables import FACTS, OUTBOX
from app.stores.books.upserts import upsert
from contracts.errors import StoreUnavailableError

# A process that died is replaced after so long; one that lives renews a good while before.
LEASE_SECONDS = 8.0
RENEW_SECONDS = 2.0
# A clock that is corrected by less has not stepped.
_SLACK_SECONDS = 1.0

_FACT = "relay"
_FREE = "0 "
_NOW_SQLITE = "SELECT CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"
_NOW_POSTGRESQL = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"
_Found = TypeVar("_Found")


class SqlOutbox:
    """The outbox in the database of `engine`, for one process, which is called `owner` in the lease.

    Its statements run on threads; each ends by the engine's own time limits.
    """

    def __init__(
        self, engine: Engine, *, owner: str | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._owner = owner or secrets.token_hex(8)
        self._monotonic = monotonic
        self._renewed_at: float | None = None

    async def lease(self) -> bool:
        """Whether this process may deliver now. The database is asked every 2 s; a dead holder is replaced after 8."""
        if self._renewed_at is not None and self._monotonic() - self._renewed_at < RENEW_SECONDS:
            return True
        asked_at = self._monotonic()
        # Unknown until it is answered: who is not answered must not go on as the holder.
        self._renewed_at = None
        if await self._run(self._take):
            self._renewed_at = asked_at
        return self._renewed_at is not None

    async def release(self) -> None:
        """Gives the lease back, if it is ours."""
        self._renewed_at = None
        await self._run(self._give_back)

    async def waiting(self, limit: int) -> Sequence[OutboxEvent]:
        """At most `limit` events, the lowest positions first."""
        return await self._run(lambda: self._oldest(limit))

    async def delivered(self, event_ids: Sequence[str]) -> None:
        """Takes them out."""
        await self._run(lambda: self._remove(event_ids))

    async def backlog(self) -> int:
        """How many wait. Counts them: for reports, not for each request."""
        return await self._run(self._count)

    async def _run(self, work: Callable[[], _Found]) -> _Found:
        try:
            return await asyncio.to_thread(work)
        except DATABASE_FAILURES as failure:
            raise StoreUnavailableError(words_for(failure, self._engine)) from failure

    def _take(self) -> bool:
        with reading(self._engine) as connection:
            held = connection.scalar(select(FACTS.c.value).where(FACTS.c.name == _FACT))
            # Asked after it: or else a lease that is taken in between would seem to end too late.
            now_us = self._now(connection)
        if held is not None and not _may_take(held, self._owner, now_us):
            return False
        with writing(self._engine) as connection:
            if held is None:
                self._make_row(connection)
            until_us = now_us + int(LEASE_SECONDS * 1_000_000)
            return self._replace(connection, held or _FREE, f"{until_us} {self._owner}")

    def _give_back(self) -> None:
        with reading(self._engine) as connection:
            held = connection.scalar(select(FACTS.c.value).where(FACTS.c.name == _FACT))
        if held is not None and held.partition(" ")[2] == self._owner:
            with writing(self._engine) as connection:
                self._replace(connection, held, _FREE)

    def _replace(self, connection: Connection, held: str, value: str) -> bool:
        changed = update(FACTS).where(FACTS.c.name == _FACT, FACTS.c.value == held).values(value=value)
        return connection.execute(changed).rowcount == 1

    def _make_row(self, connection: Connection) -> None:
        row = upsert(FACTS, self._engine.dialect).values(name=_FACT, value=_FREE)
        connection.execute(row.on_conflict_do_nothing())

    def _now(self, connection: Connection) -> int:
        """Microseconds since 1970 by the database's clock, which is one for all processes."""
        return int(connection.execute(text(_NOW_SQLITE if is_sqlite(self._engine) else _NOW_POSTGRESQL)).scalar_one())

    def _oldest(self, limit: int) -> list[OutboxEvent]:
        columns = (OUTBOX.c.event_id, OUTBOX.c.topic, OUTBOX.c.key, OUTBOX.c.payload)
        with reading(self._engine) as connection:
            rows = connection.execute(select(*columns).order_by(OUTBOX.c.position).limit(limit)).all()
        return [OutboxEvent(event_id=row[0], topic=row[1], key=row[2], payload=bytes(row[3])) for row in rows]

    def _remove(self, event_ids: Sequence[str]) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(OUTBOX).where(OUTBOX.c.event_id.in_(event_ids)))

    def _count(self) -> int:
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(OUTBOX)) or 0


def _may_take(held: str, owner: str, now_us: int) -> bool:
    """Whether a lease is free, ours or stale. One that ends too late for any lease was taken before a clock stepped."""
    until_us, _, holder = held.partition(" ")
    is_live = now_us < int(until_us) <= now_us + int((LEASE_SECONDS + _SLACK_SECONDS) * 1_000_000)
    return holder == owner or not is_live
