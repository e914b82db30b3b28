"""How is the database of the books reached, and read or written in one transaction?

Synchronous on purpose: it is used on threads of its own. Nothing is opened before the first connection is asked for.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from contracts.errors import ConfigurationError

# How long SQLite waits for another process's transaction; PostgreSQL for a lock.
LOCK_SECONDS = 5
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 30

_KINDS = "it must be postgresql://user@host/database or sqlite:///path/of/a/file"
# The server gives up on what runs too long or holds its locks idle; a dead server is noticed by unanswered packets.
_POSTGRESQL_OPTIONS = (
    f"-c statement_timeout={STATEMENT_SECONDS * 1000} -c lock_timeout={LOCK_SECONDS * 1000} "
    "-c idle_in_transaction_session_timeout=60000"
)
_POSTGRESQL_ARGUMENTS: dict[str, str | int] = {
    "connect_timeout": CONNECT_SECONDS,
    "application_name": "llm-provider-service",
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
_WILL_WRITE = "books_will_write"


def open_engine(url: str, *, is_strict: bool) -> Engine:
    """An engine for `postgresql://` (or `postgres://`) or `sqlite:///` with a file. Connects to nothing yet.

    `is_strict`: a commit returns when it is on disk. Raises ConfigurationError, whose words do not hold the URL: a
    password may be in it.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise _unusable(f"it is no URL; {_KINDS}") from None
    family, _, driver = parsed.drivername.partition("+")
    if family in {"postgresql", "postgres"} and driver in {"", "psycopg"}:
        return _postgresql(parsed, is_strict=is_strict)
    if family == "sqlite" and driver in {"", "pysqlite"}:
        return _sqlite(parsed, is_strict=is_strict)
    raise _unusable(_KINDS)


def close_engine(engine: Engine) -> None:
    """Closes its connections; one that is in use is closed when it is given back, not kept in a pool that is dead."""
    event.listen(engine, "checkin", lambda _, record: record.close())
    engine.dispose()


def address_of(engine: Engine) -> str:
    """Which database it is, in words without user or password."""
    url = engine.url
    if url.get_backend_name() == "sqlite":
        return f"SQLite at {url.database}"
    host, port = url.host or url.query.get("host") or "the local socket", url.port or 5432
    return f"PostgreSQL at {host}:{port}, database {url.database or url.username}"


def is_sqlite(engine: Engine) -> bool:
    """Whether one file holds it all, and one transaction writes at a time."""
    return engine.dialect.name == "sqlite"


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes, committed at the end. On SQLite it takes the write lock at its beginning."""
    with engine.connect() as connection, write_transaction(connection):
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that reads, rolled back at the end; it sees one state of all tables on SQLite."""
    with engine.connect() as connection:
        yield connection


@contextmanager
def write_transaction(connection: Connection) -> Iterator[None]:
    """`writing` on a connection that is kept."""
    with connection.execution_options(**{_WILL_WRITE: True}).begin():
        yield


def _postgresql(url: URL, *, is_strict: bool) -> Engine:
    options = _POSTGRESQL_OPTIONS + (" -c synchronous_commit=on" if is_strict else "")
    theirs = dict(url.query)
    if isinstance(stated := theirs.pop("options", ""), str) and stated:
        options = f"{options} {stated}"
    arguments = {**_POSTGRESQL_ARGUMENTS, "options": options}
    for name in theirs.keys() & arguments.keys():
        del arguments[name]
    url = URL.create("postgresql+psycopg", url.username, url.password, url.host, url.port, url.database, theirs)
    # Marks without names, so that statements can be compiled once and given plain tuples.
    engine = create_engine(url, connect_args=arguments, paramstyle="format", **_pool())
    event.listen(engine, "do_connect", _connect_punctually)
    return engine


def _connect_punctually(dialect: Any, record: Any, words: tuple[Any, ...], options: dict[str, Any]) -> Any:
    from app.stores.books.punctual_connection import PunctualConnection

    return PunctualConnection.connect(*words, **options)


def _sqlite(url: URL, *, is_strict: bool) -> Engine:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise _unusable("sqlite:/// needs the path of a file")
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=url.database),
        connect_args={"timeout": LOCK_SECONDS, "check_same_thread": False},
        **_pool(),
    )
    event.listen(engine, "do_connect", _make_private_file)
    event.listen(engine, "connect", lambda connection, _: _prepare_sqlite(connection, is_strict=is_strict))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _pool() -> dict[str, Any]:
    """Few connections: one writer, and readers that may wait for one another."""
    return {"pool_size": 2, "max_overflow": 6, "pool_timeout": 10, "pool_pre_ping": True, "hide_parameters": True}


def _make_private_file(dialect: Any, record: Any, arguments: tuple[str], options: dict[str, Any]) -> None:
    """What callers were charged is nobody else's to read: SQLite itself would make the file for everybody."""
    path = Path(arguments[0])
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _prepare_sqlite(connection: sqlite3.Connection, *, is_strict: bool) -> None:
    # Transactions begin where we say so, not where the driver guesses.
    connection.isolation_level = None
    _turn_to_wal(connection)
    connection.execute(f"PRAGMA synchronous = {'FULL' if is_strict else 'NORMAL'}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_size_limit = 67108864")


def _turn_to_wal(connection: sqlite3.Connection) -> None:
    """Once in the life of the file. SQLite does not wait for others who do the same, so we do."""
    if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
        return
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    will_write = connection.get_execution_options().get(_WILL_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if will_write else "BEGIN")


def _unusable(what: str) -> ConfigurationError:
    return ConfigurationError(f"the database_url cannot be used: {what}")
