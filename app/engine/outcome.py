"""Who gave what was asked for, was it bought for this request, and what does its record get?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Generic, Self, TypeVar

from app.engine.answer import Whole
from app.engine.dispatch import Served
from app.engine.target import Target
from app.engine.trace import Trace
from app.engine.weighed import Weighed
from contracts.cache import CacheResult
from contracts.responses import Cost

W = TypeVar("W", bound=Whole | Weighed)
_NOT_BOUGHT = (CacheResult.HIT, CacheResult.COALESCED)


@dataclass(slots=True)
class Outcome(Generic[W]):
    """What a target gave, and its way to one request."""

    target: Target
    whole: W
    fallback_used: bool
    cache: CacheResult

    @classmethod
    def by(cls, served: Served[W], cache: CacheResult) -> Self:
        """What a target gave, its circuit settled; `cache` if it was not kept from before."""
        served.permit.succeed()
        cache = CacheResult.HIT if served.is_kept else cache
        return cls(served.target, served.value, served.fallback_used, cache)

    def for_another(self) -> Self:
        """The same for a request that shares it: who began the call was billed."""
        if self.cache is CacheResult.HIT:
            return self
        whole = replace(self.whole, cost=Cost(usd=Decimal(0), source="shared"))
        return replace(self, whole=whole, cache=CacheResult.COALESCED)

    def recorded(self, trace: Trace) -> None:
        """Ends the request: what was not bought for it, it did not use."""
        trace.cache = self.cache
        usage = None if self.cache in _NOT_BOUGHT else self.whole.usage
        trace.end(target=self.target, usage=usage, cost=self.whole.cost, fallback_used=self.fallback_used)

    def met(self, trace: Trace) -> None:
        """What the trace says of it, before the caller's answer is made."""
        trace.cache = self.cache
        if self.cache is CacheResult.COALESCED:
            # The call that it waited for was another's, but no less a vendor's time.
            trace.upstream_seconds = trace.seconds()
        note = self.target.note if self.fallback_used else None
        if note is not None and note not in trace.warnings:
            trace.warnings.append(note)
