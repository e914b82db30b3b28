"""A plain call: one order in, one whole answer out; bought anew, kept from before, or shared with who asks the same."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.accounts import Accounts
from app.engine.answer_cache import AnswerCache
from app.engine.answered import Answered
from app.engine.asking import Asking
from app.engine.intake import Order
from app.engine.limits import chain_seconds
from app.engine.lookup import Lookup
from app.engine.runtime import Runtime
from app.engine.selection import Plan, select
from app.engine.single_flight import SingleFlight
from app.engine.trace import Trace
from app.resilience.clock import Clock
from app.resilience.deadline import Deadline
from contracts.cache import CacheResult
from contracts.responses import LLMResponse


class PlainCalls:
    """Answers orders whole."""

    def __init__(self, accounts: Accounts, cache: AnswerCache) -> None:
        self._accounts = accounts
        self._clock = accounts.clock
        self._cache = cache
        # The calls that are shared and have not ended.
        self.flights: SingleFlight[Answered] = SingleFlight()

    async def answer(self, order: Order, runtime: Runtime) -> LLMResponse:
        """The answer to `order`; a raised error carries the request's ids and attempts."""
        async with self._accounts.request(order, runtime.prices) as trace:
            plan = select(order, runtime)
            trace.begin(plan.targets[0])
            keys = self._cache.keys_of(order, plan, runtime)
            if keys is None:
                served = await Asking(order, plan, runtime, trace, self._clock).run()
                answered = Answered.by(served, CacheResult.BYPASS)
            else:
                lookup = Lookup(self._cache, keys, order, plan, runtime)
                answered = await self._shared(SharedAsking(order, plan, runtime, trace, self._clock, lookup))
            return answered.response(order, plan, trace)

    async def aclose(self) -> None:
        """Ends what is shared and still under way."""
        await self.flights.aclose()

    async def _shared(self, work: SharedAsking) -> Answered:
        if work.lookup.is_at_hand and (kept := await work.lookup.answered()) is not None:
            return kept
        deadline = Deadline(self._clock, chain_seconds(work.order, work.plan.targets, work.runtime.config))
        work.deadline = deadline
        seat = await self.flights.board(work.lookup.flight(), work, deadline)
        await seat.leave()
        return seat.value if seat.is_own else seat.value.for_another()


@dataclass(slots=True)
class SharedAsking:
    """One order on its way to an answer that others may share (`single_flight.Work`)."""

    order: Order
    plan: Plan
    runtime: Runtime
    trace: Trace
    clock: Clock
    lookup: Lookup
    deadline: Deadline | None = None

    async def land(self) -> Answered:
        """Asks, unless it is kept. Whoever began it is recorded with what it took, even one who left meanwhile."""
        self.runtime.hold()
        try:
            with self.trace.recorded(outlives_caller=True):
                answered = await self.lookup.answered() or await self._asked()
                answered.recorded(self.trace)
                return answered
        finally:
            self.runtime.let_go()

    async def go_on(self, landed: Answered) -> None:
        """It is whole."""

    async def tidy(self, landed: Answered) -> None:
        """Keeps it."""
        if landed.cache is not CacheResult.HIT:
            await self.lookup.keep(landed.target, landed.whole)

    def leave(self) -> None:
        """The record is made when the call ends."""
        self.trace.has_left = True

    def takes_more(self) -> bool:
        """It is whole or not there."""
        return True

    async def _asked(self) -> Answered:
        self.trace.cache = self.lookup.result
        asking = Asking(
            self.order,
            self.plan,
            self.runtime,
            self.trace,
            self.clock,
            recall=self.lookup.recall.of,
            deadline=self.deadline,
        )
        return Answered.by(await asking.run(), self.lookup.result)
