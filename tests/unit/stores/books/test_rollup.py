"""Is everything that a request did added to the right sums, once?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.ports.latency_scale import bucket_of
from app.ports.records import RequestRecord
from app.stores.books import rollup
from app.stores.books.rollup import OTHER_MODEL, Increments, Key, Sums, lines_of, microseconds, picodollars
from app.stores.books.tables import (
    STATISTICS,
    STATISTICS_ERRORS,
    STATISTICS_LATENCIES,
    TAG_HOURS,
    USAGE_HOURS,
    USAGE_MINUTES,
)
from contracts.cache import CacheResult
from contracts.requests import OTHER_TAG
from contracts.responses import AttemptOutcome
from tests.kit.records import NOON, call_record, cost_of, request_record, usage_of

MINUTE = microseconds(NOON) // 60_000_000
HOUR = MINUTE // 60


def increments(
    requests: Sequence[RequestRecord],
    *,
    since_us: int,
    tags: Mapping[int, Collection[str]] | None = None,
    models: Mapping[int, Collection[str]] | None = None,
) -> Increments:
    """What `requests` add to the sums."""
    return rollup.increments(lines_of(requests, since_us), since_us=since_us, tags=tags, models=models)


def minutes(*requests: RequestRecord) -> dict[Key, Sums]:
    """The rows of `usage_minutes`, without what is 0."""
    rows = increments(requests, since_us=0)[USAGE_MINUTES]
    return {key: {name: amount for name, amount in sums.items() if amount} for key, sums in rows.items()}


def test_request_counts_under_who_answered_and_calls_under_who_was_called() -> None:
    """A fallback: the failed call is the first provider's, with its tokens and its cost."""
    failed = call_record("openai", error_type="timeout", usage=usage_of(1), cost=cost_of("0.001"))
    good = call_record("gemini", usage=usage_of(10), cost=cost_of("0.02"), duration_seconds=0.25)
    rows = minutes(request_record(failed, good, fallback_used=True, duration_seconds=1.5))
    assert rows == {
        (MINUTE, "", "k", "gemini", "gemini-1"): {
            "requests": 1,
            "successes": 1,
            "fallbacks": 1,
            "duration_us": 1_500_000,
            "calls": 1,
            "call_duration_us": 250_000,
            "cost_micro": 20_000,
            "input_tokens": 30,
            "output_tokens": 20,
            "total_tokens": 50,
            "cached_input_tokens": 10,
            "cache_write_tokens": 11,
            "reasoning_tokens": 12,
        },
        (MINUTE, "", "k", "openai", "openai-1"): {
            "calls": 1,
            "failed_calls": 1,
            "call_duration_us": 500_000,
            "cost_micro": 1000,
            "input_tokens": 3,
            "output_tokens": 2,
            "total_tokens": 5,
            "cached_input_tokens": 1,
            "cache_write_tokens": 2,
            "reasoning_tokens": 3,
        },
    }


@pytest.mark.parametrize(
    "record,counted",
    [
        (request_record(error_type="invalid_request"), {"requests": 1, "failures": 1}),
        (request_record(is_cancelled=True), {"requests": 1, "cancelled": 1}),
        (request_record(is_cancelled=True, error_type="timeout"), {"requests": 1, "failures": 1}),
        (
            request_record(cache=CacheResult.HIT, duration_seconds=0.002),
            {"requests": 1, "successes": 1, "cached": 1, "duration_us": 2000},
        ),
        (
            request_record(cache=CacheResult.MISS, duration_seconds=0.0),
            {"requests": 1, "successes": 1, "cache_misses": 1},
        ),
        (
            request_record(cache=CacheResult.COALESCED, duration_seconds=0.0),
            {"requests": 1, "successes": 1, "coalesced": 1},
        ),
    ],
)
def test_request_without_calls_is_counted_under_nobody(record: RequestRecord, counted: Sums) -> None:
    """Refused, left, from the cache: each in its own column, and only successes have a time."""
    assert minutes(record) == {(MINUTE, "", "k", "", ""): counted}


def test_call_costs_are_kept_apart_by_what_is_known() -> None:
    """Counted, estimated, and without a price: three columns; a call without a usage is only a call."""
    calls = (
        call_record(usage=usage_of(0, is_estimated=True), cost=cost_of("0.5"), error_type="x"),
        call_record(usage=usage_of(0), error_type="x"),
        call_record(outcome=AttemptOutcome.CANCELLED),
        call_record(usage=usage_of(0), cost=cost_of("0.25")),
    )
    (sums,) = minutes(request_record(*calls)).values()
    money = {name: sums.get(name) for name in ("cost_micro", "estimated_cost_micro", "unpriced_calls")}
    assert money == {"cost_micro": 250_000, "estimated_cost_micro": 500_000, "unpriced_calls": 1}
    assert (sums["calls"], sums["failed_calls"]) == (4, 2)


@pytest.mark.parametrize(
    "usd,pico",
    [
        ("0", 0),
        ("0.000000000001", 1),
        ("0.0000000000025", 2),
        ("0.0000000000035", 4),
        ("123456.123456789012", 123_456_123_456_789_012),
    ],
)
def test_picodollars_are_exact(usd: str, pico: int) -> None:
    """What is finer than one is rounded half to even, as the answer's own cost is."""
    assert picodollars(Decimal(usd)) == pico


