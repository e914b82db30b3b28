"""A streamed answer: an open handle whose outcome is recorded at its end, whoever ends it.

When its vendor fails in the middle, the next candidate goes on where it stopped (`recovery`); only when nobody can is
the failure its last event.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable

from app.engine.accounts import last_event
from app.engine.answer import Whole, weigh
from app.engine.answered import Answered
from app.engine.dispatch import Served
from app.engine.joint import Joint, StartedAnewError
from app.engine.mending import spoilt
from app.engine.open_attempt import cost_of_usage
from app.engine.opening import Opening, OpenLeg, put_away
from app.engine.recovery import Continuation, Progress, Written, billed, legs_of, may_go_on, merged, rest_of
from app.engine.selection import Target
from app.resilience.guard import blame, cool
from contracts.chat import Usage
from contracts.deltas import Piece, RelayedEvent, TextDelta
from contracts.errors import InternalError, InvalidOutputError, LLMProviderError
from contracts.kept_state import answer_id_in
from contracts.responses import Cost, Leg, LLMResponse
from contracts.streams import (
    DoneEvent,
    ErrorEvent,
    StartEvent,
    StreamEvent,
    WarningEvent,
    event_of,
)

# The dialect whose events have no names says nowhere what its answer is called.
_UNNAMED = "message"


class OpenAnswer:
    """An open answer (contracts.AnswerStream). Iterate it once, in one task; close it in any case.

    At its end one is there: `answered`, what it gave, or `failure`, why it broke off.
    """

    def __init__(self, opening: Opening, served: Served[OpenLeg], on_close: Callable[[], None]) -> None:
        self._opening = opening
        self._order = opening.order
        self._trace = opening.trace
        self._on_close = on_close
        self._is_closed = False
        self._progress = Progress()
        self._joint: Joint | None = None
        self._answer_id: str | None = None
        self._resuming: asyncio.Task[Served[OpenLeg]] | None = None
        self._spent: Whole | None = None
        self._take(served)
        self._events = self._run()
        self.request_id = self._order.call.request_id
        self.correlation_id = self._order.call.correlation_id
        self.provider = served.target.provider.name
        self.model = served.target.model
        self.attempts = len(self._trace.attempts) + 1
        self.cache = self._trace.cache
        self.answered: Answered | None = None
        self.failure: LLMProviderError | None = None

    @property
    def is_mixed(self) -> bool:
        """More than one candidate wrote it."""
        return bool(self._progress.legs)

    @property
    def is_next_at_hand(self) -> bool:
        """Whether an event more can be had at once. Of who goes on for another, nobody knows what is not said twice."""
        return self._joint is None and bool(self._leg.reading.held)

    @property
    def target(self) -> Target:
        """Who writes now, or wrote last."""
        return self._served.target

    async def __aenter__(self) -> OpenAnswer:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    def __aiter__(self) -> AsyncIterator[StreamEvent]:
        return self._events

    async def aclose(self) -> None:
        """Closes the upstream connection; an answer that has not ended is recorded as cancelled. Idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            try:
                # Before the request is recorded, so that the call that ends here is one of its attempts.
                if self._resuming is not None:
                    await _dropped(self._resuming)
            finally:
                self._leave()
            await self._leg.reading.aclose()
            if not getattr(self._events, "ag_running", False):
                await self._events.aclose()
        finally:
            self._on_close()

    async def _run(self) -> AsyncGenerator[StreamEvent, None]:
        yield StartEvent(
            request_id=self.request_id, correlation_id=self.correlation_id, provider=self.provider, model=self.model
        )
        told = 0
        while True:
            warnings = (*self._opening.plan.warnings, *self._trace.warnings)
            for warning in warnings[told:]:
                yield WarningEvent(message=warning)
            told = len(warnings)
            reading = self._leg.reading
            held = reading.held
            try:
                while held or await reading.read_on():
                    if (event := self._told(held.popleft())) is not None:
                        yield event
                if (rest := self._rest()) is not None:
                    yield rest
                response = self._whole()
                break
            except LLMProviderError as error:
                written = self._broken_off(error)
                await reading.aclose()
                if await self._goes_on(error, written):
                    continue
                yield await last_event(self._trace, self._refusal(error, written))
                return
            except Exception:
                self._break_down()
                raise
        for warning in response.warnings[told:]:
            yield WarningEvent(message=warning)
        yield await last_event(self._trace, DoneEvent(response=response))

    def _told(self, piece: Piece) -> StreamEvent | None:
        """What is sent for `piece`; nothing where it was sent before, by another candidate."""
        if isinstance(piece, RelayedEvent):
            if self._answer_id is None and piece.event != _UNNAMED:
                self._answer_id = answer_id_in(piece)
            for delta in piece.deltas:
                self._progress.note(delta)
            return piece
        if self._joint is not None and isinstance(piece, TextDelta) and not piece.is_refusal:
            piece = TextDelta(text=self._joined(piece.text))
            if not piece.text:
                return None
        self._progress.note(piece)
        return event_of(piece)

    def _rest(self) -> StreamEvent | None:
        """What was held back until the candidate that goes on was known to have ended."""
        if self._joint is None:
            return None
        rest = TextDelta(text=self._joined("", is_last=True))
        self._joint = None
        self._progress.note(rest)
        return event_of(rest) if rest.text else None

    def _joined(self, text: str, *, is_last: bool = False) -> str:
        if self._joint is None:
            return text
        try:
            return self._joint.end() if is_last else self._joint.feed(text)
        except StartedAnewError:
            name = self._served.target.provider.name
            detail = f"{name} began the answer anew instead of going on with it"
            raise InvalidOutputError(detail, provider=name, upstream_status=200) from None

    async def _goes_on(self, error: LLMProviderError, written: Written) -> bool:
        """Whether another candidate has taken over; when none could, the caller is told why the first broke off."""
        failed, sent = self._served.target, self._progress.so_far()
        if (
            # What is met after `aclose`, in another task, is nobody's failure.
            self._is_closed
            or not may_go_on(self._order, error, self._progress)
            or not rest_of(self._opening.plan, self._trace.attempts).targets
        ):
            return False
        continuation = Continuation(self._order, sent)
        served = await self._resumed(continuation)
        if served is None:
            return False
        self._progress.legs.append(written)
        self._joint = continuation.joint(served.target)
        self._take(served)
        self._trace.warnings.append(
            f"{failed.name} broke off after {len(sent)} characters ({error.error_type}): {served.target.name} went on"
        )
        return True

    async def _resumed(self, continuation: Continuation) -> Served[OpenLeg] | None:
        """The open rest; None when nobody gives it, or the caller has left meanwhile."""
        resuming = self._resuming = asyncio.ensure_future(self._opening.rest(continuation))
        try:
            served = await resuming
        except LLMProviderError:
            return None
        except asyncio.CancelledError:
            await _dropped(resuming)
            # Ended by `aclose`, in another task; this one goes on to its end.
            if not self._is_closed:
                raise
            self._leave()
            return None
        finally:
            self._resuming = None
        if self._is_closed:
            await _dropped(resuming)
            return None
        return served

    def _take(self, served: Served[OpenLeg]) -> None:
        """From now on `served` writes the answer."""
        self._served, self._leg = served, served.value
        self._begin = len(self._progress.so_far())

    def _leave(self) -> None:
        """Recorded before anything is closed, so that what a reader in another task meets then is nobody's fault."""
        self._served.permit.release()
        if not self._trace.has_ended:
            written = self._written(self._leg.estimate)
            self._leg.attempt.cancelled(written.usage)
            usage, cost = billed(self._progress, written)
            self._trace.end(target=self._served.target, usage=usage, cost=cost, is_cancelled=True)

    def _whole(self) -> LLMResponse:
        served, target = self._served, self._served.target
        whole = weigh(target, self._leg.reading.reply(), self._leg.order, self._opening.runtime.prices)
        bad = spoilt(whole, self._order)
        if bad is not None:
            self._spent = whole
            raise bad.error(target.provider.name)
        self._leg.attempt.succeeded(whole.usage, whole.cost)
        served.permit.succeed()
        legs: list[Leg] = []
        if self._progress.legs:
            legs = legs_of(self._progress, self._written(whole.usage, whole.cost))
            whole = merged(whole, self._progress)
        is_fallback = served.fallback_used or bool(legs)
        self.answered = Answered(target, whole, is_fallback, self._trace.cache)
        response = self.answered.response(self._order, self._opening.plan, self._trace)
        return response.model_copy(update={"legs": legs}) if legs else response

    def _broken_off(self, error: LLMProviderError) -> Written:
        """The candidate failed after its first content: its attempt ends with what it had used."""
        served, target, spent = self._served, self._served.target, self._spent
        written = self._written(spent.usage, spent.cost) if spent else self._written(self._leg.estimate)
        error.provider, error.model = target.provider.name, target.model
        self._leg.attempt.failed(error, written.usage, written.cost)
        cool(served.route, error)
        blame(served.permit, error)
        if self._answer_id is not None:
            self._opening.runtime.steering.kept_states.give_up(self._answer_id)
        return written

    def _refusal(self, error: LLMProviderError, written: Written) -> ErrorEvent:
        """The stream's last event: why it broke off, and what was billed."""
        usage, cost = billed(self._progress, written)
        self.failure = error
        error.attempts = tuple(self._trace.attempts)
        self._trace.refuse(error, target=written.target, usage=usage, cost=cost)
        return ErrorEvent.of(error, usage=usage, cost=cost)

    def _break_down(self) -> None:
        """A defect of ours ends the stream."""
        error, written = InternalError(), self._written(self._leg.estimate)
        self._leg.attempt.failed(error, written.usage)
        usage, cost = billed(self._progress, written)
        self._trace.refuse(error, target=written.target, usage=usage, cost=cost)

    def _written(self, usage: Usage, cost: Cost | None = None) -> Written:
        target = self._served.target
        cost = cost_of_usage(self._trace, target, usage, cost)
        return Written(target, self._begin, usage, cost)


async def _dropped(resuming: asyncio.Task[Served[OpenLeg]]) -> None:
    """Ends a stream that is being opened, or was in this very moment."""
    resuming.cancel()
    await asyncio.wait({resuming})
    if not resuming.cancelled() and resuming.exception() is None:
        await put_away(resuming.result())
