"""What is one upstream call while it is under way, and what is left of it when it ends?"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from app.engine.selection import Target
from app.ports.records import new_attempt_record
from app.ports.trail import new_span_id
from app.resilience.admission import Place
from app.resilience.breaker import Breaker
from contracts.chat import Usage, UsageSource
from contracts.errors import LLMProviderError
from contracts.redaction import without_keys
from contracts.responses import Attempt, AttemptOutcome, Cost
from contracts.vouched import vouched

if TYPE_CHECKING:
    from app.engine.trace import Trace


class OpenAttempt:
    """One upstream call under way; it ends once, and with it its place at the row."""

    __slots__ = (
        "_circuit",
        "_has_ended",
        "_is_retry",
        "_place",
        "_span_id",
        "_started_at",
        "_trace",
        "_ttft",
        "began",
        "target",
    )

    def __init__(
        self, trace: Trace, target: Target, is_retry: bool, place: Place | None = None, circuit: Breaker | None = None
    ) -> None:
        # Drawn for a vendor that is told; whoever writes spans draws what is missing.
        self._span_id: str | None = None
        # Only one that is closed now can be opened by this call.
        self._circuit = circuit if circuit is not None and circuit.outage is None else None
        self.target = target
        self._trace = trace
        self._is_retry = is_retry
        self._place = place
        self.began = trace.clock.monotonic()
        self._started_at = trace.clock.now()
        self._ttft: float | None = None
        self._has_ended = False

    @property
    def trace_parent(self) -> str | None:
        """The W3C header that makes what the vendor does a part of this call's span; None: nobody traces."""
        trail = self._trace.trail
        if trail is None:
            return None
        self._span_id = self._span_id or new_span_id()
        return f"00-{trail.trace_id}-{self._span_id}-{'01' if trail.is_sampled else '00'}"

    def first_content(self) -> None:
        """The first content event of a stream is here."""
        self._ttft = self._trace.clock.monotonic() - self.began
        if self._trace.ttft_seconds is None:
            self._trace.ttft_seconds = self._trace.seconds()

    def succeeded(self, usage: Usage, cost: Cost | None) -> None:
        """The reply is whole. `cost` is settled: None, because no price is known."""
        self._end(AttemptOutcome.SUCCESS, status=200, usage=usage, cost=cost)

    def failed(self, error: LLMProviderError, usage: Usage | None = None, cost: Cost | None = None) -> None:
        """The call failed; `usage` is what a cut stream, or an answer of the wrong shape, had used.

        A request that could not even be written in the vendor's dialect was no call, and leaves no attempt.
        """
        if not error.was_sent:
            self._has_ended = True
            if self._place is not None:
                self._place.forgo()
            return
        self._end(AttemptOutcome.FAILED, status=error.upstream_status, error=error, usage=usage, cost=cost)

    def cancelled(self, usage: Usage | None = None) -> None:
        """The caller left; `usage` is what was used by then."""
        if not self._has_ended:
            self._trace.abandon(self.target, usage)
        self._end(AttemptOutcome.CANCELLED, usage=usage)

    def _end(
        self,
        outcome: AttemptOutcome,
        *,
        status: int | None = None,
        error: LLMProviderError | None = None,
        usage: Usage | None = None,
        cost: Cost | None = None,
    ) -> None:
        if self._has_ended:
            return
        self._has_ended = True
        if self._place is not None:
            self._place.release(usage.total_tokens if usage is not None else None)
        trace, target = self._trace, self.target
        if outcome is not AttemptOutcome.SUCCESS:
            cost = cost_of_usage(trace, target, usage, cost)
        seconds = trace.clock.monotonic() - self.began
        trace.upstream_seconds += seconds
        error_type = error.error_type if error else None
        trace.attempts.append(
            vouched(
                Attempt,
                {
                    "provider": target.provider.name,
                    "model": target.model,
                    "outcome": outcome,
                    "status": status,
                    "error_type": error_type,
                    "duration_ms": round(seconds * 1_000_000) / 1000,
                    "ttft_ms": None if self._ttft is None else round(self._ttft * 1_000_000) / 1000,
                },
            )
        )
        record = new_attempt_record(
            request_id=trace.order.call.request_id,
            correlation_id=trace.order.call.correlation_id,
            provider=target.provider.name,
            provider_type=target.provider.type,
            model=trace.accounts.told_models[target.model],
            outcome=outcome,
            started_at=self._started_at,
            duration_seconds=seconds,
            ttft_seconds=self._ttft,
            status=status,
            error_type=error_type,
            fault=error.fault if error else None,
            usage=usage,
            cost=cost,
            listed_usd=self._listed(usage) if cost is not None and cost.source == "vendor" else None,
            is_retry=self._is_retry,
            error_message=without_keys(str(error)) if error else None,
            span_id=self._span_id,
        )
        if self._circuit is not None and outcome is AttemptOutcome.FAILED:
            trace.failed_at(self._circuit)
        trace.calls.append(record)
        for tell in trace.accounts.told_of_calls:
            tell(record)

    def _listed(self, usage: Usage | None) -> Decimal | None:
        """What to hold a vendor's own figure against; tokens that nobody counted say nothing of its arithmetic."""
        if usage is None or usage.source is UsageSource.ESTIMATED:
            return None
        return self.target.tariff(self._trace.prices).listed_usd(usage, at=self._trace.order.received_at)


def cost_of_usage(trace: Trace, target: Target | None, usage: Usage | None, cost: Cost | None) -> Cost | None:
    """The cost as it was settled, else what `usage` costs: a cut answer is billed too."""
    if cost is None and target is not None and usage is not None:
        return target.tariff(trace.prices).cost_of(usage, at=trace.order.received_at)
    return cost
