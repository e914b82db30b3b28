"""Do the sums add up, start anew, and stay silent about what is switched off?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.engine.statistics import RECENT_ATTEMPTS, Statistics
from app.ports import AttemptRecord, RequestRecord
from contracts import (
    IN_PROCESS_CALLER,
    AttemptOutcome,
    Cost,
    LLMProviderConfig,
    LLMServiceStatistics,
    Operation,
    ProviderStatistics,
    ProviderType,
    Usage,
)
from tests.kit.virtual_time import EPOCH, HandClock

USAGE = Usage(input_tokens=10, output_tokens=5, total_tokens=15)
ON = LLMProviderConfig()


def attempt(outcome: AttemptOutcome = AttemptOutcome.SUCCESS, **fields: Any) -> AttemptRecord:
    """An attempt on openai that took half a second."""
    given = {
        "provider": "openai",
        "provider_type": ProviderType.OPENAI,
        "model": "m",
        "duration_seconds": 0.5,
        "started_at": EPOCH,
        **fields,
    }
    return AttemptRecord(request_id="r", correlation_id="c", outcome=outcome, **given)


def cost(usd: str) -> Cost:
    """By the price library."""
    return Cost(usd=Decimal(usd), source="prices")


def request(**fields: Any) -> RequestRecord:
    """A request that took a second."""
    given = {"duration_seconds": 1.0, "calls": (), "provider": "openai", "model": "m", **fields}
    return RequestRecord(
        request_id="r",
        correlation_id="c",
        operation=Operation.CHAT,
        caller=IN_PROCESS_CALLER,
        requested_model=None,
        is_stream=False,
        started_at=EPOCH,
        **given,
    )


@pytest.fixture
def hand() -> HandClock:
    """The clock of `statistics`."""
    return HandClock()


@pytest.fixture
def statistics(hand: HandClock) -> Statistics:
    """Two answers, a failure and a request whose caller left, in half a minute."""
    made = Statistics(hand.clock)
    for seconds in (0.1, 0.3):
        made.attempt_ended(
            attempt(duration_seconds=seconds, ttft_seconds=0.05, usage=USAGE, cost=cost("0.000000000001"))
        )
        made.request_ended(request(duration_seconds=seconds, usage=USAGE, cost_usd=Decimal("0.000000000001")))
    made.attempt_ended(attempt(AttemptOutcome.FAILED, error_type="timeout"))
    made.request_ended(request(error_type="timeout", provider=None, model=None))
    made.attempt_ended(attempt(AttemptOutcome.CANCELLED))
    made.request_ended(request(is_cancelled=True))
    hand.advance(30)
    return made


def test_statistics_add_up(statistics: Statistics) -> None:
    """Cancelled requests are counted, and are neither success nor failure."""
    report = statistics.report(ON)
    assert (report.total_requests_processed, report.total_successful_requests, report.total_failed_requests) == (
        4,
        2,
        1,
    )
    assert report.success_rate == 66.67
    assert (report.total_tokens_used, report.total_input_tokens, report.total_output_tokens) == (30, 20, 10)
    assert report.total_cost_usd == Decimal("0.000000000002")
    assert report.average_response_time_ms == pytest.approx(200)
    assert (report.requests_per_minute, report.uptime_seconds, report.since) == (8.0, 30.0, EPOCH)


def test_statistics_of_a_provider_add_up(statistics: Statistics) -> None:
    """Attempts by their outcome, errors by their type, times by percentile."""
    report = statistics.report(ON).providers["openai"]
    assert (report.requests, report.success_rate, report.error_rate) == (4, 66.67, 33.33)
    assert report.errors == {"timeout": 1}
    assert report.p50_ms == pytest.approx(100, rel=0.05)
    assert report.p99_ms == pytest.approx(300, rel=0.05)
    assert report.ttft_p95_ms == pytest.approx(50, rel=0.05)
    assert (report.tokens, report.cost_usd) == (30, Decimal("0.000000000002"))
    assert report.tokens_per_second == pytest.approx(10 / 0.4)


def test_statistics_start_anew(statistics: Statistics, hand: HandClock) -> None:
    """A reset forgets everything but how long the service runs."""
    statistics.reset()
    hand.advance(30)
    report = statistics.report(ON)
    assert report == LLMServiceStatistics(total_cost_usd=Decimal(0), uptime_seconds=60.0, since=EPOCH)
    statistics.request_ended(request())
    assert statistics.report(ON).requests_per_minute == 2.0


def test_uptime_begins_when_the_service_starts(statistics: Statistics, hand: HandClock) -> None:
    """A restart begins it anew, and keeps the sums."""
    statistics.service_started()
    hand.advance(5)
    assert statistics.uptime_seconds() == 5
    assert statistics.report(ON).total_requests_processed == 4


def test_usage_analytics_off_hide_tokens_and_cost(statistics: Statistics) -> None:
    """Counts of requests and times are still there."""
    report = statistics.report(LLMProviderConfig(enable_usage_analytics=False))
    assert (report.total_tokens_used, report.total_input_tokens, report.total_output_tokens) == (0, 0, 0)
    assert report.total_cost_usd == 0
    row = report.providers["openai"]
    assert (row.tokens, row.cost_usd) == (0, None)
    assert (report.total_requests_processed, row.requests) == (4, 4)
    assert report.average_response_time_ms is not None


def test_performance_monitoring_off_hides_times(statistics: Statistics) -> None:
    """No latency figure anywhere, everything else as before."""
    report = statistics.report(LLMProviderConfig(enable_performance_monitoring=False))
    row = report.providers["openai"]
    assert report.average_response_time_ms is None
    assert {row.p50_ms, row.p95_ms, row.p99_ms, row.ttft_p50_ms, row.ttft_p95_ms, row.tokens_per_second} == {None}
    assert (row.tokens, row.success_rate, report.total_tokens_used) == (30, 66.67, 30)


def test_statistics_before_the_first_request_are_empty(hand: HandClock) -> None:
    """No division by nothing, no provider that was only looked at."""
    statistics = Statistics(hand.clock)
    statistics.tally("openai")
    report = statistics.report(ON)
    assert (report.success_rate, report.requests_per_minute, report.providers) == (0.0, 0.0, {})
    statistics.attempt_ended(attempt(AttemptOutcome.CANCELLED))
    assert statistics.report(ON).providers == {"openai": ProviderStatistics(requests=1, cost_usd=Decimal(0))}


def test_recent_attempts_are_bounded(statistics: Statistics) -> None:
    """Health looks at the last twenty; a cancelled one says nothing of the provider."""
    for _ in range(100):
        statistics.attempt_ended(attempt())
    statistics.attempt_ended(attempt(AttemptOutcome.CANCELLED))
    assert statistics.tally("openai").recent == [True] * RECENT_ATTEMPTS


def test_failed_attempt_keeps_the_cost_of_what_it_used(hand: HandClock) -> None:
    """A cut stream was paid for."""
    statistics = Statistics(hand.clock)
    statistics.attempt_ended(attempt(AttemptOutcome.FAILED, usage=USAGE, cost=cost("0.5")))
    row = statistics.report(ON).providers["openai"]
    assert (row.tokens, row.cost_usd, row.errors) == (15, Decimal("0.5"), {"unknown": 1})


def test_statistics_count_what_failed_attempts_used(statistics: Statistics) -> None:
    """An answer of the wrong shape is paid for, also when the request fails or another vendor answers it."""
    before = statistics.report(LLMProviderConfig())
    statistics.attempt_ended(attempt(AttemptOutcome.FAILED, usage=USAGE, cost=cost("0.5")))
    statistics.attempt_ended(attempt(usage=USAGE, cost=cost("0.25")))
    statistics.request_ended(request(usage=USAGE, cost_usd=Decimal("0.25")))
    after = statistics.report(LLMProviderConfig())
    assert after.total_cost_usd - before.total_cost_usd == Decimal("0.75")
    assert after.total_tokens_used - before.total_tokens_used == 2 * USAGE.total_tokens
    assert after.total_tokens_used == sum(row.tokens for row in after.providers.values())
