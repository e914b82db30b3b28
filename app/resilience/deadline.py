"""How much time a request, an attempt and a silence may take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

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


@asynccontextmanager
async def time_limit(seconds: float, message: str) -> AsyncIterator[None]:
    """Cancels its body after `seconds` and raises LLMTimeoutError(`message`) in place of the cancellation."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as exc:
        raise LLMTimeoutError(message) from exc
