"""One guarded call on one route: circuit, cooldown, retries, and whose fault a failure is. Only this file retries."""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from tenacity import AsyncRetrying, retry_if_exception

from app.resilience.cooldown import QUOTA_SECONDS
from app.resilience.permit import RoutePermit
from app.resilience.retry import RetryPolicy
from app.resilience.routes import Route
from contracts.errors import (
    AuthenticationError,
    InvalidOutputError,
    LLMProviderError,
    LLMTimeoutError,
    ProviderProtocolError,
    ProviderUnavailableError,
    QuotaExceededError,
    RateLimitExceededError,
)
from contracts.fault import Fault

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Guarded(Protocol[T_co]):
    """What is guarded: one request's calls on one route. `is_fair` (see AttemptLimits) is of the last of them."""

    route: Route
    is_fair: bool

    def enters_at_once(self) -> bool:
        """Takes a place at the row, if nobody need wait for it."""
        ...

    async def enter(self, *, is_retry: bool) -> None:
        """Waits for a place at the row. Raises why there is none."""
        ...

    def attempt(self, *, is_retry: bool) -> AbstractContextManager[Awaitable[T_co], None]:
        """The attempt that begins now, at the place that is held: its block awaits the answer."""
        ...

    def policy(self, *, is_probe: bool) -> RetryPolicy:
        """Whether a failed attempt is made again. Asked for once the first has failed."""
        ...

    def leave(self) -> None:
        """It is over, with an answer or without."""
        ...


async def guarded(call: Guarded[T], *, is_early: bool = False) -> tuple[T, RoutePermit]:
    """What `call` gave, and the permit to settle when the answer is whole; a failure is settled here.

    `is_early`: an open circuit is probed before its time. Raises the last attempt's error, what kept it from the row,
    or CircuitOpenError or RateLimitExceededError when the route may not be called now.
    """
    if not call.enters_at_once():
        await call.enter(is_retry=False)
    tries: _Tries[T] | None = None
    try:
        permit = call.route.admit(is_early=is_early)
        call.route.retries.note_call()
        try:
            try:
                # Without what a second one needs: tenacity alone costs as much as all else for a call that succeeds.
                with call.attempt(is_retry=False) as answer:
                    value = await answer
            except LLMProviderError as error:
                tries = _Tries(call, call.policy(is_probe=permit.is_probe))
                tries.failed(error)
                if not tries.policy.allows(error):
                    raise
            else:
                if call.route.cooldown.streak:
                    call.route.cooldown.clear()
                return value, permit
            value = await tries.until_answered()
        except BaseException as error:
            _settle(permit, error, tries, is_fair=call.is_fair)
            raise
    finally:
        call.leave()
        if tries is not None:
            # By its traceback it holds the frames that hold it: such a circle waits for the garbage collector.
            tries.failure = None
    call.route.cooldown.clear()
    return value, permit


@dataclass(slots=True)
class _Tries(Generic[T]):
    """The tries that follow a first one which failed. `failure` is the last that reached the vendor."""

    call: Guarded[T]
    policy: RetryPolicy
    failure: LLMProviderError | None = None

    def failed(self, error: LLMProviderError) -> None:
        """A try has failed with `error`."""
        if error.was_sent:
            cool(self.call.route, error)
            self.failure = error

    async def until_answered(self) -> T:
        """What one of them gives, as long as the policy allows any."""
        policy = self.policy
        await policy.wait(policy.pause)
        retrying = AsyncRetrying(
            retry=retry_if_exception(policy.allows),
            wait=lambda _: policy.pause,
            sleep=policy.wait,
            reraise=True,
        )
        value: T = await retrying(self._once)
        return value

    async def _once(self) -> T:
        await self._check_that_it_may_be_made()
        self.policy.note_attempt()
        try:
            with self.call.attempt(is_retry=True) as answer:
                return await answer
        except LLMProviderError as error:
            self.failed(error)
            raise

    async def _check_that_it_may_be_made(self) -> None:
        """Raises what speaks against another try: no place at the row, or a circuit that others' calls have opened."""
        await self.call.enter(is_retry=True)
        if refusal := self.call.route.circuit_refusal():
            refusal.was_sent = False
            raise refusal


def _settle(permit: RoutePermit, error: BaseException, tries: _Tries[Any] | None, *, is_fair: bool) -> None:
    """Settles a call that gave nothing. Raises, in place of `error`, the failure that it was to mend."""
    if isinstance(error, InvalidOutputError):
        # The model's fault: what its route sent was whole.
        permit.succeed()
    elif isinstance(error, LLMProviderError):
        failure = error if tries is None or tries.failure is None else tries.failure
        blame(permit, failure, is_fair=is_fair)
        if failure is not error:
            # A retry that was not made leaves what it was to mend.
            raise failure from error
    else:
        permit.release()


def blame(permit: RoutePermit, error: LLMProviderError, *, is_fair: bool = True) -> None:
    """Settles a failure: the route's, the whole row's (a refused key), or nobody's that a breaker counts."""
    if not error.was_sent or error.fault is Fault.CALLER:
        permit.release()
    elif isinstance(error, AuthenticationError):
        permit.trip(error)
    elif isinstance(error, ProviderUnavailableError | ProviderProtocolError) or (
        isinstance(error, LLMTimeoutError) and is_fair
    ):
        permit.fail(error)
    else:
        permit.release()


def cool(route: Route, error: LLMProviderError) -> None:
    """Rests the route, or its row, as long as `error` asks; a rate limit without a time is told how long that is."""
    if isinstance(error, QuotaExceededError):
        route.row.cooldown.rest(QUOTA_SECONDS)
    elif isinstance(error, RateLimitExceededError):
        route.cooldown.limited(error.retry_after)
    elif isinstance(error, ProviderUnavailableError) and error.retry_after is not None:
        route.cooldown.rest(error.retry_after)
    if isinstance(error, RateLimitExceededError) and error.retry_after is None:
        error.retry_after = route.rests_for()
