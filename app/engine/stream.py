"""Opens streamed answers: held back until they are whole, or as open handles."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.engine.asking import Asking
from app.engine.buffered import BufferedAnswer
from app.engine.intake import Order
from app.engine.open_answer import OpenAnswer
from app.engine.opening import Opening
from app.engine.plain import settled
from app.engine.runtime import Runtime
from app.engine.selection import Plan, select
from app.engine.trace import Trace
from app.ports import Limiter, Observer
from app.resilience.clock import Clock
from contracts.requests import StreamRecovery
from contracts.streams import AnswerStream


class StreamedCalls:
    """Opens streamed answers to orders."""

    def __init__(self, observers: Sequence[Observer], limiter: Limiter, clock: Clock) -> None:
        self._observers = observers
        self._limiter = limiter
        self._clock = clock

    async def open(self, order: Order, runtime: Runtime, on_close: Callable[[], None]) -> AnswerStream:
        """The open answer, its first content here. `on_close` is called once when it ends, not when this raises."""
        trace = Trace(order, self._clock, self._observers, self._limiter)
        with trace.recorded():
            await self._limiter.admit(order.call)
            plan = select(order, runtime)
            if order.stream_recovery is StreamRecovery.BUFFER:
                return await self._buffered(order, plan, runtime, trace, on_close)
            opening = Opening(order, plan, runtime, trace, self._clock)
            served = await opening.first()
        return OpenAnswer(opening, served, on_close)

    async def _buffered(
        self, order: Order, plan: Plan, runtime: Runtime, trace: Trace, on_close: Callable[[], None]
    ) -> BufferedAnswer:
        served = await Asking(order, plan, runtime, trace, self._clock).run()
        return BufferedAnswer(settled(order, plan, trace, served), on_close)
