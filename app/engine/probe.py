"""A real call to one provider now, outside dispatch: its model list, or a completion of one token."""

from __future__ import annotations

from app.engine.accounts import Accounts
from app.engine.answer import weigh
from app.engine.estimation import estimated_input, estimated_loss
from app.engine.health import unusable_reason
from app.engine.intake import take_in
from app.engine.runtime import Runtime
from app.engine.selection import Target
from app.engine.trace import Trace
from app.engine.upstream_call import answer_limit, plain_call
from app.ports import CallLimits, Provider
from app.resilience.deadline import AttemptLimits, time_limit
from contracts.caller import IN_PROCESS_CALLER
from contracts.errors import (
    InternalError,
    LLMProviderError,
    ModelNotFoundError,
    ProviderUnavailableError,
    RateLimitExceededError,
)
from contracts.providers import ProviderHealth, ProviderStatus
from contracts.requests import LLMRequest


class Probe:
    """Tests providers. A circuit is neither asked nor moved; a deep test is recorded like any call."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._clock = accounts.clock

    async def test(self, provider: Provider, runtime: Runtime, *, deep: bool) -> ProviderHealth:
        """How the vendor answered; a failure is reported, not raised."""
        began = self._clock.monotonic()
        status, message = ProviderStatus.HEALTHY, None
        try:
            if reason := unusable_reason(provider, runtime):
                raise ProviderUnavailableError(reason)
            if deep:
                await self._complete(provider, runtime)
            elif missing := await self._missing_model(provider, runtime):
                status, message = ProviderStatus.DEGRADED, missing
        except LLMProviderError as error:
            status, message = _status(error), f"{error.error_type}: {error}"
        milliseconds = (self._clock.monotonic() - began) * 1000
        return ProviderHealth(
            provider=provider.name,
            status=status,
            latency_ms=round(milliseconds, 3),
            checked_at=self._clock.now(),
            error_message=message,
        )

    async def _missing_model(self, provider: Provider, runtime: Runtime) -> str | None:
        """Why calls without a model will fail at a vendor that answers; None when nothing speaks against them."""
        limits = _limits(runtime)
        async with time_limit(limits.answer, f"{provider.name} gave no model list in {limits.answer:g} s"):
            listed = await provider.list_models(limits=CallLimits(connect_timeout_seconds=limits.connect))
        return provider.missing_default_model(listed)

    async def _complete(self, provider: Provider, runtime: Runtime) -> None:
        request = LLMRequest(prompt="ping", max_tokens=1, preferred_provider=provider.name, enable_fallback=False)
        order = take_in(request, IN_PROCESS_CALLER, now=self._clock.now(), is_stream=False, config=runtime.config)
        target = Target(provider=provider, model=provider.default_model)
        trace = Trace(order, self._accounts, runtime.prices)
        attempt = trace.attempt(target, is_retry=False)
        try:
            limits = _limits(runtime)
            async with answer_limit(target, limits):
                reply = await plain_call(target, order, limits)
            whole = weigh(target, reply, order, runtime.prices)
            attempt.succeeded(whole.usage, whole.cost)
            trace.end(target=target, usage=whole.usage, cost=whole.cost)
        except LLMProviderError as error:
            attempt.failed(error, estimated_loss(order.call, error))
            trace.refuse(error, target=target)
            raise
        except Exception:
            attempt.failed(InternalError())
            trace.refuse(InternalError(), target=target)
            raise
        finally:
            attempt.cancelled(estimated_input(order.call))
            trace.end(target=target, is_cancelled=True)
        await trace.kept()


def _limits(runtime: Runtime) -> AttemptLimits:
    config = runtime.config
    return AttemptLimits(connect=config.connect_timeout_seconds, answer=config.request_timeout_seconds, is_fair=False)


def _status(error: LLMProviderError) -> ProviderStatus:
    """Offline: there was nobody to ask. Unhealthy: somebody answered, and refused our key or failed, or was silent."""
    if isinstance(error, ProviderUnavailableError) and error.upstream_status is None:
        return ProviderStatus.OFFLINE
    if isinstance(error, RateLimitExceededError):
        return ProviderStatus.RATE_LIMITED
    if isinstance(error, ModelNotFoundError):
        return ProviderStatus.DEGRADED
    return ProviderStatus.UNHEALTHY
