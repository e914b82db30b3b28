"""What one request did: its attempts as they end, told to the observers and kept for the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from app import pricing
from app.engine.intake import Order
from app.engine.selection import Target
from app.ports import AttemptRecord, Limiter, Observer, RequestRecord
from app.resilience.admission import Place
from app.resilience.clock import Clock
from contracts.cache import CacheResult
from contracts.chat import Usage
from contracts.errors import InternalError, LLMProviderError
from contracts.responses import Attempt, AttemptOutcome, Cost


@dataclass(slots=True)
class Trace:
    """The attempts of one request, why candidates were skipped, and where its time went."""

    order: Order
    clock: Clock
    observers: Sequence[Observer]
    limiter: Limiter
    attempts: list[Attempt] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    upstream_seconds: float = 0.0
    queue_seconds: float = 0.0
    began: float = field(init=False)
    has_ended: bool = False
    cache: CacheResult = CacheResult.BYPASS
    # Its caller left, but others share its call: it ends with that.
    has_left: bool = False
    _abandoned: tuple[Target | None, Usage | None] = (None, None)

    def __post_init__(self) -> None:
        self.began = self.clock.monotonic()

    def attempt(self, target: Target, *, is_retry: bool, place: Place | None = None) -> OpenAttempt:
        """An attempt on `target` begins; `place` at its row is free again when it ends."""
        return OpenAttempt(self, target, is_retry, place)

    def seconds(self) -> float:
        """Since the request came in."""
        return self.clock.monotonic() - self.began

    def abandon(self, target: Target, usage: Usage | None) -> None:
        """The caller has left while `target` was asked, which had used `usage` by then."""
        self._abandoned = (target, usage)

    @contextmanager
    def recorded(self, *, outlives_caller: bool = False) -> Iterator[None]:
        """Ends the request with whatever leaves the block as an exception: an error, a defect, a cancellation.

        `outlives_caller`: the block goes on for others when its caller has left, and the request ends with it.
        """
        try:
            yield
        except LLMProviderError as error:
            self.refuse(error)
            raise
        except Exception:
            self.refuse(InternalError())
            raise
        except BaseException:
            if self.has_left and not outlives_caller:
                raise
            target, usage = self._abandoned
            self.end(target=target, usage=usage, is_cancelled=True)
            raise

    def refuse(
        self,
        error: LLMProviderError,
        *,
        target: Target | None = None,
        usage: Usage | None = None,
        cost: Cost | None = None,
    ) -> None:
        """The request has ended with `error`, which now carries its ids."""
        call = self.order.call
        error.request_id, error.correlation_id = call.request_id, call.correlation_id
        self.end(target=target, error=error, usage=usage, cost=cost)

    def end(
        self,
        *,
        target: Target | None = None,
        error: LLMProviderError | None = None,
        usage: Usage | None = None,
        cost: Cost | None = None,
        fallback_used: bool = False,
        is_cancelled: bool = False,
    ) -> None:
        """The request has ended, one way or another; only the first end counts."""
        if self.has_ended:
            return
        self.has_ended = True
        call = self.order.call
        record = RequestRecord(
            request_id=call.request_id,
            correlation_id=call.correlation_id,
            operation=call.operation,
            caller=call.caller,
            provider=target.provider.name if target else None,
            model=target.model if target else None,
            requested_model=self.order.model,
            is_stream=self.order.is_stream,
            started_at=self.order.received_at,
            duration_seconds=self.seconds(),
            attempts=len(self.attempts),
            fallback_used=fallback_used,
            error_type=error.error_type if error else None,
            is_cancelled=is_cancelled or self.has_left,
            usage=usage,
            cost_usd=_cost_usd(target, usage, cost),
            cache=self.cache,
            signal_type=self.order.signal_type.value if self.order.signal_type else None,
            tags=self.order.tags,
        )
        self.limiter.settle(record)
        for observer in self.observers:
            observer.request_ended(record)


class OpenAttempt:
    """One upstream call under way; it ends once, and with it its place at the row."""

    def __init__(self, trace: Trace, target: Target, is_retry: bool, place: Place | None = None) -> None:
        self.target = target
        self._trace = trace
        self._is_retry = is_retry
        self._place = place
        self._began = trace.clock.monotonic()
        self._started_at = trace.clock.now()
        self._ttft: float | None = None
        self._has_ended = False

    def first_content(self) -> None:
        """The first content event of a stream is here."""
        self._ttft = self._trace.clock.monotonic() - self._began

    def succeeded(self, usage: Usage, cost: Cost | None) -> None:
        """The reply is whole."""
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
        seconds = trace.clock.monotonic() - self._began
        trace.upstream_seconds += seconds
        error_type = error.error_type if error else None
        trace.attempts.append(
            Attempt(
                provider=target.provider.name,
                model=target.model,
                outcome=outcome,
                status=status,
                error_type=error_type,
                duration_ms=round(seconds * 1000, 3),
                ttft_ms=None if self._ttft is None else round(self._ttft * 1000, 3),
            )
        )
        record = AttemptRecord(
            request_id=trace.order.call.request_id,
            correlation_id=trace.order.call.correlation_id,
            provider=target.provider.name,
            provider_type=target.provider.type,
            model=target.model,
            outcome=outcome,
            started_at=self._started_at,
            duration_seconds=seconds,
            ttft_seconds=self._ttft,
            status=status,
            error_type=error_type,
            fault=error.fault if error else None,
            usage=usage,
            cost_usd=_cost_usd(target, usage, cost),
            is_retry=self._is_retry,
        )
        for observer in trace.observers:
            observer.attempt_ended(record)


def _cost_usd(target: Target | None, usage: Usage | None, cost: Cost | None) -> Decimal | None:
    """The cost as it was settled, else what `usage` costs: a cut answer is billed too."""
    if cost is None and target is not None and usage is not None:
        cost = pricing.cost_of(target.provider.type, target.model, usage)
    return cost.usd if cost else None
