"""Who made the vectors, and what does their caller get?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.engine.answer import latency_of
from app.engine.billing import unknown_cost
from app.engine.intake import Order
from app.engine.kept_vectors import unpacked
from app.engine.outcome import Outcome
from app.engine.selection import Plan
from app.engine.trace import Trace
from app.engine.weighed import Weighed
from contracts.embeddings import EmbeddingAccount
from contracts.surfaces import EmbeddingCompletion


@dataclass(slots=True)
class MadeVectors(Outcome[Weighed]):
    """Vectors and their way to one request."""

    async def completion(self, order: Order, plan: Plan, trace: Trace) -> EmbeddingCompletion:
        """The caller's answer; the request ends with it."""
        reply = await unpacked(self.whole)
        self.met(trace)
        account = EmbeddingAccount(
            request_id=order.call.request_id,
            correlation_id=order.call.correlation_id,
            provider=self.target.provider.name,
            model=reply.model or self.target.model,
            usage=self.whole.usage,
            cost=self.whole.cost,
            cache=self.cache,
            fallback_used=self.fallback_used,
            attempts=trace.attempts,
            latency=latency_of(trace),
            warnings=[*plan.warnings, *trace.warnings, *reply.warnings, *self._warnings(order, plan, trace)],
            created_at=order.received_at,
        )
        self.recorded(trace)
        return EmbeddingCompletion(account=account, reply=replace(reply, usage=self.whole.usage))

    def _warnings(self, order: Order, plan: Plan, trace: Trace) -> list[str]:
        warnings = []
        target, first = self.target, plan.targets[0].model
        if target.model != first:
            warnings.append(f"these vectors are of {target.model}: they cannot be compared with those of {first}")
        if self.whole.cost is None:
            warnings.append(unknown_cost(target, trace.prices, order.received_at))
        return warnings
