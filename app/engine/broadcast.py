"""How does one stream reach several callers? It is read once, into a record, which each reads at its own pace.

Who comes late reads from the beginning, at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

from app.engine.accounts import last_event
from app.engine.answered import Answered
from app.engine.intake import Order
from app.engine.open_answer import OpenAnswer
from app.engine.selection import Plan
from app.engine.single_flight import Seat, of_another
from app.engine.trace import Trace
from contracts.cache import CacheResult
from contracts.deltas import RelayedEvent
from contracts.errors import InternalError, LLMProviderError
from contracts.responses import Leg, LLMResponse
from contracts.streams import (
    DoneEvent,
    ErrorEvent,
    ReasoningEvent,
    StartEvent,
    StreamEvent,
    TextEvent,
    ToolCallEvent,
)

# A stream of more characters is no longer held for who comes late, and goes at the pace of its slowest reader.
LARGEST_HELD = 1_000_000


class Broadcast:
    """The events of one open answer, as they come. `is_over`: none will follow.

    All are held, so that who comes late has them too, until it `is_long`: then only what somebody has yet to read.
    """

    def __init__(self, source: OpenAnswer) -> None:
        self.source = source
        self.is_over = False
        self.is_long = False
        self._events: list[StreamEvent] = []
        self._first = 0
        self._characters = 0
        self._readers: dict[object, int] = {}
        self._changed = asyncio.Event()
        self._read = asyncio.Event()

    @property
    def is_trimmed(self) -> bool:
        """Whether its beginning is gone."""
        return self._first > 0

    @property
    def whole(self) -> Answered | None:
        """The answer, if one candidate wrote all of it."""
        return None if self.source.is_mixed else self.source.answered

    async def relay(self) -> None:
        """Reads the answer to its end, and closes it however it ends."""
        last: StreamEvent | None = None
        try:
            async with self.source as stream:
                async for event in stream:
                    if isinstance(event, DoneEvent | ErrorEvent):
                        last = event
                        continue
                    self._tell(event)
                    if self.is_long:
                        await self._until_all_have_read()
        finally:
            self.is_over = True
            # Told when all is closed: with it the last reader may leave.
            self._tell(*([last] if last is not None else []))

    def enter(self, reader: object) -> None:
        """`reader` begins at the beginning."""
        self._readers[reader] = 0

    def leave(self, reader: object) -> None:
        """`reader` wants no more."""
        self._readers.pop(reader, None)
        self._read.set()

    def next_for(self, reader: object) -> StreamEvent | None:
        """The next event that `reader` has not had; None: it has all that came."""
        told = self._readers[reader]
        if told == self._first + len(self._events):
            return None
        self._readers[reader] = told + 1
        self._read.set()
        return self._events[told - self._first]

    async def more(self) -> None:
        """Something has happened since this was called."""
        await self._changed.wait()

    def _tell(self, *events: StreamEvent) -> None:
        self._events += events
        self._characters += sum(_length(event) for event in events)
        self.is_long = self.is_long or self._characters > LARGEST_HELD
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _until_all_have_read(self) -> None:
        # Nobody at all: the first one is on its way.
        while not self._readers or min(self._readers.values()) < self._first + len(self._events):
            self._read.clear()
            await self._read.wait()
        self._first += len(self._events)
        self._events.clear()


def _length(event: StreamEvent) -> int:
    if isinstance(event, TextEvent | ReasoningEvent):
        return len(event.text)
    if isinstance(event, RelayedEvent):
        return len(event.data)
    return len(event.arguments) if isinstance(event, ToolCallEvent) else 0


class SharedAnswer:
    """One caller's reading of a broadcast (implements `contracts.AnswerStream`), under the ids of its own request."""

    def __init__(
        self,
        order: Order,
        plan: Plan,
        trace: Trace,
        broadcast: Broadcast,
        seat: Seat[Any],
        on_close: Callable[[], None],
    ) -> None:
        source = broadcast.source
        self._order = order
        self._plan = plan
        self._trace = trace
        self._broadcast = broadcast
        self._seat = seat
        self._on_close = on_close
        self._is_closed = False
        self._events = self._run()
        self.request_id = order.call.request_id
        self.correlation_id = order.call.correlation_id
        self.provider, self.model = source.provider, source.model
        self.attempts = source.attempts if seat.is_own else 0
        self.cache = source.cache if seat.is_own else CacheResult.COALESCED
        if not seat.is_own:
            trace.cache = CacheResult.COALESCED
        broadcast.enter(self)

    async def __aenter__(self) -> SharedAnswer:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    def __aiter__(self) -> AsyncIterator[StreamEvent]:
        return self._events

    async def aclose(self) -> None:
        """Leaves; the call ends with its last reader. Idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        self._broadcast.leave(self)
        try:
            if not self._seat.is_own:
                self._trace.end(target=self._broadcast.source.target, is_cancelled=True)
            await self._seat.leave()
            if not getattr(self._events, "ag_running", False):
                await self._events.aclose()
        finally:
            self._on_close()

    async def _run(self) -> AsyncGenerator[StreamEvent, None]:
        while True:
            # In another task; what is met after that is nobody's failure.
            if self._is_closed:
                return
            event = self._broadcast.next_for(self)
            if event is not None:
                told = event if self._seat.is_own else self._mine(event)
                if isinstance(told, DoneEvent | ErrorEvent):
                    yield await last_event(self._trace, told)
                    return
                yield told
            elif self._broadcast.is_over:
                raise self._broken_off()
            else:
                await self._broadcast.more()

    def _broken_off(self) -> LLMProviderError:
        """A defect, or the end of the service, ended the reading of the answer itself."""
        error = self._seat.failure()
        self._trace.refuse(error, target=self._broadcast.source.target)
        return error

    def _mine(self, event: StreamEvent) -> StreamEvent:
        """The event as it is told to who shares the call of another; the last one ends the request."""
        if isinstance(event, StartEvent):
            ids = {"request_id": self.request_id, "correlation_id": self.correlation_id}
            return event.model_copy(update=ids)
        if isinstance(event, DoneEvent):
            return DoneEvent(response=self._response(event.response.legs))
        if isinstance(event, ErrorEvent):
            return ErrorEvent.of(self._refused())
        return event

    def _response(self, legs: list[Leg]) -> LLMResponse:
        answered = self._broadcast.source.answered
        if answered is None:
            raise InternalError
        shared = answered.for_another()
        response = shared.response(self._order, self._plan, self._trace)
        free = [leg.model_copy(update={"cost": shared.whole.cost}) for leg in legs]
        return response.model_copy(update={"legs": free}) if legs else response

    def _refused(self) -> LLMProviderError:
        source = self._broadcast.source
        error = of_another(source.failure or InternalError())
        self._trace.refuse(error, target=source.target)
        return error
