"""A streamed answer: an open handle whose outcome is recorded at its end, whoever ends it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence

from app.engine.answer import Whole, answer, weigh
from app.engine.asking import Asking
from app.engine.buffered import BufferedAnswer
from app.engine.dispatch import Dispatch, Served
from app.engine.estimation import estimated_usage
from app.engine.intake import Order
from app.engine.mending import spoilt
from app.engine.plain import settled
from app.engine.reading import Reading
from app.engine.runtime import Runtime
from app.engine.selection import Plan, Target, select
from app.engine.trace import OpenAttempt, Trace
from app.engine.upstream_call import open_reply
from app.ports import Limiter, Observer
from app.resilience.clock import Clock
from app.resilience.deadline import AttemptLimits
from app.resilience.guard import blame, cool
from contracts.chat import Usage
from contracts.deltas import Delta, ReasoningDelta, TextDelta
from contracts.errors import InternalError, LLMProviderError
from contracts.problem import problem_of
from contracts.requests import StreamRecovery
from contracts.responses import (
    AnswerStream,
    DoneEvent,
    ErrorEvent,
    LLMResponse,
    ReasoningEvent,
    StartEvent,
    StreamEvent,
    TextEvent,
    ToolCallEvent,
    WarningEvent,
)


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

            async def send(target: Target, limits: AttemptLimits, attempt: OpenAttempt) -> tuple[Reading, OpenAttempt]:
                reading = await open_reply(target, order, limits, runtime.config, self._clock)
                attempt.first_content()
                return reading, attempt

            served = await Dispatch(order, plan, runtime, trace, self._clock).run(send)
        if served.permit.is_probe:
            served.permit.succeed()
        return OpenAnswer(order, plan, trace, served, on_close)

    async def _buffered(
        self, order: Order, plan: Plan, runtime: Runtime, trace: Trace, on_close: Callable[[], None]
    ) -> BufferedAnswer:
        served = await Asking(order, plan, runtime, trace, self._clock).run()
        return BufferedAnswer(settled(order, plan, trace, served), on_close)


class OpenAnswer:
    """An open answer (contracts.AnswerStream). Iterate it once, in one task; close it in any case."""

    def __init__(
        self,
        order: Order,
        plan: Plan,
        trace: Trace,
        served: Served[tuple[Reading, OpenAttempt]],
        on_close: Callable[[], None],
    ) -> None:
        self._order = order
        self._plan = plan
        self._trace = trace
        self._served = served
        self._reading, self._attempt = served.value
        self._on_close = on_close
        self._is_closed = False
        self._spent: Whole | None = None
        self._events = self._run()
        self.request_id = order.call.request_id
        self.correlation_id = order.call.correlation_id
        self.provider = served.target.provider.name
        self.model = served.target.model
        self.attempts = len(trace.attempts) + 1

    async def __aenter__(self) -> OpenAnswer:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    def __aiter__(self) -> AsyncIterator[StreamEvent]:
        return self._events

    async def _run(self) -> AsyncGenerator[StreamEvent, None]:
        yield StartEvent(
            request_id=self.request_id, correlation_id=self.correlation_id, provider=self.provider, model=self.model
        )
        known = (*self._plan.warnings, *self._trace.warnings)
        for warning in known:
            yield WarningEvent(message=warning)
        try:
            while (delta := await self._reading.next()) is not None:
                yield _event(delta)
            response = self._whole()
        except LLMProviderError as error:
            yield self._cut(error)
            return
        except Exception:
            self._break_down()
            raise
        for warning in response.warnings[len(known) :]:
            yield WarningEvent(message=warning)
        yield DoneEvent(response=response)

    async def aclose(self) -> None:
        """Closes the upstream connection; an answer that has not ended is recorded as cancelled. Idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        self._leave()
        try:
            await self._reading.aclose()
            if not getattr(self._events, "ag_running", False):
                await self._events.aclose()
        finally:
            self._on_close()

    def _leave(self) -> None:
        """Recorded before anything is closed, so that what a reader in another task meets then is nobody's fault."""
        self._served.permit.release()
        if not self._trace.has_ended:
            usage = self._used()
            self._attempt.cancelled(usage)
            self._trace.end(target=self._served.target, usage=usage, is_cancelled=True)

    def _whole(self) -> LLMResponse:
        served, target = self._served, self._served.target
        whole = weigh(target, self._reading.reply(), self._order)
        bad = spoilt(whole, self._order)
        if bad is not None:
            self._attempt.failed(bad.error(self.provider), whole.usage, whole.cost)
            self._spent = whole
            raise bad.error(self.provider)
        self._attempt.succeeded(whole.usage, whole.cost)
        served.permit.succeed()
        is_fallback = served.fallback_used
        response = answer(self._order, self._plan, self._trace, target=target, whole=whole, fallback_used=is_fallback)
        self._trace.end(target=target, usage=whole.usage, cost=whole.cost, fallback_used=is_fallback)
        return response

    def _cut(self, error: LLMProviderError) -> ErrorEvent:
        """The stream failed after its first content: it is recorded with what was used so far, and said in band."""
        served, target = self._served, self._served.target
        usage, cost = (self._spent.usage, self._spent.cost) if self._spent else (self._used(), None)
        error.provider, error.model = target.provider.name, target.model
        self._attempt.failed(error, usage)
        cool(served.route, error)
        blame(served.permit, error)
        error.attempts = tuple(self._trace.attempts)
        self._trace.refuse(error, target=target, usage=usage, cost=cost)
        return ErrorEvent(problem=problem_of(error))

    def _break_down(self) -> None:
        """A defect of ours ends the stream."""
        error, usage = InternalError(), self._used()
        self._attempt.failed(error, usage)
        self._trace.refuse(error, target=self._served.target, usage=usage)

    def _used(self) -> Usage:
        return estimated_usage(self._order.call.conversation, self._reading.characters)


def _event(delta: Delta) -> StreamEvent:
    if isinstance(delta, TextDelta):
        return TextEvent(text=delta.text)
    if isinstance(delta, ReasoningDelta):
        return ReasoningEvent(text=delta.text)
    return ToolCallEvent(index=delta.index, id=delta.id, name=delta.name, arguments=delta.arguments)
