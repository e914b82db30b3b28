"""One guarded call on one route: circuit, cooldown, retries, and whose fault a failure is. Only this file retries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tenacity import AsyncRetrying, retry_if_exception

from app.resilience.cooldown import QUOTA_SECONDS
from app.resilience.deadline import AttemptLimits
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


async def guarded(
    route: Route,
    attempt: Callable[[AttemptLimits], Awaitable[T]],
    *,
    limits: Callable[[bool], AttemptLimits],
    policy: RetryPolicy,
    is_early: bool = False,
    before_retry: Callable[[], Awaitable[None]] | None = None,
) -> tuple[T, RoutePermit]:
    """What `attempt` gave, and the permit to settle when the answer is whole; a failure is settled here.

    `limits(is_retry)` gives the limits of the attempt that begins, once `before_retry` is over. `is_early`: an open
    circuit is probed before its time. Raises the last attempt's error, or CircuitOpenError or RateLimitExceededError
    when the route may not be called now.
    """
    permit = route.admit(is_early=is_early)
    policy.is_probe = permit.is_probe
    route.retries.note_call()
    tries: _Tries[T] | None = None
    failure: LLMProviderError | None = None
    try:
        policy.note_attempt()
        given = limits(False)
        try:
            # Without what a second one needs: tenacity alone costs as much as all else for a call that succeeds.
            value = await attempt(given)
        except LLMProviderError as error:
            tries = _Tries(route, attempt, limits, policy, before_retry, is_fair=given.is_fair)
            tries.failed(error)
            if not policy.allows(error):
                raise
        else:
            route.cooldown.clear()
            return value, permit
        value = await tries.until_answered()
    except InvalidOutputError:
        # The model's fault: what its route sent was whole.
        permit.succeed()
        raise
    except LLMProviderError as error:
        failure, is_fair = (None, True) if tries is None else (tries.failure, tries.is_fair)
        if failure is None or failure is error:
            blame(permit, error, is_fair=is_fair)
            raise
        # A retry that was not made leaves what it was to mend.
        blame(permit, failure, is_fair=is_fair)
        raise failure from error
    except BaseException:
        permit.release()
        raise
    finally:
        # By its traceback it holds the frames that hold it: such a circle waits for the garbage collector.
        failure = None
        if tries is not None:
            tries.failure = None
    route.cooldown.clear()
    return value, permit


@dataclass(slots=True)
class _Tries(Generic[T]):
    """The tries that follow a first one which failed. `failure` is the last that reached the vendor."""

    route: Route
    attempt: Callable[[AttemptLimits], Awaitable[T]]
    limits: Callable[[bool], AttemptLimits]
    policy: RetryPolicy
    before_retry: Callable[[], Awaitable[None]] | None
    is_fair: bool
    failure: LLMProviderError | None = None

    def failed(self, error: LLMProviderError) -> None:
        """A try has failed with `error`."""
        if error.was_sent:
            cool(self.route, error)
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
        given = self.limits(True)
        self.is_fair = given.is_fair
        try:
            return await self.attempt(given)
        except LLMProviderError as error:
            self.failed(error)
            raise

    async def _check_that_it_may_be_made(self) -> None:
        """Raises what speaks against another try: no place at the row, or a circuit that others' calls have opened."""
        if self.before_retry is not None:
            await self.before_retry()
        if refusal := self.route.circuit_refusal():
            refusal.was_sent = False
            raise refusal


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
