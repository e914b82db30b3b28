"""May one more call go to a provider row now? As many at once, and as many in a minute, as its configuration allows.

Who may not go waits in a bounded line: a full line refuses at once, and nobody waits longer than he said. A row without
limits only counts its calls.
"""

from __future__ import annotations

import asyncio
from typing import TypeVar

from app.resilience.clock import Clock
from app.resilience.pace import Pace
from app.resilience.waiting_line import Waiter, WaitingLine
from contracts.config import ProviderConfig
from contracts.errors import ProviderUnavailableError, RateLimitExceededError
from contracts.requests import Priority

# What a call is taken to last while none of the row has ended yet.
FIRST_GUESS_SECONDS = 1.0
LEAST_WAIT_SECONDS = 0.1
_WEIGHT_OF_LATEST = 0.2


class RowFullError(ProviderUnavailableError):
    """As many calls are under way as the row may have. `retry_after` is an estimate from how long calls took lately."""


class RowPacedError(RateLimitExceededError):
    """The row's calls or tokens of this minute are used up, by our own count."""


Refusal = TypeVar("Refusal", RowFullError, RowPacedError)


def _unsent(error: Refusal) -> Refusal:
    """Nothing was sent, so nothing is said of the vendor: no breaker counts it, and no route rests for it."""
    error.was_sent = False
    return error


class Place:
    """Leave to make one call. It ends once, by whichever is said first."""

    __slots__ = ("_admission", "_began", "_tokens")

    def __init__(self, admission: Admission, tokens: int, began: float | None) -> None:
        self._admission: Admission | None = admission
        self._tokens = tokens
        self._began = began

    def release(self, used_tokens: int | None = None) -> None:
        """The call has ended and used so many tokens; None: nobody knows, the estimate stands."""
        admission, self._admission = self._admission, None
        if admission is None:
            return
        if self._began is None and not admission.is_limited:
            # As nearly always: there is nobody to let in.
            admission.in_flight -= 1
        else:
            excess = 0 if used_tokens is None else self._tokens - used_tokens
            admission.ended(self._began, excess)

    def forgo(self) -> None:
        """The call was not made: what it would have taken is free again."""
        admission, self._admission = self._admission, None
        if admission is not None:
            admission.forgone(self._tokens)


