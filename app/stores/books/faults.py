"""What is wrong with the database, in words that anybody may read, and is it the database or what was to be written?

A database's own words can hold values of rows and names of users, so a fault is told by its code.
"""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.stores.books.database import address_of

# What any use of an engine can end with.
DATABASE_FAILURES = (SQLAlchemyError, OSError)

_FULL = "has no room left: its disk is full"
_READ_ONLY = "is read-only: nothing can be written to it"
_LOCKED = "is locked by another process"
_AWAY = "cannot be reached"
_DENIED = "does not allow this user what the books need"

_SQLITE_WORDS = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: "may not be opened by this user",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_CORRUPT: "is damaged: restore it from a copy",
    sqlite3.SQLITE_NOTADB: "is a file of another kind",
    sqlite3.SQLITE_IOERR: "cannot be read or written: its disk fails",
}
_OS_WORDS = {
    errno.EACCES: "may not be opened by this user",
    errno.ENOENT: "was removed",
    errno.ENOSPC: _FULL,
    errno.EROFS: _READ_ONLY,
}
# Codes by PostgreSQL's documentation, appendix A; two letters stand for their class.
_POSTGRESQL_WORDS = {
    "28": "refuses the user or the password of its URL",
    "3D": "does not have that database",
    "53100": _FULL,
    "53300": "takes no more connections",
    "25006": _READ_ONLY,
    "42501": _DENIED,
    "55P03": "holds a lock for too long",
    "57014": "did not answer in time",
    "57P01": "ended our connection: it is being stopped, or an administrator did it",
    "57P02": "ended our connection: it is starting anew after a crash",
    "57P03": "is starting or ending",
    "42P01": "lacks a table of the books",
    "42703": "lacks a column of the books",
}
# A refused connection has no code, only libpq's words.
_LIBPQ_WORDS = (
    ("password", _POSTGRESQL_WORDS["28"]),
    ("authentication", _POSTGRESQL_WORDS["28"]),
    ("pg_hba.conf", _POSTGRESQL_WORDS["28"]),
    ('role "', _POSTGRESQL_WORDS["28"]),
    ('database "', _POSTGRESQL_WORDS["3D"]),
    ("too many clients", _POSTGRESQL_WORDS["53300"]),
    ("starting up", _POSTGRESQL_WORDS["57P03"]),
    ("shutting down", _POSTGRESQL_WORDS["57P03"]),
    ("timeout", "did not answer in time"),
)
_WORTH_REPEATING = {"40001", "40P01"}
_NO_ROOM = {_FULL, _SQLITE_WORDS[sqlite3.SQLITE_IOERR]}


def words_for(failure: Exception, engine: Engine) -> str:
    """One sentence: which database, and what is wrong with it."""
    return f"the database ({address_of(engine)}) {_what(failure)}"


def refuses_rows(failure: Exception) -> bool:
    """Whether it is what was written that is at fault: another database would refuse it too."""
    return isinstance(failure, DataError | IntegrityError)


def lacks_room(failure: Exception) -> bool:
    """Whether its disk is full, or fails: a small thing that can be written then says nothing of the next group."""
    return _what(failure) in _NO_ROOM


def is_worth_repeating(failure: Exception) -> bool:
    """Whether two transactions met, and the same one will do if it is tried again at once."""
    return _sqlstate(failure) in _WORTH_REPEATING


def _what(failure: Exception) -> str:
    if isinstance(failure, OSError):
        return _OS_WORDS.get(failure.errno or 0, _AWAY)
    if isinstance(failure, PoolTimeoutError):
        return "has no connection free"
    driver_error = failure.orig if isinstance(failure, DBAPIError) else None
    if isinstance(driver_error, sqlite3.Error):
        # Errors of the driver itself have no code.
        return _SQLITE_WORDS.get(getattr(driver_error, "sqlite_errorcode", 0) & 0xFF, "cannot be used")
    if code := _sqlstate(failure):
        return _POSTGRESQL_WORDS.get(code) or _POSTGRESQL_WORDS.get(code[:2]) or f"refuses a command ({code})"
    said = str(driver_error)
    return next((words for sign, words in _LIBPQ_WORDS if sign in said), _AWAY)


def _sqlstate(failure: Exception) -> str:
    driver_error = failure.orig if isinstance(failure, DBAPIError) else None
    return getattr(driver_error, "sqlstate", None) or ""
