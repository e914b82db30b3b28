"""How does one order go through a call that others may share, and from what was kept?"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.engine.intake import Order
from app.engine.limits import chain_seconds
from app.engine.lookup import Lookup
from app.engine.outcome import Outcome
from app.engine.runtime import Runtime
from app.engine.selection import Plan
from app.engine.single_flight import SingleFlight
from app.engine.trace import Trace
from app.resilience.clock import Clock
from app.resilience.deadline import Deadline
from contracts.cache import CacheResult

Given = TypeVar("Given", bound=Outcome[Any])


@dataclass(slots=True)
class SharedWork(ABC, Generic[Given]):
    """One order on its way to something whole that others may share (`single_flight.Work`)."""

    order: Order
    plan: Plan
    runtime: Runtime
    trace: Trace
    clock: Clock
    lookup: Lookup
    deadline: Deadline | None = None

    async def shared(self, flights: SingleFlight[Given]) -> Given:
        """What is kept, what the same call under way gives, or what this one is answered."""
        if self.lookup.is_at_hand and (kept := await self.kept()) is not None:
            return kept
        self.deadline = Deadline(self.clock, chain_seconds(self.order, self.plan.targets, self.runtime.config))
        seat = await flights.board(self.lookup.flight(), self, self.deadline)
        await seat.leave()
        return seat.value if seat.is_own else seat.value.for_another()

    @abstractmethod
    async def kept(self) -> Given | None:
        """What serves before anybody is asked."""
        ...

    @abstractmethod
    async def asked(self) -> Given:
        """What the first candidate that can serve gives."""
        ...

    @abstractmethod
    async def keep(self, landed: Given) -> None:
        """Keeps it."""
        ...

    async def land(self) -> Given:
        """Asks, unless it is kept. Whoever began it is recorded with what it took, even one who left meanwhile."""
        self.runtime.hold()
        try:
            with self.trace.recorded(outlives_caller=True):
                landed = await self.kept() or await self._asked()
                landed.recorded(self.trace)
                return landed
        finally:
            self.runtime.let_go()

    async def go_on(self, landed: Given) -> None:
        """It is whole."""

    async def tidy(self, landed: Given) -> None:
        """Keeps it, unless it is from before."""
        if landed.cache is not CacheResult.HIT:
            await self.keep(landed)

    def leave(self) -> None:
        """The record is made when the call ends."""
        self.trace.has_left = True

    def takes_more(self) -> bool:
        """It is whole or not there."""
        return True

    async def _asked(self) -> Given:
        self.trace.cache = self.lookup.result
        return await self.asked()
