"""Opens streamed answers: open handles, held back until they are whole, kept from before, or shared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.engine.accounts import Accounts
from app.engine.answer import Whole
from app.engine.answer_cache import AnswerCache, Recalled
from app.engine.answered import Answered
from app.engine.asking import Asking
from app.engine.broadcast import Broadcast, SharedAnswer
from app.engine.buffered import BufferedAnswer
from app.engine.dispatch import Recall, nothing_kept
from app.engine.intake import Order
from app.engine.limits import chain_seconds
from app.engine.lookup import Lookup
from app.engine.open_answer import OpenAnswer
from app.engine.opening import Opening
from app.engine.runtime import Runtime
from app.engine.selection import Plan, select
from app.engine.single_flight import SingleFlight
from app.engine.trace import Trace
from app.resilience.clock import Clock
from app.resilience.deadline import Deadline
from contracts.cache import CacheResult
from contracts.requests import StreamRecovery
from contracts.streams import AnswerStream

OnClose = Callable[[], None]


class StreamedCalls:
    """Opens streamed answers to orders."""

    def __init__(self, accounts: Accounts, cache: AnswerCache) -> None:
        self._accounts = accounts
        self._clock = accounts.clock
        self._cache = cache
        # The calls that are shared and have not ended.
        self.flights: SingleFlight[Broadcast | Answered] = SingleFlight()

    async def open(self, order: Order, runtime: Runtime, on_close: OnClose) -> AnswerStream:
        """The open answer, its first content here. `on_close` is called once when it ends, not when this raises."""
        trace = Trace(order, self._accounts, runtime.prices)
        async with trace:
            plan = select(order, runtime)
            if not trace.has_begun:
                trace.begin(plan.targets[0])
            source = Source(order, plan, runtime, trace, self._clock)
            keys = self._cache.keys_of(order, plan, runtime) if order.use_cache else None
            if keys is not None:
                lookup = Lookup(self._cache, keys, order, plan, runtime)
                return await self._shared(SharedSource(source, lookup), on_close)
            opened = await source.open(on_close)
            return _whole(opened, source, on_close) if isinstance(opened, Answered) else opened

    async def aclose(self) -> None:
        """Ends what is shared and still under way."""
        await self.flights.aclose()

    async def _shared(self, work: SharedSource, on_close: OnClose) -> AnswerStream:
        lookup, source = work.lookup, work.source
        if lookup.is_at_hand and (kept := await lookup.answered()) is not None:
            return _whole(kept, source, on_close)
        deadline = Deadline(self._clock, chain_seconds(source.order, source.plan.targets, source.runtime.config))
        source.deadline = deadline
        seat = await self.flights.board(lookup.flight(), work, deadline)
        if isinstance(seat.value, Broadcast):
            if not seat.value.is_trimmed:
                return SharedAnswer(source.order, source.plan, source.trace, seat.value, seat, on_close)
            # It grew long in the moment between.
            await seat.leave()
            opened = await source.open(on_close)
            return _whole(opened, source, on_close) if isinstance(opened, Answered) else opened
        await seat.leave()
        return _whole(seat.value if seat.is_own else seat.value.for_another(), source, on_close)


@dataclass(slots=True)
class Source:
    """One order on its way to a stream."""

    order: Order
    plan: Plan
    runtime: Runtime
    trace: Trace
    clock: Clock
    deadline: Deadline | None = None

    async def open(
        self, on_close: OnClose, recalled: Recalled | None = None, result: CacheResult = CacheResult.BYPASS
    ) -> OpenAnswer | Answered:
        """An open answer, or a whole one where nothing may be told before the end, or where it is kept."""
        recall: Recall[Whole] = nothing_kept if recalled is None else recalled.of
        self.trace.cache = result
        asked = (self.order, self.plan, self.runtime, self.trace, self.clock)
        if self.order.stream_recovery is StreamRecovery.BUFFER:
            return Answered.by(await Asking(*asked, deadline=self.deadline).answer(recall), result)
        opening = Opening(*asked)
        first = await opening.first(recall, self.deadline)
        return first if isinstance(first, Answered) else OpenAnswer(opening, first, on_close)


@dataclass(slots=True)
class SharedSource:
    """One order on its way to a stream that others may share (`single_flight.Work`)."""

    source: Source
    lookup: Lookup
    broadcast: Broadcast | None = None

    async def land(self) -> Broadcast | Answered:
        """Opens it, unless it is kept. Whoever began it is recorded with what it took, even one who left meanwhile."""
        runtime, trace = self.source.runtime, self.source.trace
        runtime.hold()
        is_open = False
        try:
            with trace.recorded(outlives_caller=True):
                opened: Answered | OpenAnswer | None = await self.lookup.answered()
                if opened is None:
                    opened = await self.source.open(runtime.let_go, self.lookup.recall, self.lookup.result)
                if isinstance(opened, Answered):
                    opened.recorded(trace)
                    return opened
                is_open = True
                self.broadcast = Broadcast(opened)
                return self.broadcast
        finally:
            if not is_open:
                runtime.let_go()

    async def go_on(self, landed: Broadcast | Answered) -> None:
        """Reads an open answer to its end."""
        if isinstance(landed, Broadcast):
            await landed.relay()

    async def tidy(self, landed: Broadcast | Answered) -> None:
        """Keeps what one candidate wrote from its beginning to its end."""
        answered = landed.whole if isinstance(landed, Broadcast) else landed
        if answered is not None and answered.cache is not CacheResult.HIT:
            await self.lookup.keep(answered.target, answered.whole)

    def leave(self) -> None:
        """The record is made when the call ends."""
        self.source.trace.has_left = True

    def takes_more(self) -> bool:
        """A long stream is not held for who comes late."""
        return self.broadcast is None or not self.broadcast.is_long


def _whole(answered: Answered, source: Source, on_close: OnClose) -> BufferedAnswer:
    return BufferedAnswer(answered.response(source.order, source.plan, source.trace), on_close)
