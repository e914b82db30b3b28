"""How much time a request, an attempt and a silence may take."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, cast

from app.resilience.clock import Clock
from contracts.errors import LLMTimeoutError
from contracts.fault import Fault
from contracts.quick_making import maker_of, quickly_made

REASONING_CHAIN_SECONDS = 600.0
# What the vendors' own SDKs wait for an answer, unless they say otherwise.
SURFACE_CHAIN_SECONDS = 600.0
REASONING_ATTEMPT_SECONDS = 300.0
REASONING_FIRST_TOKEN_SECONDS = 120.0
FINISH_GRACE_SECONDS = 2.0
# A call that has less time than this fails for certain, and may be billed.
SHORTEST_ATTEMPT_SECONDS = 0.1


class SlowReaderError(LLMTimeoutError):
    """A stream lived too long because its caller was slow to read it: no vendor is to blame, and none could help."""

    fault = Fault.CALLER


class Deadline:
    """A moment after which a request's chain of attempts must not go on."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self.seconds = seconds
        self._ends_at = clock.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left, never negative."""
        left = self._ends_at - self._clock.monotonic()
        return left if left > 0.0 else 0.0


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLimits:
    """Limits of one attempt in seconds: `answer` to the whole reply, or to a stream's first content.

    `is_fair`: long enough that running into it is the vendor's fault, not the caller's haste.
    """

    connect: float
    answer: float
    is_fair: bool
    is_retry: bool = False


new_limits = maker_of(AttemptLimits)


class _AtOnce(tuple[()]):
    """What `async with` awaits where nothing is waited for: a coroutine each way costs more than all else here."""

    __slots__ = ()
    __await__ = tuple.__iter__


AT_ONCE = cast("Awaitable[None]", _AtOnce())


class TimeLimit:
    """Cancels its block after `seconds` and raises LLMTimeoutError(`message`) in place of the cancellation.

    By `asyncio.timeout`'s rules, but without its two coroutines.
    """

    __slots__ = ("_cancelled_before", "_has_rung", "_message", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float, message: str) -> None:
        self._seconds = seconds
        self._message = message
        self._has_rung = False

    def __aenter__(self) -> Awaitable[None]:
        loop = asyncio.get_running_loop()
        task: Any = asyncio.current_task(loop)
        self._task: asyncio.Task[object] = task
        self._cancelled_before = task.cancelling()
        self._timer = loop.call_later(self._seconds, self._ring)
        return AT_ONCE

    def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> Awaitable[None]:
        self._timer.cancel()
        is_late = self._has_rung and self._task.uncancel() <= self._cancelled_before
        if isinstance(error, TimeoutError) or (is_late and isinstance(error, asyncio.CancelledError)):
            raise LLMTimeoutError(self._message) from error
        return AT_ONCE

    def _ring(self) -> None:
        self._has_rung = True
        self._task.cancel()


# As it is read where it stands: `async with time_limit(...)`.
time_limit = TimeLimit


class SilenceWatch:
    """Ends waits that last too long, one after another, all of them one task's at a time.

    One timer for all: to set one for each token of a stream, as `asyncio.timeout` does, took 4.9 µs; so it is 0.4.
    """

    __slots__ = ("_cancelled_before", "_due", "_has_rung", "_loop", "_task", "_timer")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[object] | None = None
        self._due = 0.0
        self._cancelled_before = 0
        self._has_rung = False

    def begin(self, seconds: float) -> None:
        """The current task waits from now on; after so many seconds it is cancelled."""
        self._task = task = asyncio.current_task(self._loop)
        self._cancelled_before = task.cancelling() if task is not None else 0
        self._has_rung = False
        self._due = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > self._due:
            self._set()

    def end(self) -> None:
        """The wait is over."""
        task, self._task = self._task, None
        if self._has_rung and task is not None:
            # It ended with something else all the same.
            self._has_rung = False
            task.uncancel()

    def was_it(self) -> bool:
        """Whether the cancellation that the task has just met is this watch's alone, which is then taken back."""
        if not self._has_rung or self._task is None:
            return False
        self._has_rung = False
        return self._task.uncancel() <= self._cancelled_before

    def close(self) -> None:
        """No wait comes any more."""
        self._task = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._due, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._task is None:
            return
        if self._loop.time() < self._due:
            self._set()
            return
        self._has_rung = True
        self._task.cancel()
