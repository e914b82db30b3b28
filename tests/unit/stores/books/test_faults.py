"""Is every fault of a database told in words that anybody may read?"""

from __future__ import annotations

import errno
import sqlite3
from typing import Any

import psycopg
import pytest
from sqlalchemy import exc

from app.stores.books.database import open_engine
from app.stores.books.faults import is_worth_repeating, refuses_rows, words_for

_ENGINE = open_engine("postgresql://ada:secret@db.example/books", is_strict=False)


def _of_sqlite(code: int) -> exc.DBAPIError:
    error = sqlite3.OperationalError("secret value")
    error.sqlite_errorcode = code
    return exc.OperationalError("INSERT secret", None, error)


def _of_postgresql(code: str) -> exc.DBAPIError:
    return exc.OperationalError("INSERT secret", None, psycopg.errors.lookup(code)("secret value"))


def _of_libpq(words: str) -> exc.DBAPIError:
    return exc.OperationalError(None, None, psycopg.OperationalError(f"secret: FATAL:  {words}"))


@pytest.mark.parametrize(
    "failure,words",
    [
        (_of_sqlite(sqlite3.SQLITE_FULL), "its disk is full"),
        (_of_sqlite(sqlite3.SQLITE_BUSY | 2 << 8), "is locked by another process"),
        (_of_sqlite(sqlite3.SQLITE_READONLY), "is read-only"),
        (_of_sqlite(sqlite3.SQLITE_CANTOPEN), "cannot be opened"),
        (_of_sqlite(sqlite3.SQLITE_CORRUPT), "is damaged"),
        (exc.InterfaceError("", None, sqlite3.InterfaceError("secret")), "cannot be used"),
        (_of_postgresql("53100"), "its disk is full"),
        (_of_postgresql("25006"), "is read-only"),
        (_of_postgresql("28P01"), "refuses the user or the password"),
        (_of_postgresql("3D000"), "does not have that database"),
        (_of_postgresql("42501"), "does not allow this user"),
        (_of_postgresql("57P01"), "ended our connection: it is being stopped"),
        (_of_postgresql("57014"), "did not answer in time"),
        (_of_postgresql("22012"), "refuses a command (22012)"),
        (_of_libpq('password authentication failed for user "ada"'), "refuses the user or the password"),
        (_of_libpq('role "ada" is not permitted to log in'), "refuses the user or the password"),
        (_of_libpq('database "secret" does not exist'), "does not have that database"),
        (_of_libpq("sorry, too many clients already"), "takes no more connections"),
        (_of_libpq("the database system is starting up"), "is starting or ending"),
        (_of_libpq("connection refused"), "cannot be reached"),
        (exc.TimeoutError("secret"), "has no connection free"),
        (PermissionError(errno.EACCES, "secret"), "may not be opened by this user"),
        (OSError("secret"), "cannot be reached"),
    ],
)
def test_fault_is_told_in_our_words(failure: Exception, words: str) -> None:
    """Which database, what is wrong with it; no value, no user, no password."""
    told = words_for(failure, _ENGINE)
    assert told.startswith("the database (PostgreSQL at db.example:5432, database books) ")
    assert words in told
    assert "secret" not in told
    assert "ada" not in told


def test_fault_of_the_rows_is_told_from_one_of_the_database() -> None:
    """Another database would refuse them too; one that is away would not."""
    orig: Any = psycopg.errors.lookup("22003")("out of range")
    assert refuses_rows(exc.DataError("", None, orig))
    assert refuses_rows(exc.IntegrityError("", None, orig))
    assert not refuses_rows(_of_postgresql("53100"))
    assert not refuses_rows(OSError())


def test_fault_of_two_transactions_that_met_is_worth_repeating() -> None:
    """A deadlock, or one that could not be put in an order; not one that is full."""
    assert is_worth_repeating(_of_postgresql("40P01"))
    assert is_worth_repeating(_of_postgresql("40001"))
    assert not is_worth_repeating(_of_postgresql("53100"))
    assert not is_worth_repeating(OSError())
