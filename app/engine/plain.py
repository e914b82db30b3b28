"""A plain call: one order in, one whole answer out."""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.answer import Whole, answer
from app.engine.asking import Asking
from app.engine.dispatch import Served
from app.engine.intake import Order
from app.engine.runtime import Runtime
from app.engine.selection import Plan, select
from app.engine.trace import Trace
from app.ports import Limiter, Observer
from app.resilience.clock import Clock
from contracts.responses import LLMResponse


class PlainCalls:
    """Answers orders whole."""

    def __init__(self, observers: Sequence[Observer], limiter: Limiter, clock: Clock) -> None:
        self._observers = observers
        self._limiter = limiter
        self._clock = clock

    async def answer(self, order: Order, runtime: Runtime) -> LLMResponse:
        """The answer to `order`; a raised error carries the request's ids and attempts."""
        trace = Trace(order, self._clock, self._observers, self._limiter)
        with trace.recorded():
            await self._limiter.admit(order.call)
            return await self._answer(order, runtime, trace)

    async def _answer(self, order: Order, runtime: Runtime, trace: Trace) -> LLMResponse:
        plan = select(order, runtime)
        return settled(order, plan, trace, await Asking(order, plan, runtime, trace, self._clock).run())


def settled(order: Order, plan: Plan, trace: Trace, served: Served[Whole]) -> LLMResponse:
    """The caller's answer, its circuit and its records settled."""
    served.permit.succeed()
    whole, target, is_fallback = served.value, served.target, served.fallback_used
    response = answer(order, plan, trace, target=target, whole=whole, fallback_used=is_fallback)
    trace.end(target=target, usage=whole.usage, cost=whole.cost, fallback_used=is_fallback)
    return response
