"""A call for vectors: one order in, a vector for each text out; bought anew, kept from before, or shared.

Everything but the answer is as for plain calls.
"""

from __future__ import annotations

from app.engine.accounts import Accounts
from app.engine.answer_cache import AnswerCache
from app.engine.dispatch import Dispatch, Recall, Served, nothing_kept
from app.engine.intake import Order
from app.engine.lookup import Lookup
from app.engine.made_vectors import MadeVectors
from app.engine.open_attempt import OpenAttempt
from app.engine.runtime import Runtime
from app.engine.selection import Plan, Target, select
from app.engine.shared_work import SharedWork
from app.engine.single_flight import SingleFlight
from app.engine.trace import Trace
from app.engine.upstream_call import call_for, traced
from app.engine.weighed import Weighed, weighed
from app.ports import CallLimits
from app.resilience.clock import Clock
from app.resilience.deadline import AttemptLimits, Deadline, time_limit
from contracts.cache import CacheResult
from contracts.calls import EmbeddingReply
from contracts.embeddings import EmbeddingResponse
from contracts.surfaces import EmbeddingCompletion


class EmbeddingCalls:
    """Answers orders for vectors."""

    def __init__(self, accounts: Accounts, cache: AnswerCache) -> None:
        self._accounts = accounts
        self._clock = accounts.clock
        self._cache = cache
        # The calls that are shared and have not ended.
        self.flights: SingleFlight[MadeVectors] = SingleFlight()

    async def answer(self, order: Order, runtime: Runtime) -> EmbeddingResponse:
        """The answer to `order`; a raised error carries the request's ids and attempts."""
        made = await self.completion(order, runtime)
        return EmbeddingResponse(**dict(made.account), embeddings=[list(vector) for vector in made.reply.vectors])

    async def completion(self, order: Order, runtime: Runtime) -> EmbeddingCompletion:
        """The same, with the vendor's own body where the caller's had gone to it."""
        trace = Trace(order, self._accounts, runtime.prices)
        async with trace:
            plan = select(order, runtime)
            if not trace.has_begun:
                trace.begin(plan.targets[0])
            keys = self._cache.keys_of(order, plan, runtime) if order.use_cache else None
            if keys is None:
                served = await _served(order, plan, runtime, trace, self._clock)
                made = MadeVectors.by(served, CacheResult.BYPASS)
            else:
                lookup = Lookup(self._cache, keys, order, plan, runtime)
                made = await SharedMaking(order, plan, runtime, trace, self._clock, lookup).shared(self.flights)
            return await made.completion(order, plan, trace)

    async def aclose(self) -> None:
        """Ends what is shared and still under way."""
        await self.flights.aclose()


class SharedMaking(SharedWork[MadeVectors]):
    """One order on its way to vectors that others may share."""

    async def kept(self) -> MadeVectors | None:
        """The vectors that serve before anybody is asked."""
        return await self.lookup.made()

    async def asked(self) -> MadeVectors:
        """What the first candidate that can serve makes."""
        recall = self.lookup.recall.vectors_of
        served = await _served(
            self.order, self.plan, self.runtime, self.trace, self.clock, recall=recall, deadline=self.deadline
        )
        return MadeVectors.by(served, self.lookup.result)

    async def keep(self, landed: MadeVectors) -> None:
        """Keeps them."""
        await self.lookup.keep_vectors(landed.target, landed.whole)


async def _served(
    order: Order,
    plan: Plan,
    runtime: Runtime,
    trace: Trace,
    clock: Clock,
    *,
    recall: Recall[Weighed] = nothing_kept,
    deadline: Deadline | None = None,
) -> Served[Weighed]:
    """What the first candidate that can serve makes. Raises the most telling of their errors."""

    async def send(target: Target, limits: AttemptLimits, attempt: OpenAttempt) -> Weighed:
        reply = await _vectors(target, traced(order, attempt, runtime.config), limits)
        made = weighed(target, reply, order, runtime.prices)
        attempt.succeeded(made.usage, made.cost)
        return made

    return await Dispatch(order, plan, runtime, trace, clock, deadline=deadline).run(send, recall)


async def _vectors(target: Target, order: Order, limits: AttemptLimits) -> EmbeddingReply:
    """One call. Raises LLMTimeoutError after `limits.answer` seconds."""
    provider = target.provider
    async with time_limit(limits.answer, f"{provider.name} gave no answer in {limits.answer:.1f} s"):
        return await provider.embed(
            call_for(target, order), model=target.model, limits=CallLimits(connect_timeout_seconds=limits.connect)
        )