class Admission:
    """The gate of one provider row. `in_flight` counts the calls under way, `is_limited` or not."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self.in_flight = 0
        self._clock = clock
        self._line: WaitingLine[Place] = WaitingLine()
        self._timer: asyncio.TimerHandle | None = None
        self._call_seconds = FIRST_GUESS_SECONDS
        self._has_ended_any = False
        self.is_limited = False
        self._max_concurrency: int | None = None
        self._max_queue = 0
        self._calls: Pace | None = None
        self._tokens: Pace | None = None
        # Whether it wants an estimate of what a call will take.
        self.counts_tokens = False

    @property
    def queued(self) -> int:
        """Calls that wait."""
        return len(self._line)

    def adopt(self, row: ProviderConfig) -> None:
        """Takes over changed limits; calls under way and those that wait stay, and go as soon as they may."""
        self._max_concurrency = row.max_concurrency
        self._max_queue = row.longest_queue
        self._calls = self._adopted(self._calls, row.requests_per_minute)
        self._tokens = self._adopted(self._tokens, row.tokens_per_minute)
        self.counts_tokens = self._tokens is not None
        self.is_limited = (row.max_concurrency, self._calls, self._tokens) != (None, None, None)
        self._advance()

    def enter_at_once(self, tokens: int = 0) -> Place | None:
        """A place, when there is one and nobody waits for it."""
        if not self.is_limited:
            self.in_flight += 1
            return Place(self, tokens, None)
        if self._line or not self._has_room() or self._pause(tokens):
            return None
        return self._taken(tokens)

    async def enter(self, priority: Priority, tokens: int, *, within_seconds: float) -> Place:
        """A place, waited for in the line.

        Raises RowFullError when the line is full or no place came in time, and RowPacedError when it is certain that
        none will. A caller who is cancelled leaves the line at once.
        """
        if self.queued >= self._max_queue:
            raise self._full(priority, tokens)
        if self._pause_behind(priority, tokens) > within_seconds:
            raise self._paced(priority, tokens)
        waiter: Waiter[Place] = Waiter(priority, tokens, asyncio.get_running_loop().create_future())
        self._line.add(waiter)
        self._advance()
        try:
            async with asyncio.timeout(within_seconds):
                return await waiter.turn
        except TimeoutError:
            self._left(waiter)
            raise self.refusal(priority, tokens) or self._full(priority, tokens) from None
        except asyncio.CancelledError:
            self._left(waiter)
            raise

    def refusal(self, priority: Priority, tokens: int) -> RowFullError | RowPacedError | None:
        """Why a call could not go at once, and in `retry_after` when it may be expected to; None when it could."""
        if not self.is_limited or not (self._line or not self._has_room() or self._pause(tokens)):
            return None
        if self._pause_behind(priority, tokens):
            return self._paced(priority, tokens)
        return self._full(priority, tokens)

    def ended(self, began: float | None, excess_tokens: int) -> None:
        """A call has ended. Called by its place; `began` None: nobody measured it, for there was no limit then."""
        if began is not None:
            weight = _WEIGHT_OF_LATEST if self._has_ended_any else 1.0
            self._has_ended_any = True
            self._call_seconds += weight * (self._clock.monotonic() - began - self._call_seconds)
        self._freed(0, excess_tokens)

    def forgone(self, tokens: int) -> None:
        """A call was not made. Called by its place."""
        self._freed(1, tokens)

    def _freed(self, calls: int, tokens: int) -> None:
        self.in_flight -= 1
        if not self.is_limited:
            return
        if self._calls is not None and calls:
            self._calls.take(-calls)
        if self._tokens is not None and tokens:
            self._tokens.take(-tokens)
        self._advance()

    def _adopted(self, pace: Pace | None, per_minute: int | None) -> Pace | None:
        if per_minute is None:
            return None
        if pace is None:
            return Pace(per_minute, self._clock)
        pace.adopt(per_minute)
        return pace

    def _has_room(self) -> bool:
        return self._max_concurrency is None or self.in_flight < self._max_concurrency

    def _pause(self, tokens: int, *, behind: tuple[int, int] = (0, 0)) -> float:
        """Seconds until both paces let a call of so many tokens go, `behind` so many others and their tokens."""
        calls = self._calls.wait(1, behind=behind[0]) if self._calls is not None else 0.0
        return max(calls, self._tokens.wait(tokens, behind=behind[1])) if self._tokens is not None else calls

    def _pause_behind(self, priority: Priority, tokens: int) -> float:
        return self._pause(tokens, behind=self._line.ahead_of(priority))

    def _taken(self, tokens: int) -> Place:
        self.in_flight += 1
        if self._calls is not None:
            self._calls.take(1)
        if self._tokens is not None:
            self._tokens.take(tokens)
        return Place(self, tokens, self._clock.monotonic())

    def _advance(self) -> None:
        """Lets in who is next, as long as there is room; whom a pace holds back is looked at again when it ends."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while (waiter := self._line.first()) is not None:
            if waiter.turn.done():
                self._line.remove(waiter)
                continue
            if not self._has_room():
                return
            if pause := self._pause(waiter.tokens):
                self._timer = asyncio.get_running_loop().call_later(pause, self._advance)
                return
            self._line.remove(waiter)
            waiter.turn.set_result(self._taken(waiter.tokens))

    def _left(self, waiter: Waiter[Place]) -> None:
        """Its caller has gone; a place that was given to it in the same moment is free again."""
        self._line.remove(waiter)
        if waiter.turn.done() and not waiter.turn.cancelled():
            waiter.turn.result().forgo()
        self._advance()

    def _expected_wait(self, priority: Priority, tokens: int) -> float:
        ahead, _ = self._line.ahead_of(priority)
        seconds = self._pause_behind(priority, tokens)
        if self._max_concurrency is not None and (ahead or not self._has_room()):
            seconds = max(seconds, (ahead + 1) * self._call_seconds / self._max_concurrency)
        return max(seconds, LEAST_WAIT_SECONDS)

    def _full(self, priority: Priority, tokens: int) -> RowFullError:
        detail = f"{self.name} is full: {self.in_flight} calls are under way and {self.queued} wait"
        return _unsent(RowFullError(detail, provider=self.name, retry_after=self._expected_wait(priority, tokens)))

    def _paced(self, priority: Priority, tokens: int) -> RowPacedError:
        seconds = self._expected_wait(priority, tokens)
        detail = f"{self.name} has had its calls or tokens of this minute: one more may go in {seconds:.1f} s"
        return _unsent(RowPacedError(detail, provider=self.name, retry_after=seconds))