def test_times_are_those_of_the_request_in_utc() -> None:
    """Wherever a clock stands, and however late a call of it began."""
    early = datetime(2026, 11, 21, 13, 59, 59, 999_999, tzinfo=UTC).astimezone(None)
    late_call = call_record(started_at=early + timedelta(hours=3))
    found = increments([request_record(late_call, at=early)], since_us=0)
    minute = microseconds(NOON) // 60_000_000 + 119
    assert {key[0] for key in found[USAGE_MINUTES]} == {minute}
    assert {key[0] for key in found[USAGE_HOURS]} == {key[0] for key in found[TAG_HOURS]} == {minute // 60}


def test_hours_hold_what_minutes_do() -> None:
    """Two requests in one hour and two minutes are one row of hours."""
    requests = [request_record(call_record(usage=usage_of(n)), at=NOON + timedelta(minutes=n)) for n in (1, 2)]
    found = increments(requests, since_us=0)
    ((key, sums),) = found[USAGE_HOURS].items()
    assert key == (HOUR, "", "k", "openai", "openai-1")
    assert sums == {name: sum(row[name] for row in found[USAGE_MINUTES].values()) for name in sums}
    assert len(found[USAGE_MINUTES]) == 2


def test_tags_are_counted_each_once() -> None:
    """A request counts under each of its tags, and under none when it has none."""
    found = increments(
        [request_record(tags=("a", "b", "a")), request_record(), request_record(tags=("b",))], since_us=0
    )
    counted = {key[1]: sums["requests"] for key, sums in found[TAG_HOURS].items()}
    assert counted == {"": 1, "a": 1, "b": 2}


def test_tags_that_have_no_row_are_counted_as_others() -> None:
    """A request with several of them is one request there."""
    requests = [request_record(tags=("a", "b", "c")), request_record(tags=("b",)), request_record()]
    found = increments(requests, since_us=0, tags={HOUR: {"a"}})
    counted = {key[1]: sums["requests"] for key, sums in found[TAG_HOURS].items()}
    assert counted == {"": 1, "a": 1, OTHER_TAG: 2}


def test_models_that_have_no_row_are_counted_as_others() -> None:
    """Requests and calls; one that names no model is none of them, and nothing of the sums is lost."""
    requests = [request_record(call_record(model=name)) for name in ("a", "made up", "too")]
    found = increments([*requests, request_record()], since_us=0, models={HOUR // 24: {"a"}})
    counted: dict[int | str, int] = defaultdict(int)
    for key, sums in found[USAGE_MINUTES].items():
        counted[key[-1]] += sums["requests"] + sums["calls"]
    assert counted == {"": 1, "a": 2, OTHER_MODEL: 4}


def test_statistics_hold_what_ended_since_the_reset() -> None:
    """By the microsecond; the roll-ups hold all."""
    since = microseconds(NOON) + 1_000_000
    ended_at_it = request_record(call_record(ttft_seconds=0.1), duration_seconds=1.0, error_type="x")
    ended_before = request_record(call_record(error_type="timeout"), duration_seconds=0.999_999)
    found = increments([ended_before, ended_at_it], since_us=since)
    assert {key: sums["calls"] for key, sums in found[STATISTICS].items()} == {
        (since, HOUR // 24, "openai"): 1,
    }
    assert sum(sums["requests"] for sums in found[STATISTICS].values()) == 1
    assert STATISTICS_ERRORS not in found
    assert found[STATISTICS_LATENCIES] == {
        (since, "openai", "call", bucket_of(500)): {"count": 1},
        (since, "openai", "ttft", bucket_of(100)): {"count": 1},
    }
    assert sum(sums["requests"] for sums in found[USAGE_MINUTES].values()) == 2


def test_statistics_count_errors_of_failed_calls() -> None:
    """By provider and type; a call that was cancelled is neither an error nor a time."""
    calls = (
        call_record(error_type="timeout"),
        call_record(error_type="timeout"),
        call_record(outcome=AttemptOutcome.FAILED),
        call_record(outcome=AttemptOutcome.CANCELLED),
    )
    found = increments([request_record(*calls)], since_us=0)
    assert found[STATISTICS_ERRORS] == {
        (0, "openai", "timeout"): {"count": 2},
        (0, "openai", "unknown"): {"count": 1},
    }
    assert STATISTICS_LATENCIES not in found


def test_increments_are_sorted_and_whole() -> None:
    """Writers that meet take their rows in one order, and every row has every column."""
    requests = [request_record(call_record(name), tags=(name,)) for name in ("b", "c", "a")]
    found = increments(requests, since_us=0)
    assert [table.name for table in found] == sorted(table.name for table in found)
    for table, rows in found.items():
        assert list(rows) == sorted(rows)
        columns = [column.name for column in table.columns if not column.primary_key]
        assert all(list(sums) == columns for sums in rows.values())


def test_nothing_adds_nothing() -> None:
    """No request, no row."""
    assert increments([], since_us=0) == {}
