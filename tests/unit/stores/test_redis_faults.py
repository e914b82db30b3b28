"""Is what is wrong with Redis said truly, and without anything secret?"""

from __future__ import annotations

import pytest
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    InvalidResponse,
    MovedError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from app.stores.redis_faults import REDIS_FAILURES, refuses_writes_only, words_for


@pytest.mark.parametrize(
    "failure,words",
    [
        (RedisConnectionError("Error 111 connecting to secret"), "cannot be reached"),
        (RedisTimeoutError("Timeout connecting to secret"), "cannot be reached"),
        (OSError("secret"), "cannot be reached"),
        (TimeoutError(), "did not answer in time"),
        (AuthenticationError("secret"), "password"),
        (BusyLoadingError("secret"), "loading"),
        (InvalidResponse("secret"), "not as Redis does"),
        (MovedError("3999 127.0.0.1:6381"), "cluster"),
        (NoPermissionError("secret"), "ACL"),
        (OutOfMemoryError("secret"), "full"),
        (ReadOnlyError("secret"), "read-only replica"),
        (ResponseError("MISCONF secret"), "disk"),
        (ResponseError("CROSSSLOT secret"), "refuses a command (CROSSSLOT)"),
        (ResponseError("unknown command 'secret'"), "refuses a command (ERR)"),
    ],
)
def test_fault_is_said_in_words(failure: Exception, words: str) -> None:
    """Where it is and what is wrong, never what Redis said of keys and users."""
    said = words_for(failure, "cache.example:6379")
    assert said.startswith("Redis at cache.example:6379 ")
    assert words in said
    assert "secret" not in said
    assert isinstance(failure, REDIS_FAILURES)


@pytest.mark.parametrize(
    "failure,is_writes_only",
    [
        (OutOfMemoryError(), True),
        (ReadOnlyError(), True),
        (ResponseError("MISCONF Redis is configured to save"), True),
        (NoPermissionError(), False),
        (ResponseError("ERR unknown"), False),
        (TimeoutError(), False),
    ],
)
def test_fault_tells_whether_reads_go_on(failure: Exception, is_writes_only: bool) -> None:
    """A full one, a replica and one without a disk can still be read."""
    assert refuses_writes_only(failure) is is_writes_only
    assert ("takes no new answers" in words_for(failure, "x")) is is_writes_only
