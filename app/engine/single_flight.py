"""How do identical requests share one call? Who comes while it is under way gets its outcome too.

The call runs in a task of its own: it goes on while anybody waits for it, whoever began it, and ends at once when
nobody does. When it fails by a vendor's fault, one of those who waited makes it anew; when that fails as well, or the
fault is the caller's (and so the same for all), it is everybody's. A timeout is nobody's but of those who met it; then
it is begun anew by who has the most time left.
"""

from __future__ import annotations

import asyncio
import copy
import logging
import traceback
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from app.resilience.deadline import SHORTEST_ATTEMPT_SECONDS, Deadline
from contracts.errors import InternalError, LLMProviderError, LLMTimeoutError, ShuttingDownError
from contracts.fault import Fault

T = TypeVar("T")
logger = logging.getLogger(__name__)
_MOST_FAILURES = 2


class Work(Protocol[T]):
    """What is shared, as the one who begins it would do it alone."""

    async def land(self) -> T:
        """What everybody gets; an error is everybody's, as the module says."""
        ...

    async def go_on(self, landed: T) -> None:
        """What is left to do for those who got it, while any of them is there."""
        ...

    async def tidy(self, landed: T) -> None:
        """What is left to do for nobody."""
        ...

    def leave(self) -> None:
        """Who began it has left, and others have not: it goes on for them."""
        ...

    def takes_more(self) -> bool:
        """Whether who comes now can still have all of it."""
        ...


class Flight(Generic[T]):
    """One call under way. `failures`: how often it was begun, and failed, before."""

    def __init__(self, work: Work[T], failures: int) -> None:
        self.work = work
        self.failures = failures
        self.passengers = 0
        self.is_given_up = False
        self.landed: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self._run())
        self.task.add_done_callback(self._tell_defect)
        self._needs_passengers = True
        self._is_orphan = False
        self._heirs: list[float] = []

    async def _run(self) -> None:
        value = await self.work.land()
        self.landed.set_result(value)
        await self.work.go_on(value)
        self._needs_passengers = False
        await self.work.tidy(value)

    async def outcome(self, seconds: float | None, *, is_own: bool) -> bool:
        """Takes a seat, which is kept when the call has landed (True); False: it failed, or `seconds` have passed."""
        self.passengers += 1
        has_landed = False
        try:
            either: set[asyncio.Future[Any]] = {self.landed, self.task}
            await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            has_landed = self.landed.done()
        finally:
            if not has_landed:
                await self.leave(is_own=is_own)
        return has_landed

    async def leave(self, *, is_own: bool = False) -> None:
        """Gives a seat back; with the last one the call ends, and has ended when this returns."""
        self.passengers -= 1
        if self.task.done() or not self._needs_passengers:
            return
        if not self.passengers:
            self.is_given_up = True
            self.task.cancel()
            await asyncio.wait({self.task})
        elif is_own:
            self._is_orphan = True
            self.work.leave()

    def failure(self) -> BaseException | None:
        """Why it did not land, or broke off; None: it was only too late for who left it."""
        if self.is_given_up or not self.task.done():
            return None
        if self.task.cancelled():
            return ShuttingDownError("the service ended before the answer was whole")
        return self.task.exception() or InternalError()

    async def give_way(self, deadline: Deadline) -> None:
        """After its failure: returns at once to who has the most time left, and to all others a moment later.

        So what is begun anew does not end before most of those who wait for it.
        """
        seconds = deadline.remaining()
        self._heirs.append(seconds)
        # All that waited are told of the failure in one turn of the loop.
        await asyncio.sleep(0)
        if seconds < max(self._heirs):
            await asyncio.sleep(0)

    def _tell_defect(self, task: asyncio.Task[None]) -> None:
        """One that nobody else is told of, since who began the call has what landed, or has left.

        Where it happened, without its own words: those may hold a prompt.
        """
        defect = None if task.cancelled() else task.exception()
        if isinstance(defect, LLMProviderError | None) or not (self.landed.done() or self._is_orphan):
            return
        places = "".join(traceback.format_tb(defect.__traceback__))
        logger.error("a shared call met a defect: %s\n%s", type(defect).__name__, places)


@dataclass(frozen=True, slots=True)
class Seat(Generic[T]):
    """A place in a flight that has landed. `is_own`: who holds it began the call. Give it back, once."""

    value: T
    is_own: bool
    _flight: Flight[T]

    async def leave(self) -> None:
        """Ends the call when nobody else is there; then it has ended when this returns."""
        await self._flight.leave(is_own=self.is_own)

    def failure(self) -> LLMProviderError:
        """Why the call ended without its last word."""
        return of_another(self._flight.failure() or InternalError())


class SingleFlight(Generic[T]):
    """The calls under way, by what they are."""

    def __init__(self) -> None:
        self._flights: dict[str, Flight[T]] = {}
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._flights)

    async def board(self, name: str, work: Work[T], deadline: Deadline) -> Seat[T]:
        """What the call `name` that is under way gives, else what `work` does.

        Raises what the call does, LLMTimeoutError when it gives nothing before the deadline of who waits, and
        ShuttingDownError after `aclose`.
        """
        failures = 0
        while not self._is_closed:
            flight = self._flights.get(name)
            if flight is None or flight.is_given_up or flight.task.done() or not flight.work.takes_more():
                flight = self._begin(name, work, failures)
            is_own = flight.work is work
            # Its own work keeps the deadline of who began it.
            if await flight.outcome(None if is_own else deadline.remaining(), is_own=is_own):
                return Seat(flight.landed.result(), is_own, flight)
            error = flight.failure()
            if is_own and error is not None:
                raise error
            failures = flight.failures + (not isinstance(error, LLMTimeoutError))
            if error is not None and (_is_callers(error) or failures >= _MOST_FAILURES):
                raise of_another(error)
            if error is None or deadline.remaining() < SHORTEST_ATTEMPT_SECONDS:
                detail = f"an identical request gave no answer within the {deadline.seconds:g} s of this one"
                raise LLMTimeoutError(detail)
            await flight.give_way(deadline)
        raise ShuttingDownError("the service ended before the answer was whole")

    async def aclose(self) -> None:
        """Ends every call, and begins none any more."""
        self._is_closed = True
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _begin(self, name: str, work: Work[T], failures: int) -> Flight[T]:
        flight = self._flights[name] = Flight(work, failures)
        flight.task.add_done_callback(lambda _: self._forget(name, flight))
        return flight

    def _forget(self, name: str, flight: Flight[T]) -> None:
        if self._flights.get(name) is flight:
            del self._flights[name]


def _is_callers(error: BaseException) -> bool:
    return isinstance(error, LLMProviderError) and error.fault is Fault.CALLER


def of_another(error: BaseException) -> LLMProviderError:
    """The same error, to be given the ids of the request that it is told to; the calls were another's."""
    if not isinstance(error, LLMProviderError):
        return InternalError()
    shared = copy.copy(error)
    shared.attempts = ()
    return shared
