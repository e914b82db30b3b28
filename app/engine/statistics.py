"""What this process did since the last reset: an observer that adds up requests and attempts in memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from app.engine.histogram import Histogram
from app.ports import AttemptRecord, RequestRecord
from app.resilience.clock import Clock
from contracts.cache import CacheResult
from contracts.config import LLMProviderConfig
from contracts.fault import Fault
from contracts.reports import LLMServiceStatistics, ProviderStatistics
from contracts.responses import AttemptOutcome


@dataclass(slots=True)
class ProviderTally:
    """Attempts on one provider. Cancelled ones count as neither success nor failure."""

    attempts: int = 0
    successes: int = 0
    failures: int = 0
    tokens: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    output_seconds: float = 0.0
    cost_usd: Decimal = Decimal(0)
    errors: Counter[str] = field(default_factory=Counter)
    latency: Histogram = field(default_factory=Histogram)
    ttft: Histogram = field(default_factory=Histogram)
    last_success: datetime | None = None
    last_failure: datetime | None = None
    last_error: str | None = None
    last_seconds: float | None = None
    recent: list[bool] = field(default_factory=list)

    @property
    def last_latency_ms(self) -> float | None:
        """How long the last success took."""
        return None if self.last_seconds is None else round(self.last_seconds * 1000, 3)

    def success_rate(self) -> float | None:
        """Percent of ended attempts; None before the first."""
        ended = self.successes + self.failures
        return round(100 * self.successes / ended, 2) if ended else None


RECENT_ATTEMPTS = 20
_AT_A_TIME = 64


class Statistics:
    """Requests and attempts since `since`.

    What has ended is added up some dozens at a time, or when somebody looks: one after the other, sums take a third of
    what they take amid the other work of each request.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = clock.monotonic()
        self.reset()

    def reset(self) -> None:
        """Starts anew."""
        self.since = self._clock.now()
        self._began = self._clock.monotonic()
        self._providers: dict[str, ProviderTally] = {}
        # In the order in which they ended, and when.
        self._ended: list[tuple[AttemptRecord | RequestRecord, datetime]] = []
        self._requests = self._successes = self._failures = self._cached = 0
        self._latency = Histogram()

    @property
    def requests(self) -> int:
        """How many have ended."""
        self._add_up()
        return self._requests

    def tally(self, provider: str) -> ProviderTally:
        """What is known of one provider."""
        self._add_up()
        return self._tally(provider)

    def _tally(self, provider: str) -> ProviderTally:
        found = self._providers.get(provider)
        if found is None:
            found = self._providers[provider] = ProviderTally()
        return found

    def service_started(self) -> None:
        """The uptime begins anew."""
        self._started = self._clock.monotonic()

    def uptime_seconds(self) -> float:
        """Since the service was started."""
        return self._clock.monotonic() - self._started

    def attempt_ended(self, record: AttemptRecord | RequestRecord) -> None:
        """Observer: one upstream call has ended, or one request.

        What a request used is known of its attempts: one that failed is billed too.
        """
        self._ended.append((record, self._clock.now()))
        if len(self._ended) >= _AT_A_TIME:
            self._add_up()

    request_ended = attempt_ended

    def _add_up(self) -> None:
        ended, self._ended = self._ended, []
        answered: list[float] = []
        for record, at in ended:
            if isinstance(record, AttemptRecord):
                self._add_attempt(record, at)
                continue
            self._requests += 1
            self._cached += record.cache is CacheResult.HIT
            if record.error_type is None and not record.is_cancelled:
                self._successes += 1
                answered.append(record.duration_seconds * 1000)
            elif record.error_type is not None:
                self._failures += 1
        self._latency.add(*answered)

    def _add_attempt(self, record: AttemptRecord, at: datetime) -> None:
        tally = self._providers.get(record.provider) or self._tally(record.provider)
        tally.attempts += 1
        outcome, usage, recent = record.outcome, record.usage, tally.recent
        if outcome is AttemptOutcome.SUCCESS:
            tally.successes += 1
            tally.last_success = at
            tally.last_seconds = record.duration_seconds
            tally.latency.add(record.duration_seconds * 1000)
        elif outcome is AttemptOutcome.FAILED:
            tally.failures += 1
            tally.last_failure = at
            tally.last_error = record.error_type
            tally.errors[record.error_type or "unknown"] += 1
        # A caller who asks for the impossible says nothing of the vendor.
        if outcome is not AttemptOutcome.CANCELLED and record.fault is not Fault.CALLER:
            recent.append(outcome is AttemptOutcome.SUCCESS)
            if len(recent) > RECENT_ATTEMPTS:
                del recent[0]
        if record.ttft_seconds is not None:
            tally.ttft.add(record.ttft_seconds * 1000)
        if usage is not None:
            tally.tokens += usage.total_tokens
            tally.input_tokens += usage.input_tokens
            tally.output_tokens += usage.output_tokens
            tally.output_seconds += record.duration_seconds
        if record.cost is not None:
            tally.cost_usd += record.cost.usd

    def report(self, config: LLMProviderConfig) -> LLMServiceStatistics:
        """The sums, without tokens and cost or without latencies where the configuration turns them off."""
        self._add_up()
        ended = self._successes + self._failures
        has_usage, has_latency = config.enable_usage_analytics, config.enable_performance_monitoring
        tallies = self._providers.values()
        minutes = max(self._clock.monotonic() - self._began, 1.0) / 60
        return LLMServiceStatistics(
            total_requests_processed=self._requests,
            total_successful_requests=self._successes,
            total_failed_requests=self._failures,
            total_cached_responses=self._cached,
            success_rate=round(100 * self._successes / ended, 2) if ended else 0.0,
            total_tokens_used=sum(tally.tokens for tally in tallies) if has_usage else 0,
            total_input_tokens=sum(tally.input_tokens for tally in tallies) if has_usage else 0,
            total_output_tokens=sum(tally.output_tokens for tally in tallies) if has_usage else 0,
            total_cost_usd=sum((tally.cost_usd for tally in tallies if has_usage), Decimal(0)),
            average_response_time_ms=self._latency.mean() if has_latency else None,
            requests_per_minute=round(self._requests / minutes, 3),
            uptime_seconds=round(self.uptime_seconds(), 3),
            since=self.since,
            providers={
                name: _provider_report(tally, has_usage=has_usage, has_latency=has_latency)
                for name, tally in self._providers.items()
                if tally.attempts
            },
        )


def _provider_report(tally: ProviderTally, *, has_usage: bool, has_latency: bool) -> ProviderStatistics:
    success_rate = tally.success_rate()
    speed = tally.output_tokens / tally.output_seconds if tally.output_seconds else None
    return ProviderStatistics(
        requests=tally.attempts,
        success_rate=success_rate,
        error_rate=None if success_rate is None else round(100 - success_rate, 2),
        p50_ms=tally.latency.percentile(0.5) if has_latency else None,
        p95_ms=tally.latency.percentile(0.95) if has_latency else None,
        p99_ms=tally.latency.percentile(0.99) if has_latency else None,
        ttft_p50_ms=tally.ttft.percentile(0.5) if has_latency else None,
        ttft_p95_ms=tally.ttft.percentile(0.95) if has_latency else None,
        tokens_per_second=round(speed, 2) if speed is not None and has_latency else None,
        tokens=tally.tokens if has_usage else 0,
        cost_usd=tally.cost_usd if has_usage else None,
        errors=dict(tally.errors),
    )
