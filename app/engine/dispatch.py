"""Who serves: candidate after candidate until one gives a whole answer. One loop for plain calls and streams."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Generic, TypeVar

from app import catalogue
from app.engine.entrance import Entrance
from app.engine.estimation import estimated_input, estimated_loss
from app.engine.intake import Order
from app.engine.limits import TargetLimits, chain_seconds
from app.engine.open_attempt import OpenAttempt
from app.engine.runtime import Runtime
from app.engine.selection import Plan, Target
from app.engine.strategies.least_latency import awaits_first_token
from app.engine.trace import Trace
from app.engine.turns import least_bad, spent_seconds, with_spent_last
from app.engine.verdict import goes_on, is_only_a_wait, most_telling
from app.resilience.admission import Place
from app.resilience.clock import Clock
from app.resilience.deadline import SHORTEST_ATTEMPT_SECONDS, AttemptLimits, Deadline
from app.resilience.guard import guarded
from app.resilience.permit import RoutePermit, settled_permit
from app.resilience.retry import RequestBudget, RetryPolicy
from app.resilience.routes import Route
from contracts.calls import Operation
from contracts.errors import (
    CircuitOpenError,
    ContextLengthExceededError,
    InternalError,
    LLMProviderError,
    ProviderUnavailableError,
)

T = TypeVar("T")
Send = Callable[[Target, AttemptLimits, OpenAttempt], Awaitable[T]]
# Whether the target that answered with this error is to be asked once more, in another way.
AsksAgain = Callable[[Target, LLMProviderError], bool]


# What a target gave to the same order before, if that is kept.
Recall = Callable[[Target], T | None]


def nothing_kept(target: Target) -> None:
    """For orders that are not answered from before."""


def _nobody() -> bool:
    """Whether one of no candidates is ready."""
    return False


@dataclass(slots=True)
class Served(Generic[T]):
    """What a target gave; `permit` is settled when the answer is whole. `is_kept`: it gave it before."""

    value: T
    target: Target
    route: Route
    permit: RoutePermit
    fallback_used: bool
    is_kept: bool = False


class Dispatch:
    """One request's way through its candidates."""

    def __init__(
        self,
        order: Order,
        plan: Plan,
        runtime: Runtime,
        trace: Trace,
        clock: Clock,
        *,
        asks_again: AsksAgain | None = None,
        budget: RequestBudget | None = None,
        deadline: Deadline | None = None,
        is_rest: bool = False,
    ) -> None:
        self._order = order
        self._plan = plan
        # Those of the plan, in the order in which they are asked.
        self._targets: Sequence[Target] = ()
        self._runtime = runtime
        self._config = runtime.config
        self._trace = trace
        self._clock = clock
        self.deadline = deadline or Deadline(clock, chain_seconds(order, plan.targets, runtime.config))
        self._asks_again = asks_again
        self._is_rest = is_rest
        self._budget = budget or RequestBudget()
        self._errors: list[LLMProviderError] = []
        # At the row that is asked next, until an attempt takes it: there is one attempt at a time.
        self._place: Place | None = None

    @cached_property
    def _entrance(self) -> Entrance:
        """Into rows that limit how many calls they take."""
        patience = self._config.retry_after_patience_seconds
        return Entrance(self._order, self.deadline, patience, self._trace, self._clock)

    async def run(self, send: Send[T], recall: Recall[T] = nothing_kept) -> Served[T]:
        """What the first candidate that can serve gave: now, or before, whatever its circuit says.

        Raises the most telling of their errors.
        """
        ask = self._guarded if self._asks_again is None else self._asked_again
        try:
            plan = with_spent_last(self._plan, self._runtime.routes, self._trace.warnings)
            self._targets = plan.targets[:]
            for position, target, is_early in self._turns():
                is_second = plan.is_second_choice or target is not self._targets[0]
                route = self._runtime.routes.route(target.provider.name, target.model)
                kept = None if recall is nothing_kept else recall(target)
                if kept is not None:
                    return Served(kept, target, route, settled_permit(), is_second, is_kept=True)
                if self._errors and self._is_ruled_out(target):
                    self._trace.warnings.append(f"{target.name} was skipped: its context window is no larger")
                    continue
                if self.deadline.remaining() < SHORTEST_ATTEMPT_SECONDS or self._budget.left <= 0:
                    break
                made = len(self._trace.attempts)
                try:
                    value, permit = await ask(send, position, target, route, is_early)
                except LLMProviderError as error:
                    error.provider = error.provider or target.provider.name
                    self._errors.append(error)
                    if len(self._trace.attempts) == made:
                        self._trace.warnings.append(f"{target.name} was skipped: {error}")
                    if not goes_on(error, self._config, is_rest=self._is_rest):
                        break
                    continue
                if is_second and target.note is not None:
                    self._trace.warnings.append(target.note)
                return Served(value, target, route, permit, is_second)
            raise self._failure()
        finally:
            # Each holds, by its traceback, the frames of this dispatch: such a circle waits for the garbage collector.
            self._errors = []

    def _turns(self) -> Iterator[tuple[int, Target, bool]]:
        """Each target with its position; at last, when all circuits are open, the one to probe before its time."""
        for position, target in enumerate(self._targets):
            yield position, target, False
        probed = least_bad(self._targets, self._runtime.routes, self._errors)
        if probed is not None:
            self._trace.warnings.append(f"{probed.name} was probed before its time: every circuit is open")
            yield len(self._targets) - 1, probed, True

    async def _asked_again(
        self, send: Send[T], position: int, target: Target, route: Route, is_early: bool
    ) -> tuple[T, RoutePermit]:
        """A target may be asked once more in another way, where the untried candidates leave a try for that."""
        try:
            return await self._guarded(send, position, target, route, is_early)
        except LLMProviderError as error:
            untried = len(self._targets) - position - 1
            # One try at least stays for a candidate behind it.
            has_no_room = self.deadline.remaining() < SHORTEST_ATTEMPT_SECONDS or self._budget.left <= min(untried, 1)
            if has_no_room or self._asks_again is None or not self._asks_again(target, error):
                raise
            first = error
        try:
            return await self._guarded(send, position, target, route, False)
        except LLMProviderError as error:
            # What could not even be asked in another way ends as it did the first time.
            raise (error if error.was_sent else first) from None

    async def _guarded(
        self, send: Send[T], position: int, target: Target, route: Route, is_early: bool
    ) -> tuple[T, RoutePermit]:
        left = self._targets[position + 1 :]
        has_other = partial(self._is_any_ready, left) if left else _nobody
        # One that rests for longer is none that could take over when this one is late with its first token.
        soon = self._config.first_token_timeout_seconds
        is_streamed = self._order.is_stream or self._config.providers[target.provider.name].stream_upstream
        limits = TargetLimits(
            target=target,
            order=self._order,
            config=self._config,
            deadline=self.deadline,
            has_next=bool(left) and self._is_any_ready(left, soon),
            is_streamed=is_streamed and self._order.call.operation is Operation.CHAT,
        )
        policy = RetryPolicy(
            clock=self._clock,
            deadline=self.deadline,
            request=self._budget,
            route=route.retries,
            cooldown=route.cooldown,
            max_retries=self._config.max_retries,
            delay_seconds=self._config.retry_delay_seconds,
            patience_seconds=self._config.retry_after_patience_seconds,
            untried=len(left),
            has_other=has_other,
        )
        enter = partial(self._enter, route, has_other)
        admission = route.row.admission
        # A row without limits has a place for everybody.
        self._place = self._entrance.place_at_once(route) if admission.is_limited else admission.enter_at_once()
        if self._place is None:
            await enter(is_retry=False)
        try:
            attempt = partial(self._attempt, send, target, route)
            return await guarded(route, attempt, limits=limits, policy=policy, is_early=is_early, before_retry=enter)
        finally:
            if route.cooldown.spared_until or target.provider.spent_until(target.model) is not None:
                route.cooldown.spare(spent_seconds(target.provider, target.model, self._clock))
            place, self._place = self._place, None
            if place is not None:
                place.forgo()
            self._trace.queue_seconds += policy.waited

    async def _enter(self, route: Route, has_other: Callable[[], bool], *, is_retry: bool = True) -> None:
        self._place = await self._entrance.place(route, has_other, is_retry=is_retry)

    async def _attempt(self, send: Send[T], target: Target, route: Route, limits: AttemptLimits) -> T:
        """Made at the place that is held, which goes to it."""
        place, self._place = self._place, None
        attempt = OpenAttempt(self._trace, target, limits.is_retry, place, route.breaker)
        latencies = self._runtime.steering.latencies
        try:
            with latencies.measuring(target.name, to_first_token=awaits_first_token(self._order)):
                return await send(target, limits, attempt)
        except LLMProviderError as error:
            error.model = error.model or target.model
            attempt.failed(error, estimated_loss(self._order.call, error))
            raise
        except asyncio.CancelledError:
            attempt.cancelled(estimated_input(self._order.call))
            raise
        except Exception:
            attempt.failed(InternalError())
            raise

    def _is_any_ready(self, targets: Sequence[Target], within_seconds: float = 0) -> bool:
        for target in targets:  # noqa: SIM110 - before every attempt: `any` is another call for each target
            if self._is_ready(target, within_seconds):
                return True
        return False

    def _is_ready(self, target: Target, within_seconds: float) -> bool:
        if self._errors and self._is_ruled_out(target):
            return False
        route = self._runtime.routes.route(target.provider.name, target.model)
        if route.spared_for() > within_seconds:
            return False
        refusal = route.refusal()
        if refusal is None and route.row.admission.is_limited:
            refusal = self._entrance.refusal(route)
        return refusal is None or (refusal.retry_after is not None and refusal.retry_after <= within_seconds)

    def _is_ruled_out(self, target: Target) -> bool:
        """A conversation that was too long for one model goes only to a model with a larger, or unknown, window."""
        windows = [
            catalogue.context_window(error.model)
            for error in self._errors
            if isinstance(error, ContextLengthExceededError) and error.model
        ]
        if not windows:
            return False
        window = catalogue.context_window(target.model)
        return any(known is not None and window is not None and window <= known for known in windows)

    def _failure(self) -> LLMProviderError:
        # Without any error: a stream's rest, for which no tries are left.
        error = most_telling(self._errors or [ProviderUnavailableError("no tries are left for this request")])
        if is_only_a_wait(self._errors):
            routes = (self._runtime.routes.route(target.provider.name, target.model) for target in self._targets)
            refusals = (route.refusal() or self._entrance.refusal(route) for route in routes)
            waits = [refusal.retry_after for refusal in refusals if refusal and refusal.retry_after is not None]
            error.retry_after = min(waits, default=error.retry_after)
        error.attempts = tuple(self._trace.attempts)
        error.retry_is_pointless = bool(self._trace.attempts) and not isinstance(error, CircuitOpenError)
        return error
