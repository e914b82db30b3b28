"""Who serves: candidate after candidate until one gives a whole answer. One loop for plain calls and streams."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Generic, TypeVar

from app import catalogue
from app.engine.entrance import Entrance
from app.engine.intake import Order
from app.engine.limits import chain_seconds
from app.engine.runtime import Runtime
from app.engine.selection import Plan, Target
from app.engine.target_call import Send, TargetCall
from app.engine.trace import Trace
from app.engine.turns import least_bad, with_spent_last
from app.engine.verdict import goes_on, is_only_a_wait, most_telling
from app.resilience.clock import Clock
from app.resilience.deadline import SHORTEST_ATTEMPT_SECONDS, Deadline
from app.resilience.guard import guarded
from app.resilience.permit import RoutePermit
from app.resilience.retry import RequestBudget
from app.resilience.routes import Route
from contracts.errors import (
    CircuitOpenError,
    ContextLengthExceededError,
    LLMProviderError,
    ProviderUnavailableError,
)

T = TypeVar("T")
# Whether the target that answered with this error is to be asked once more, in another way.
AsksAgain = Callable[[Target, LLMProviderError], bool]


# What a target gave to the same order before, if that is kept.
Recall = Callable[[Target], T | None]


def nothing_kept(target: Target) -> None:
    """For orders that are not answered from before."""


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
        self.order = order
        self.runtime = runtime
        self.trace = trace
        self.clock = clock
        self._plan = plan
        # Those of the plan, in the order in which they are asked.
        self._targets: Sequence[Target] = ()
        self.deadline = deadline or Deadline(clock, chain_seconds(order, plan.targets, runtime.config))
        self._asks_again = asks_again
        self._is_rest = is_rest
        self.budget = budget or RequestBudget()
        self._errors: list[LLMProviderError] = []
        self._has_probed = False

    @cached_property
    def entrance(self) -> Entrance:
        """Into rows that limit how many calls they take."""
        patience = self.runtime.config.retry_after_patience_seconds
        return Entrance(self.order, self.deadline, patience, self.trace, self.clock)

    async def run(self, send: Send[T], recall: Recall[T] = nothing_kept) -> Served[T]:
        """What the first candidate that can serve gave: now, or before, whatever its circuit says.

        Raises the most telling of their errors.
        """
        try:
            plan = with_spent_last(self._plan, self.runtime.routes, self.trace.warnings)
            self._targets = plan.targets[:]
            for position, target in chain(enumerate(self._targets), iter(self._probed_early, None)):
                left, is_early = self._targets[position + 1 :], position == len(self._targets)
                is_second = plan.is_second_choice or target is not self._targets[0]
                route = self.runtime.routes.route(target.provider.name, target.model)
                kept = None if recall is nothing_kept else recall(target)
                if kept is not None:
                    return Served(kept, target, route, route.settled_permit(), is_second, is_kept=True)
                if self._errors and self._is_ruled_out(target):
                    self.trace.warnings.append(f"{target.name} was skipped: its context window is no larger")
                    continue
                if self.deadline.remaining() < SHORTEST_ATTEMPT_SECONDS or self.budget.left <= 0:
                    break
                made = len(self.trace.attempts)
                try:
                    if self._asks_again is None:
                        call = TargetCall(self, send, target, route, left)
                        value, permit = await guarded(call, is_early=is_early)
                    else:
                        value, permit = await self._asked_again(send, target, route, left, is_early)
                except LLMProviderError as error:
                    error.provider = error.provider or target.provider.name
                    self._errors.append(error)
                    if len(self.trace.attempts) == made:
                        self.trace.warnings.append(f"{target.name} was skipped: {error}")
                    if not goes_on(error, self.runtime.config, is_rest=self._is_rest):
                        break
                    continue
                if is_second and target.note is not None:
                    self.trace.warnings.append(target.note)
                return Served(value, target, route, permit, is_second)
            raise self._failure()
        finally:
            # Each holds, by its traceback, the frames of this dispatch: such a circle waits for the garbage collector.
            self._errors = []

    def _probed_early(self) -> tuple[int, Target] | None:
        """Once, behind the last position, when all circuits are open: the one to probe before its time."""
        probed = None if self._has_probed else least_bad(self._targets, self.runtime.routes, self._errors)
        if probed is None:
            return None
        self._has_probed = True
        self.trace.warnings.append(f"{probed.name} was probed before its time: every circuit is open")
        return len(self._targets), probed

    async def _asked_again(
        self, send: Send[T], target: Target, route: Route, left: Sequence[Target], is_early: bool
    ) -> tuple[T, RoutePermit]:
        """A target may be asked once more in another way, where the untried candidates leave a try for that."""
        try:
            return await guarded(TargetCall(self, send, target, route, left), is_early=is_early)
        except LLMProviderError as error:
            # One try at least stays for a candidate behind it.
            has_no_room = self.deadline.remaining() < SHORTEST_ATTEMPT_SECONDS or self.budget.left <= min(len(left), 1)
            if has_no_room or self._asks_again is None or not self._asks_again(target, error):
                raise
            first = error
        try:
            return await guarded(TargetCall(self, send, target, route, left))
        except LLMProviderError as error:
            # What could not even be asked in another way ends as it did the first time.
            raise (error if error.was_sent else first) from None

    def is_any_ready(self, targets: Sequence[Target], within_seconds: float = 0) -> bool:
        """Whether one of `targets` could be called now, or soon."""
        for target in targets:  # noqa: SIM110 - before every attempt: `any` is another call for each target
            if self._is_ready(target, within_seconds):
                return True
        return False

    def _is_ready(self, target: Target, within_seconds: float) -> bool:
        if self._errors and self._is_ruled_out(target):
            return False
        route = self.runtime.routes.route(target.provider.name, target.model)
        if route.spared_for() > within_seconds:
            return False
        refusal = route.refusal()
        if refusal is None and route.row.admission.is_limited:
            refusal = self.entrance.refusal(route)
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
            routes = (self.runtime.routes.route(target.provider.name, target.model) for target in self._targets)
            refusals = (route.refusal() or self.entrance.refusal(route) for route in routes)
            waits = [refusal.retry_after for refusal in refusals if refusal and refusal.retry_after is not None]
            error.retry_after = min(waits, default=error.retry_after)
        error.attempts = tuple(self.trace.attempts)
        error.retry_is_pointless = bool(self.trace.attempts) and not isinstance(error, CircuitOpenError)
        return error
