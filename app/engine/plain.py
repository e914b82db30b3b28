"""A plain call: one order in, one whole answer out; bought anew, kept from before, or shared with who asks the same."""

from __future__ import annotations

from app.engine.accounts import Accounts
from app.engine.answer_cache import AnswerCache
from app.engine.answered import Answered
from app.engine.asking import Asking
from app.engine.intake import Order
from app.engine.lookup import Lookup
from app.engine.runtime import Runtime
from app.engine.selection import select
from app.engine.shared_work import SharedWork
from app.engine.single_flight import SingleFlight
from app.engine.trace import Trace
from contracts.cache import CacheResult
from contracts.responses import LLMResponse
from contracts.surfaces import Completion


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
        return (await self.completion(order, runtime)).response

    async def completion(self, order: Order, runtime: Runtime) -> Completion:
        """The same, with the reply that it was made of."""
        trace = Trace(order, self._accounts, runtime.prices)
        async with trace:
            plan = select(order, runtime)
            if not trace.has_begun:
                trace.begin(plan.targets[0])
            keys = self._cache.keys_of(order, plan, runtime) if order.use_cache else None
            if keys is None:
                served = await Asking(order, plan, runtime, trace, self._clock).answer()
                answered = Answered.by(served, CacheResult.BYPASS)
            else:
                lookup = Lookup(self._cache, keys, order, plan, runtime)
                work = SharedAsking(order, plan, runtime, trace, self._clock, lookup)
                answered = await work.shared(self.flights)
            return Completion(response=answered.response(order, plan, trace), reply=answered.reply)

    async def aclose(self) -> None:
        """Ends what is shared and still under way."""
        await self.flights.aclose()


class SharedAsking(SharedWork[Answered]):
    """One order on its way to an answer that others may share."""

    async def kept(self) -> Answered | None:
        """The answer that serves before anybody is asked."""
        return await self.lookup.answered()

    async def asked(self) -> Answered:
        """The first answer that is whole and of the shape asked for."""
        asking = Asking(self.order, self.plan, self.runtime, self.trace, self.clock, deadline=self.deadline)
        return Answered.by(await asking.answer(self.lookup.recall.of), self.lookup.result)

    async def keep(self, landed: Answered) -> None:
        """Keeps it."""
        await self.lookup.keep(landed.target, landed.whole)
