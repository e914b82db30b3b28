"""What did vectors use, and what did they cost?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from app.engine.billing import doubts
from app.engine.estimation import estimated_input
from app.engine.intake import Order
from app.engine.selection import Target
from app.ports import CachedVectors
from app.pricing import Prices
from contracts.calls import EmbeddingReply
from contracts.chat import Usage
from contracts.responses import Cost


@dataclass(frozen=True, slots=True)
class Weighed:
    """A reply of vectors with what it used and cost. `kept`: it was, and its vectors are still packed there."""

    reply: EmbeddingReply = field(repr=False)
    usage: Usage
    cost: Cost | None
    kept: CachedVectors | None = None


def weighed(target: Target, reply: EmbeddingReply, order: Order, prices: Prices) -> Weighed:
    """With the vendor's usage, else an estimate that is marked as one."""
    told = reply.usage
    usage = told if told is not None and told.input_tokens else estimated_input(order.call)
    cost = target.tariff(prices).cost_of(usage, at=order.received_at, vendor_usd=reply.cost_usd)
    if found := doubts(target, told, usage, reply.cost_usd, cost):
        reply = replace(reply, warnings=(*reply.warnings, *found))
    return Weighed(reply, usage, cost)
