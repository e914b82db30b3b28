"""May this request's next attempt begin at a row now, and how long is it worth waiting for?"""

from __future__ import annotations

from collections.abc import Callable

from app.engine.estimation import estimated_input
from app.engine.intake import Order
from app.engine.trace import Trace
from app.resilience.admission import Admission, Place
from app.resilience.clock import Clock
from app.resilience.deadline import SHORTEST_ATTEMPT_SECONDS, Deadline
from app.resilience.routes import Route
from contracts.errors import LLMProviderError

# What an answer is taken to need of a row's tokens when its caller sets no `max_tokens`.
UNSAID_OUTPUT_TOKENS = 500


class Entrance:
    """One request's way into rows that limit how many calls they take."""

    def __init__(self, order: Order, deadline: Deadline, patience_seconds: float, trace: Trace, clock: Clock) -> None:
        self._order = order
        self._deadline = deadline
        self._patience_seconds = patience_seconds
        self._trace = trace
        self._clock = clock
        self._estimate: int | None = None

    def refusal(self, route: Route) -> LLMProviderError | None:
        """Why the row could not take the request at once; None when it could."""
        admission = route.row.admission
        return admission.refusal(self._order.priority, self._tokens(admission)) if admission.is_limited else None

    def place_at_once(self, route: Route) -> Place | None:
        """A place at the row of `route`, if nobody need wait for it: without a limit there always is one."""
        admission = route.row.admission
        return admission.enter_at_once(self._tokens(admission) if admission.counts_tokens else 0)

    async def place(self, route: Route, has_other: Callable[[], bool], *, is_retry: bool = False) -> Place:
        """A place at the row of `route`, waited for within the patience where `has_other` candidate is ready, else
        within the deadline.

        Raises RowFullError, RowPacedError, and what the route refuses with when it may not be called anyway.
        """
        place = self.place_at_once(route)
        if place is not None:
            return place
        if not is_retry and (refusal := route.refusal()):
            raise refusal
        admission = route.row.admission
        return await self._waited_for(admission, self._tokens(admission), has_other())

    async def _waited_for(self, admission: Admission, tokens: int, has_other: bool) -> Place:
        priority = self._order.priority
        seconds = max(0.0, self._deadline.remaining() - SHORTEST_ATTEMPT_SECONDS)
        if has_other:
            seconds = min(seconds, self._patience_seconds)
            refusal = admission.refusal(priority, tokens)
            if refusal is not None and (refusal.retry_after or 0.0) > seconds:
                raise refusal
        began = self._clock.monotonic()
        try:
            return await admission.enter(priority, tokens, within_seconds=seconds)
        finally:
            self._trace.queue_seconds += self._clock.monotonic() - began

    def _tokens(self, admission: Admission) -> int:
        """An estimate of what the request takes, for rows that count that."""
        if not admission.counts_tokens:
            return 0
        if self._estimate is None:
            call = self._order.call
            most = 0 if call.embedding is not None else call.conversation.sampling.max_tokens
            self._estimate = estimated_input(call).total_tokens + (UNSAID_OUTPUT_TOKENS if most is None else most)
        return self._estimate
