"""What was done since the last reset, over all processes? Histograms and sums that all of them add to.

Nothing is deleted by a reset but what was counted before the one before it: writers that still add to the sums of
yesterday's reset would otherwise wait for each other in a circle.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, Table, delete, insert, select, text, update

from app.ports.latency_scale import percentile
from app.stores.books.counting import STATISTICS_SINCE, statistics_since
from app.stores.books.periods import EPOCH
from app.stores.books.reports import dollars, recorded_span
from app.stores.books.rollup import microseconds
from app.stores.books.tables import FACTS, STATISTICS, STATISTICS_ERRORS, STATISTICS_LATENCIES
from contracts.reports import LLMServiceStatistics, ProviderStatistics

_TABLES = (STATISTICS, STATISTICS_LATENCIES, STATISTICS_ERRORS)
_SUMS = tuple(column.name for column in STATISTICS.c if not column.primary_key)
_Sums = dict[str, int]


def statistics(connection: Connection, now: datetime) -> LLMServiceStatistics:
    """The sums; `uptime_seconds` is 0, since each process has one of its own."""
    since_us = statistics_since(connection)
    of_providers = _sums_by_provider(connection, since_us)
    total: _Sums = {name: sum(sums[name] for sums in of_providers.values()) for name in _SUMS}
    ended = total["successes"] + total["failures"]
    since = _since(connection, since_us, now)
    minutes = max((now - since).total_seconds(), 1.0) / 60
    return LLMServiceStatistics(
        total_requests_processed=total["requests"],
        total_successful_requests=total["successes"],
        total_failed_requests=total["failures"],
        total_cached_responses=total["cached"],
        success_rate=round(100 * total["successes"] / ended, 2) if ended else 0.0,
        total_tokens_used=total["total_tokens"],
        total_input_tokens=total["input_tokens"],
        total_output_tokens=total["output_tokens"],
        total_cost_usd=dollars(total, "cost") + dollars(total, "estimated_cost"),
        average_response_time_ms=_mean_ms(total["duration_us"], total["successes"]),
        requests_per_minute=round(total["requests"] / minutes, 3),
        uptime_seconds=0.0,
        since=since,
        providers=_providers(connection, since_us, of_providers),
    )


def reset(connection: Connection, now: datetime) -> datetime:
    """From `now` on, all is counted anew; the moment that was written down. Later ones stay later."""
    if connection.dialect.name != "sqlite":
        # In line with those who write, who hold the fact shared: so two who reset do not wait for each other, and none
        # waits for ever behind writers who share it on and on, as with a lock of the row.
        connection.execute(text("LOCK TABLE facts IN EXCLUSIVE MODE"))
    before = statistics_since(connection)
    since_us = max(microseconds(now), before + 1)
    row = {"name": STATISTICS_SINCE, "value": str(since_us)}
    changed = connection.execute(update(FACTS).where(FACTS.c.name == STATISTICS_SINCE).values(row))
    if changed.rowcount == 0:
        connection.execute(insert(FACTS).values(row))
    for table in _TABLES:
        connection.execute(delete(table).where(table.c.since_us < before))
    return EPOCH + timedelta(microseconds=since_us)


def _since(connection: Connection, since_us: int, now: datetime) -> datetime:
    """The last reset; before the first one, the beginning of the books."""
    if since_us:
        return EPOCH + timedelta(microseconds=since_us)
    recorded = recorded_span(connection)
    return now if recorded.is_empty else EPOCH + timedelta(minutes=recorded.start)


def _sums_by_provider(connection: Connection, since_us: int) -> dict[str, _Sums]:
    """Added up here, where numbers have no end: there is one row a day."""
    found: dict[str, _Sums] = defaultdict(lambda: dict.fromkeys(_SUMS, 0))
    for row in _rows(connection, STATISTICS, since_us):
        sums = found[row["provider"]]
        for name in _SUMS:
            sums[name] += row[name]
    return found


def _providers(connection: Connection, since_us: int, sums: Mapping[str, _Sums]) -> dict[str, ProviderStatistics]:
    latencies: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for row in _rows(connection, STATISTICS_LATENCIES, since_us):
        latencies[row["provider"], row["kind"]][row["bucket"]] = row["count"]
    errors: dict[str, dict[str, int]] = defaultdict(dict)
    for row in _rows(connection, STATISTICS_ERRORS, since_us):
        errors[row["provider"]][row["error_type"]] = row["count"]
    return {
        name: _provider(sums[name], latencies[name, "call"], latencies[name, "ttft"], errors[name])
        for name in sorted(sums)
        if sums[name]["calls"]
    }


def _rows(connection: Connection, table: Table, since_us: int) -> Sequence[RowMapping]:
    return connection.execute(select(table).where(table.c.since_us == since_us)).mappings().all()


def _provider(
    sums: _Sums, latency: Mapping[int, int], ttft: Mapping[int, int], errors: Mapping[str, int]
) -> ProviderStatistics:
    # Only calls that succeeded are in the histogram; one that was cancelled is neither a success nor a failure.
    successes, failures = sum(latency.values()), sums["failed_calls"]
    success_rate = round(100 * successes / (successes + failures), 2) if successes + failures else None
    seconds = sums["call_duration_us"] / 1_000_000
    return ProviderStatistics(
        requests=sums["calls"],
        success_rate=success_rate,
        error_rate=None if success_rate is None else round(100 - success_rate, 2),
        p50_ms=percentile(latency, 0.5),
        p95_ms=percentile(latency, 0.95),
        p99_ms=percentile(latency, 0.99),
        ttft_p50_ms=percentile(ttft, 0.5),
        ttft_p95_ms=percentile(ttft, 0.95),
        tokens_per_second=round(sums["output_tokens"] / seconds, 2) if seconds else None,
        tokens=sums["total_tokens"],
        cost_usd=dollars(sums, "cost") + dollars(sums, "estimated_cost"),
        errors=dict(errors),
    )


def _mean_ms(microseconds_in_all: int, count: int) -> float | None:
    return round(microseconds_in_all / count / 1000, 3) if count else None
