"""What is wrong with Redis, in words that anybody may read: never a password, a key or a value?

Redis's own words can hold names of keys and users, so a fault is told by its class and its first word.
"""

from __future__ import annotations

import re

from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    InvalidResponse,
    MovedError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)

# What a command on Redis can end with; TimeoutError is one of OSError.
REDIS_FAILURES = (RedisError, OSError)

# The first that fits is said.
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (AuthenticationError, "refuses the user or the password of its URL"),
    (BusyLoadingError, "is still loading its data"),
    (InvalidResponse, "answers, but not as Redis does"),
    (MovedError, "is one node of a cluster, which the cache does not know how to use"),
    (NoPermissionError, "does not allow this user what the cache needs: see its ACL"),
    (OutOfMemoryError, "is full and has no policy to make room (see its maxmemory-policy): it takes no new answers"),
    (ReadOnlyError, "is a read-only replica: it takes no new answers"),
    (TimeoutError, "did not answer in time"),
)
_NO_DISK = "MISCONF"
_CODE = re.compile(r"[A-Z]{2,20}\b")


def words_for(failure: Exception, address: str) -> str:
    """One sentence: who (`host:port` or a path) and what is wrong with it."""
    return f"Redis at {address} {_what(failure)}"


def refuses_writes_only(failure: Exception) -> bool:
    """Whether what it holds can still be read."""
    return isinstance(failure, OutOfMemoryError | ReadOnlyError) or _code(failure) == _NO_DISK


def _what(failure: Exception) -> str:
    for kind, words in _WORDS:
        if isinstance(failure, kind):
            return words
    if _code(failure) == _NO_DISK:
        return "cannot write to its disk: it takes no new answers"
    if isinstance(failure, ResponseError):
        return f"refuses a command ({_code(failure)})"
    return "cannot be reached"


def _code(failure: Exception) -> str:
    """The word in capitals that an error of Redis begins with; redis-py takes it off those that it knows."""
    found = _CODE.match(str(failure)) if isinstance(failure, ResponseError) else None
    return found.group() if found else "ERR"
