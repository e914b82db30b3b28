"""Is the writer's one connection there, may it be used, and is it still the right database behind it?"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

from app.stores.books.database import is_sqlite, write_transaction
from app.stores.books.faults import DATABASE_FAILURES
from app.stores.books.migrations import migrate

# The writer has a journal to turn to, so it waits for nobody long: requests of a strict service wait with it.
_LOCK_MS = 1_000
_STATEMENT_MS = 5_000
_PATIENCE_SECONDS = 7.0
_TOUCH = "INSERT INTO facts (name, value) VALUES ('writer', '') ON CONFLICT (name) DO UPDATE SET value = ''"
# As much as SQLite lets its log grow to: what is written and deleted here is room that the next groups find. Random, or
# PostgreSQL would fold it up.
_ROOM_BYTES = 4 * 2**20
_FILL = "INSERT INTO facts (name, value) VALUES ('room', :filler) ON CONFLICT (name) DO UPDATE SET value = :filler"
_EMPTY = "DELETE FROM facts WHERE name = 'room'"


class WriterConnection:
    """For one thread. Everything raises what is in DATABASE_FAILURES."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._driver_connection: Any = None
        self._file: tuple[int, int] | None = None

    def open(self) -> None:
        """Connects, migrates where needed, and writes: a database that can only be read is of no use here.

        Raises ConfigurationError for a schema that is newer than this version.
        """
        self.close()
        migrate(self._engine)
        connection = self._engine.connect()
        self._connection = connection
        self._driver_connection = connection.connection.driver_connection
        self._limit(connection)
        # Its limits are its own: it never goes back into the pool.
        connection.detach()
        self._file = self._identity()
        with self.transaction() as using:
            using.execute(text(_TOUCH))

    def try_room(self) -> None:
        """Writes as much as a few large groups, and takes it out again: two commits, or nothing would be written."""
        for statement, values in ((_FILL, {"filler": os.urandom(_ROOM_BYTES // 2).hex()}), (_EMPTY, {})):
            with self.transaction() as using:
                using.execute(text(statement), values)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction, committed at the end."""
        if self._connection is None or self._file != self._identity():
            # What is written into a file that was removed is gone with it; nobody shall read there either.
            self._engine.dispose()
            raise FileNotFoundError(errno.ENOENT, "another database is there, or none")
        with write_transaction(self._connection):
            yield self._connection

    def close(self) -> None:
        """Lets go of it, in whatever state it is."""
        connection, self._connection = self._connection, None
        driver_connection, self._driver_connection = self._driver_connection, None
        if driver_connection is not None:
            # SQLAlchemy forgets one that was detached and then failed, without closing it.
            driver_connection.close()
        if connection is not None:
            with suppress(*DATABASE_FAILURES):
                connection.invalidate()
            connection.close()

    def _limit(self, connection: Connection) -> None:
        if is_sqlite(self._engine):
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {_LOCK_MS}")
        else:
            connection.exec_driver_sql(f"SET lock_timeout = {_LOCK_MS}")
            connection.exec_driver_sql(f"SET statement_timeout = {_STATEMENT_MS}")
            self._driver_connection.patience_seconds = _PATIENCE_SECONDS
        connection.commit()

    def _identity(self) -> tuple[int, int] | None:
        """Which file it is; None on a server."""
        if not is_sqlite(self._engine):
            return None
        try:
            found = Path(self._engine.url.database or "").stat()
        except FileNotFoundError:
            return 0, 0
        return found.st_dev, found.st_ino
