"""How is one target asked, once or again: under which limits, at which place, and what is told of each attempt?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from app.engine.estimation import estimated_input, estimated_loss
from app.engine.limits import TargetLimits
from app.engine.open_attempt import OpenAttempt
from app.engine.selection import Target
from app.engine.strategies.least_latency import awaits_first_token
from app.engine.turns import spent_seconds
from app.resilience.admission import Place
from app.resilience.deadline import AttemptLimits
from app.resilience.retry import RetryPolicy
from app.resilience.routes import Route
from contracts.calls import Operation
from contracts.errors import InternalError, LLMProviderError

if TYPE_CHECKING:
    from app.engine.dispatch import Dispatch

T = TypeVar("T")
Send = Callable[[Target, AttemptLimits, OpenAttempt], Awaitable[T]]


class TargetCall(Generic[T]):
    """One target, as the guard has it (`guard.Guarded`). As a context it is the attempt that is under way.

    `left` are the targets behind it. What only a second attempt needs is made when there is one.
    """

    __slots__ = (
        "_attempt",
        "_given",
        "_left",
        "_limits",
        "_meter",
        "_of",
        "_place",
        "_policy",
        "_send",
        "_target",
        "is_fair",
        "route",
    )

    def __init__(self, of: Dispatch, send: Send[T], target: Target, route: Route, left: Sequence[Target]) -> None:
        self.route = route
        self.is_fair = True
        self._of = of
        self._send = send
        self._target = target
        self._left = left
        # Until an attempt takes it: there is one at a time.
        self._place: Place | None = None
        self._policy: RetryPolicy | None = None
        order, config = of.order, of.runtime.config
        is_streamed = order.is_stream or config.providers[target.provider.name].stream_upstream
        # One that rests for longer is none that could take over when this one is late with its first token.
        soon = config.first_token_timeout_seconds
        self._limits = TargetLimits(
            target,
            order,
            config,
            of.deadline,
            has_next=bool(left) and of.is_any_ready(left, soon),
            is_streamed=is_streamed and order.call.operation is Operation.CHAT,
        )

    def enters_at_once(self) -> bool:
        """Whether there is a place at the row that nobody need wait for, which is taken. Without limits there is."""
        admission = self.route.row.admission
        self._place = self._of.entrance.place_at_once(self.route) if admission.is_limited else admission.enter_at_once()
        return self._place is not None

    async def enter(self, *, is_retry: bool) -> None:
        """Waits for a place. Raises what `Entrance.place` does."""
        has_other = partial(self._of.is_any_ready, self._left)
        self._place = await self._of.entrance.place(self.route, has_other, is_retry=is_retry)

    def leave(self) -> None:
        """It is over: gives back a place that no attempt took."""
        place, self._place = self._place, None
        if place is not None:
            place.forgo()
        if self._policy is not None:
            self._of.trace.queue_seconds += self._policy.waited

    def policy(self, *, is_probe: bool) -> RetryPolicy:
        """Whether the first attempt, which has failed, is made again."""
        of = self._of
        config = of.runtime.config
        self._policy = RetryPolicy(
            clock=of.clock,
            deadline=of.deadline,
            request=of.budget,
            route=self.route.retries,
            cooldown=self.route.cooldown,
            max_retries=config.max_retries,
            delay_seconds=config.retry_delay_seconds,
            patience_seconds=config.retry_after_patience_seconds,
            untried=len(self._left),
            has_other=partial(of.is_any_ready, self._left),
            is_probe=is_probe,
            times=[self._attempt.began],
        )
        return self._policy

    def attempt(self, *, is_retry: bool) -> Self:
        """An attempt at the place that is held: a context that gives what is to be awaited."""
        of, target = self._of, self._target
        if not is_retry:
            # The others are counted by the policy, which is not made yet.
            of.budget.left -= 1
        self._given = given = self._limits(is_retry)
        self.is_fair = given.is_fair
        place, self._place = self._place, None
        self._attempt = OpenAttempt(of.trace, target, is_retry, place, self.route.breaker)
        latencies = of.runtime.steering.latencies
        to_first_token = of.order.is_stream and awaits_first_token(of.order)
        self._meter = latencies.meter(target.name, to_first_token=to_first_token)
        return self

    def __enter__(self) -> Awaitable[T]:
        self._meter.under_way += 1
        return self._send(self._target, self._given, self._attempt)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        target, cooldown = self._target, self.route.cooldown
        self._meter.ended(self._attempt.began, error)
        if error is not None:
            self._broke_off(error)
        if cooldown.spared_until or target.provider.spent_until(target.model) is not None:
            cooldown.spare(spent_seconds(target.provider, target.model, self._of.clock))

    def _broke_off(self, error: BaseException) -> None:
        attempt, call = self._attempt, self._of.order.call
        if isinstance(error, LLMProviderError):
            error.model = error.model or self._target.model
            attempt.failed(error, estimated_loss(call, error))
        elif isinstance(error, asyncio.CancelledError):
            attempt.cancelled(estimated_input(call))
        elif isinstance(error, Exception):
            attempt.failed(InternalError())
