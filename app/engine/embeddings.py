"""A call for vectors: one order in, a vector for each text out. Everything but the answer is as for plain calls."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.engine.accounts import Accounts
from app.engine.answer import latency_of
from app.engine.dispatch import Dispatch, Served
from app.engine.estimation import estimated_input
from app.engine.intake import Order
from app.engine.open_attempt import OpenAttempt
from app.engine.runtime import Runtime
from app.engine.selection import Plan, Target, select
from app.engine.trace import Trace
from app.engine.upstream_call import call_for, traced
from app.ports import CallLimits
from app.pricing import Prices
from app.resilience.deadline import AttemptLimits, time_limit
from contracts.calls import EmbeddingReply
from contracts.chat import Usage
from contracts.embeddings import EmbeddingResponse
from contracts.responses import Cost


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A reply with what it used and cost."""

    reply: EmbeddingReply = field(repr=False)
    usage: Usage
    cost: Cost | None


class EmbeddingCalls:
    """Answers orders for vectors."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._clock = accounts.clock

    async def answer(self, order: Order, runtime: Runtime) -> EmbeddingResponse:
        """The answer to `order`; a raised error carries the request's ids and attempts."""
        async with self._accounts.request(order, runtime.prices) as trace:
            plan = select(order, runtime)
            trace.begin(plan.targets[0])

            async def send(target: Target, limits: AttemptLimits, attempt: OpenAttempt) -> _Weighed:
                weighed = _weigh(
                    target,
                    await _vectors(target, traced(order, attempt, runtime.config), limits),
                    order,
                    runtime.prices,
                )
                attempt.succeeded(weighed.usage, weighed.cost)
                return weighed

            served = await Dispatch(order, plan, runtime, trace, self._clock).run(send)
            return _settled(order, plan, trace, served)


async def _vectors(target: Target, order: Order, limits: AttemptLimits) -> EmbeddingReply:
    """One call. Raises LLMTimeoutError after `limits.answer` seconds."""
    provider = target.provider
    async with time_limit(limits.answer, f"{provider.name} gave no answer in {limits.answer:.1f} s"):
        return await provider.embed(
            call_for(target, order), model=target.model, limits=CallLimits(connect_timeout_seconds=limits.connect)
        )


def _weigh(target: Target, reply: EmbeddingReply, order: Order, prices: Prices) -> _Weighed:
    """With the vendor's usage, else an estimate that is marked as one."""
    usage = reply.usage or estimated_input(order.call)
    cost = target.tariff(prices).cost_of(usage, at=order.received_at, vendor_usd=reply.cost_usd)
    return _Weighed(reply, usage, cost)


def _settled(order: Order, plan: Plan, trace: Trace, served: Served[_Weighed]) -> EmbeddingResponse:
    """The caller's answer, its circuit and its records settled."""
    served.permit.succeed()
    weighed, target = served.value, served.target
    response = EmbeddingResponse(
        request_id=order.call.request_id,
        correlation_id=order.call.correlation_id,
        embeddings=[list(vector) for vector in weighed.reply.vectors],
        provider=target.provider.name,
        model=weighed.reply.model or target.model,
        usage=weighed.usage,
        cost=weighed.cost,
        fallback_used=served.fallback_used,
        attempts=trace.attempts,
        latency=latency_of(trace),
        warnings=[*plan.warnings, *trace.warnings, *weighed.reply.warnings, *_warnings(plan, target, weighed.cost)],
        created_at=order.received_at,
    )
    trace.end(target=target, usage=weighed.usage, cost=weighed.cost, fallback_used=served.fallback_used)
    return response


def _warnings(plan: Plan, target: Target, cost: Cost | None) -> list[str]:
    warnings = []
    first = plan.targets[0].model
    if target.model != first:
        warnings.append(f"these vectors are of {target.model}: they cannot be compared with those of {first}")
    if cost is None:
        warnings.append(f"cost is unknown: no price is known for {target.name}")
    return warnings
