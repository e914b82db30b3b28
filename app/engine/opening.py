"""How is one candidate after another asked to open its stream: for a whole answer, or for the rest of one?"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import cast

from app.engine.answer import Whole
from app.engine.answered import Answered
from app.engine.dispatch import Dispatch, Recall, Served, nothing_kept
from app.engine.intake import Order
from app.engine.open_attempt import OpenAttempt
from app.engine.reading import Reading
from app.engine.recovery import Continuation, rest_of
from app.engine.runtime import Runtime
from app.engine.selection import Plan, Target
from app.engine.trace import Trace
from app.engine.upstream_call import open_reply, traced
from app.resilience.clock import Clock
from app.resilience.deadline import AttemptLimits, Deadline
from app.resilience.retry import RequestBudget
from contracts.cache import CacheResult
from contracts.chat import Usage
from contracts.quick_making import quickly_made


@dataclass(frozen=True, slots=True)
class OpenLeg:
    """A stream whose first content is here, the attempt that it is, and the order that it answers."""

    reading: Reading
    attempt: OpenAttempt
    order: Order

    @property
    def estimate(self) -> Usage:
        """What it has used so far."""
        return self.reading.estimate(self.order.call.conversation)


# A stream whose first content is here, or a whole answer that is kept from before.
First = Served[OpenLeg] | Answered


@quickly_made
@dataclass(frozen=True, slots=True)
class Opening:
    """One request's streams. Its attempts share one budget, whoever they are for."""

    order: Order
    plan: Plan
    runtime: Runtime
    trace: Trace
    clock: Clock
    budget: RequestBudget = field(default_factory=RequestBudget)

    async def first(self, recall: Recall[Whole] = nothing_kept, deadline: Deadline | None = None) -> First:
        """The first candidate's that opens, or that is kept whole. Raises the most telling of the errors."""
        dispatch = Dispatch(
            self.order, self.plan, self.runtime, self.trace, self.clock, budget=self.budget, deadline=deadline
        )

        def send(target: Target, limits: AttemptLimits, attempt: OpenAttempt) -> Awaitable[OpenLeg | Whole]:
            return self._open(target, self.order, limits, attempt)

        served = await dispatch.run(send, recall)
        value = served.value
        if isinstance(value, Whole):
            return Answered(served.target, value, served.fallback_used, CacheResult.HIT)
        return _with_probe_settled(cast("Served[OpenLeg]", served))

    async def rest(self, continuation: Continuation) -> Served[OpenLeg]:
        """The rest of an answer that broke off, from a candidate that was not asked yet, within a chain of its own."""
        dispatch = Dispatch(
            self.order,
            rest_of(self.plan, self.trace.attempts),
            self.runtime,
            self.trace,
            self.clock,
            budget=self.budget,
            asks_again=continuation.asks_again,
            is_rest=True,
        )

        def send(target: Target, limits: AttemptLimits, attempt: OpenAttempt) -> Awaitable[OpenLeg]:
            return self._open(target, continuation.order_for(target), limits, attempt)

        return _with_probe_settled(await dispatch.run(send))

    async def _open(self, target: Target, order: Order, limits: AttemptLimits, attempt: OpenAttempt) -> OpenLeg:
        asked = traced(order, attempt, self.runtime.config)
        reading = await open_reply(target, asked, limits, self.runtime.config, self.clock)
        attempt.first_content()
        return OpenLeg(reading, attempt, order)


def _with_probe_settled(served: Served[OpenLeg]) -> Served[OpenLeg]:
    """A probe has succeeded with the first content: nobody else should wait for its end."""
    if served.permit.is_probe:
        served.permit.succeed()
    return served


async def put_away(served: Served[OpenLeg]) -> None:
    """Ends a stream that nobody reads: its caller left in the moment in which it opened."""
    served.permit.release()
    served.value.attempt.cancelled(served.value.estimate)
    await served.value.reading.aclose()
