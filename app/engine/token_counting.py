"""How many tokens would a request take? A vendor's own count where one counts, else an estimate that says so.

Everything but the answer is as for plain calls: candidates, limits, circuits, records. Only rows that offer the same
model stand in for the first, for each model cuts a text in its own way. A count is for budgeting, so a vendor that
fails to count is no reason to give none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from app.engine.accounts import Accounts
from app.engine.dispatch import Dispatch, Served
from app.engine.estimation import estimated_usage
from app.engine.intake import Order
from app.engine.open_attempt import OpenAttempt
from app.engine.runtime import Runtime
from app.engine.selection import Plan, Target, select
from app.engine.trace import Trace
from app.engine.upstream_call import call_for, traced
from app.ports import CallLimits
from app.resilience.deadline import AttemptLimits, time_limit
from contracts.calls import ModelCall, Operation
from contracts.chat import Usage
from contracts.errors import (
    ContentPolicyError,
    ContextLengthExceededError,
    InvalidRequestError,
    LLMProviderError,
)
from contracts.responses import Cost
from contracts.surfaces import TokenCount

# What a count takes and costs, with every vendor that has one.
_NOTHING = Usage()
_FREE = Cost(usd=Decimal(0), source="free")
# What would be refused as well when it is asked: no estimate hides that.
_CALLERS = (InvalidRequestError, ContextLengthExceededError, ContentPolicyError)
_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class _Counted:
    """`tokens` None: the row has no counter."""

    tokens: int | None


class TokenCounting:
    """Answers orders that ask for a count."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._clock = accounts.clock

    async def answer(self, order: Order, runtime: Runtime) -> TokenCount:
        """The count for `order`. Raises what choosing candidates does, and what a vendor says of a wrong request."""
        order = _as_count(order, runtime)
        trace = Trace(order, self._accounts, runtime.prices)
        async with trace:
            plan = select(order, runtime)
            trace.begin(plan.targets[0])

            async def send(target: Target, limits: AttemptLimits, attempt: OpenAttempt) -> _Counted:
                tokens = await _asked(target, traced(order, attempt, runtime.config), limits)
                attempt.succeeded(_NOTHING, _FREE)
                return _Counted(tokens)

            try:
                served = await Dispatch(order, plan, runtime, trace, self._clock).run(send, _uncounted)
            except _CALLERS:
                raise
            except LLMProviderError as error:
                return _estimate(order, plan, trace, plan.targets[0], f"no vendor could count: {error}")
            return _settled(order, plan, trace, served)


def _as_count(order: Order, runtime: Runtime) -> Order:
    """The order as one for a count: nobody waits for it as long as for an answer."""
    patience = order.timeout_seconds or order.patience_seconds or runtime.config.request_timeout_seconds
    return replace(
        order,
        call=replace(order.call, operation=Operation.COUNT_TOKENS),
        shape=None,
        is_stream=False,
        use_cache=False,
        timeout_seconds=min(patience, runtime.config.request_timeout_seconds),
    )


def _uncounted(target: Target) -> _Counted | None:
    """Whoever has no counter is not asked."""
    return None if target.provider.counts_tokens else _Counted(None)


async def _asked(target: Target, order: Order, limits: AttemptLimits) -> int:
    provider = target.provider
    async with time_limit(limits.answer, f"{provider.name} gave no count in {limits.answer:.1f} s"):
        return await provider.count_tokens(
            call_for(target, order), model=target.model, limits=CallLimits(connect_timeout_seconds=limits.connect)
        )


def _settled(order: Order, plan: Plan, trace: Trace, served: Served[_Counted]) -> TokenCount:
    served.permit.succeed()
    target, tokens = served.target, served.value.tokens
    if tokens is None:
        return _estimate(order, plan, trace, target, f"{target.name} has no counter")
    trace.end(target=target, usage=_NOTHING, cost=_FREE, fallback_used=served.fallback_used)
    return _count(order, plan, trace, target, tokens)


def _estimate(order: Order, plan: Plan, trace: Trace, target: Target, reason: str) -> TokenCount:
    trace.end(target=target, usage=_NOTHING, cost=_FREE)
    warning = f"input_tokens is an estimate, of {_CHARACTERS_PER_TOKEN} characters a token: {reason}"
    counted = _count(order, plan, trace, target, _estimated(order.call))
    return replace(counted, is_estimated=True, warnings=(*counted.warnings, warning))


def _count(order: Order, plan: Plan, trace: Trace, target: Target, tokens: int) -> TokenCount:
    return TokenCount(
        input_tokens=tokens,
        provider=target.provider.name,
        model=target.model,
        warnings=(*plan.warnings, *trace.warnings),
        request_id=order.call.request_id,
        correlation_id=order.call.correlation_id,
    )


def _estimated(call: ModelCall) -> int:
    """By the same rule of thumb as an answer's; what is offered as tools is sent as well."""
    tools = sum(
        len(tool.name) + len(tool.description or "") + len(str(tool.parameters)) for tool in call.conversation.tools
    )
    return estimated_usage(call.conversation, 0).input_tokens + -(-tools // _CHARACTERS_PER_TOKEN)
