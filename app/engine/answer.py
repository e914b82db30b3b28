"""How a vendor's whole reply becomes the caller's answer: usage, cost, latency, warnings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from app.engine.billing import doubts, unknown_cost
from app.engine.estimation import credible_usage
from app.engine.intake import Order
from app.engine.selection import Plan, Target
from app.engine.structured import read_signals
from app.engine.target import nothing
from app.engine.trace import Trace
from app.pricing import Prices
from contracts.cache import CacheResult
from contracts.calls import Reply
from contracts.chat import Usage, UsageSource
from contracts.quick_making import maker_of, quickly_made
from contracts.responses import Cost, Latency, LLMResponse
from contracts.vouched import vouched


@quickly_made
@dataclass(frozen=True, slots=True)
class Whole:
    """A whole reply with what it used and cost."""

    reply: Reply = field(repr=False)
    usage: Usage
    cost: Cost | None

    def with_earlier(self, usage: Usage, cost: Cost | None) -> Whole:
        """This reply, billed together with what was used for it before: a mended answer, a stream that broke off."""
        both = self.cost.model_copy(update={"usd": self.cost.usd + cost.usd}) if self.cost and cost else None
        return Whole(self.reply, added(usage, self.usage), both)


new_whole = maker_of(Whole)


def weigh(target: Target, reply: Reply, order: Order, prices: Prices) -> Whole:
    """The reply with the vendor's usage, else an estimate that is marked as one, and its cost."""
    usage = reply.usage
    # As nearly always it is credible at a look: its last word, and something was sent and said.
    if usage is None or usage.source is not UsageSource.REPORTED or not (usage.input_tokens and usage.output_tokens):
        usage = credible_usage(order.call.conversation, reply.message, usage)
    provider = target.provider
    tariff = prices.tariff(provider.name, provider.type, target.model)
    cost = tariff.cost_of(usage, at=order.received_at, vendor_usd=reply.cost_usd)
    # The vendor's own count that was taken, and no figure of its own for the cost: nothing to doubt.
    if usage is not reply.usage or reply.cost_usd is not None:
        found = doubts(target, reply.usage, usage, reply.cost_usd, cost)
        reply = replace(reply, warnings=(*reply.warnings, *found)) if found else reply
    return new_whole(reply, usage, cost)


def answer(order: Order, plan: Plan, trace: Trace, *, target: Target, whole: Whole, fallback_used: bool) -> LLMResponse:
    """The caller's answer to `order`."""
    reply = whole.reply
    warnings = [*plan.warnings, *trace.warnings, *reply.warnings]
    signals = None
    if order.signal_type is not None:
        signals, warning = read_signals(order.signal_type, reply.message.text, reply.finish_reason)
        warnings += [warning] if warning else []
    if whole.cost is None:
        warnings.append(unknown_cost(target, trace.prices, order.received_at))
    if plan.answered is not nothing:
        plan.answered(target, reply)
    # What was kept says nothing new of who holds the conversation: nobody was asked.
    affinity = None if trace.cache is CacheResult.HIT else plan.affinity
    if affinity is not None and (plan.has_choice or len(plan.targets) > 1):
        affinity.remember(order.call, reply.message, target.provider.name, target.model)
    return vouched(
        LLMResponse,
        {
            "request_id": order.call.request_id,
            "correlation_id": order.call.correlation_id,
            "content": reply.message.text,
            "message": reply.message,
            "finish_reason": reply.finish_reason,
            "signals": signals,
            "provider": target.provider.name,
            "model": reply.model or target.model,
            "usage": whole.usage,
            "cost": whole.cost,
            "cached": trace.cache is CacheResult.HIT,
            "cache": trace.cache,
            "fallback_used": fallback_used,
            "legs": [],
            "attempts": [*trace.attempts],
            "latency": latency_of(trace),
            "warnings": warnings,
            "created_at": order.received_at,
        },
    )


def latency_of(trace: Trace) -> Latency:
    """Where the time of a request went."""
    total, upstream, queue = trace.clock.monotonic() - trace.began, trace.upstream_seconds, trace.queue_seconds
    own = total - upstream - queue
    # To a whole number a float is rounded in a tenth of the time that `round(..., 3)` takes.
    return vouched(
        Latency,
        {
            "total_ms": round(total * 1_000_000) / 1000,
            "upstream_ms": round(upstream * 1_000_000) / 1000,
            "overhead_ms": round(own * 1_000_000) / 1000 if own > 0 else 0.0,
            "queue_ms": round(queue * 1_000_000) / 1000,
        },
    )


def added(first: Usage, second: Usage) -> Usage:
    """Both together; estimated, when one of them is."""
    counts = {slot: getattr(first, slot) + getattr(second, slot) for slot in Usage.__slots__ if slot != "source"}
    is_estimated = UsageSource.ESTIMATED in (first.source, second.source)
    return Usage(**counts, source=UsageSource.ESTIMATED if is_estimated else UsageSource.REPORTED)
