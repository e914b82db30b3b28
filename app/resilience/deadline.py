"""How much time a request, an attempt and a silence may take."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from types import TracebackType

from app.resilience.clock import Clock
from contracts.errors import LLMTimeoutError
from contracts.fault import Fault

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
        return max(0.0, self._ends_at - self._clock.monotonic())


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLimits:
    """Limits of one attempt in seconds: `answer` to the whole reply, or to a stream's first content.

    `is_fair`: long enough that running into it is the vendor's fault, not the caller's haste.
    """

    connect: float
    answer: float
    is_fair: bool
    is_retry: bool = False


class TimeLimit:
    """A block that may take so long; see `time_limit`. A class, since a generator each time takes twice as long."""

    __slots__ = ("_message", "_timeout")

    def __init__(self, seconds: float, message: str) -> None:
        self._timeout = asyncio.timeout(seconds)
        self._message = message

    def __aenter__(self) -> Awaitable[object]:
        return self._timeout.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, at)
        except TimeoutError as exc:
            raise LLMTimeoutError(self._message) from exc
        if isinstance(error, TimeoutError):
            raise LLMTimeoutError(self._message) from error


def time_limit(seconds: float, message: str) -> TimeLimit:
    """Cancels its body after `seconds` and raises LLMTimeoutError(`message`) in place of the cancellation."""
    return TimeLimit(seconds, message)
