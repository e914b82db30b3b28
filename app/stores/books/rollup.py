"""What does a request add to the sums? Pure: records in, increments by table and key out.

A request is counted under who answered it, its calls under who was called, all at the minute at which the request
began. So one provider's requests and its calls need not be of the same requests; their sums over all providers are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Table

from app.ports.latency_scale import bucket_of
from app.ports.records import AttemptRecord, RequestRecord
from app.stores.books.tables import (
    STATISTICS,
    STATISTICS_ERRORS,
    STATISTICS_LATENCIES,
    TAG_HOURS,
    USAGE_HOURS,
    USAGE_MINUTES,
)
from contracts.cache import CacheResult
from contracts.chat import UsageSource
from contracts.requests import OTHER_TAG
from contracts.responses import AttemptOutcome

Sums = dict[str, int]
Key = tuple[int | str, ...]
"""The values of a table's primary key, in the order of its columns."""
Increments = dict[Table, dict[Key, Sums]]
"""By table and key, what is added to each column. Tables and keys are sorted: of two who write in this order, neither
waits for what the other will wait for."""

_Line = tuple[int, str, str, str, str, tuple[str, ...], bool]
"""What sums are counted by: the minute, the tenant, the key, who served with which model, the tags, and whether the
statistics have it."""

_NO_TAGS = ("",)
_ONE = {"count": 1}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PICODOLLARS = 12
OTHER_MODEL = "other"
"""Under which names of models are summed that have no sums of their own (see `Counting`)."""
PICO_PER_MICRO = 10**6
"""Picodollars in a microdollar: sums of money are kept as both (see `tables`)."""
_CACHE_COLUMNS = {
    CacheResult.HIT: "cached",
    CacheResult.MISS: "cache_misses",
    CacheResult.COALESCED: "coalesced",
}


def increments(
    requests: Iterable[RequestRecord],
    *,
    since_us: int,
    tags: Mapping[int, Collection[str]] | None = None,
    models: Mapping[int, Collection[str]] | None = None,
) -> Increments:
    """What `requests` add to every roll-up.

    `since_us`: when the statistics were last reset (0: never); what ended before is not in them. `tags`: by hour, the
    tags that have a row of their own; None: all. `models`: by day, the same of names of models. `Counting` reads all
    three from the database.
    """
    # Most requests of a group differ in nothing that is counted by, so they are added up once, and not for each table.
    lines: dict[_Line, Sums] = {}
    found: dict[Table, dict[Key, Sums]] = {}
    for request in requests:
        for line, sums in _lines_of(request, since_us, tags, models):
            _add(lines, line, sums)
        if _is_in_statistics(request, since_us):
            for call in request.calls:
                for table, key in _moments_of(call, since_us):
                    _add(found.setdefault(table, {}), key, _ONE)
    for line, sums in lines.items():
        for table, key in _places_of(line, since_us):
            _add(found.setdefault(table, {}), key, sums)
    tables = sorted(found, key=lambda table: table.name)
    return {table: {key: _columns(table) | found[table][key] for key in sorted(found[table])} for table in tables}


def microseconds(moment: datetime) -> int:
    """Since 1970 in UTC; `moment` has a zone."""
    return (moment - _EPOCH) // _MICROSECOND


def picodollars(usd: Decimal) -> int:
    """Whole picodollars (1e-12 US dollars); what is finer is rounded to the even one."""
    return int(round(usd, _PICODOLLARS).scaleb(_PICODOLLARS))


def call_sums(call: AttemptRecord) -> Sums:
    """What one call adds. The cost of an estimated usage is summed apart; a usage without a price is counted."""
    sums = {"calls": 1, "failed_calls": int(call.outcome is AttemptOutcome.FAILED)}
    usage = call.usage
    is_estimated = usage is not None and usage.source is UsageSource.ESTIMATED
    if call.cost is not None:
        name = "estimated_cost" if is_estimated else "cost"
        sums[f"{name}_micro"], sums[f"{name}_pico"] = divmod(picodollars(call.cost.usd), PICO_PER_MICRO)
    if usage is None:
        return sums
    return sums | {
        "unpriced_calls": int(call.cost is None),
        "call_duration_us": _microseconds_in(call.duration_seconds),
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
        "cached_input_tokens": usage.cached_input_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
    }


def tags_of(request: RequestRecord) -> tuple[str, ...]:
    """The tags that a request is counted under, each once; the empty one when it has none."""
    return tuple(dict.fromkeys(request.tags)) if request.tags else _NO_TAGS


def models_of(request: RequestRecord) -> Iterator[tuple[str, bool]]:
    """The names of models that a request and its calls are counted under, and whether it answered."""
    if request.model:
        yield request.model, request.error_type is None and not request.is_cancelled
    for call in request.calls:
        yield call.model, call.outcome is AttemptOutcome.SUCCESS


def hour_of(request: RequestRecord) -> int:
    """Hours since 1970 in UTC when it began."""
    return microseconds(request.started_at) // 3_600_000_000


def day_of(hour: int) -> int:
    """Days since 1970 in UTC in that hour since then."""
    return hour // 24


@cache
def _columns(table: Table) -> Sums:
    return {column.name: 0 for column in table.columns if not column.primary_key}


def _lines_of(
    request: RequestRecord,
    since_us: int,
    tags: Mapping[int, Collection[str]] | None,
    models: Mapping[int, Collection[str]] | None,
) -> Iterator[tuple[_Line, Sums]]:
    began_us, caller = microseconds(request.started_at), request.caller
    minute = began_us // 60_000_000
    hour = minute // 60
    known = None if tags is None else tags.get(hour, ())
    counted = tags_of(request)
    if known is not None and counted != _NO_TAGS:
        counted = tuple(dict.fromkeys(tag if not tag or tag in known else OTHER_TAG for tag in counted))
    is_in_statistics = _is_in_statistics(request, since_us)
    own = None if models is None else models.get(day_of(hour), ())
    for provider, named, sums in _sums_of(request):
        model = named if own is None or not named or named in own else OTHER_MODEL
        yield (minute, caller.tenant or "", caller.key_id, provider, model, counted, is_in_statistics), sums


def _places_of(line: _Line, since_us: int) -> Iterator[tuple[Table, Key]]:
    """The rows that what stands on a line is added to."""
    minute, tenant, key_id, provider, model, tags, is_in_statistics = line
    hour = minute // 60
    yield USAGE_MINUTES, (minute, tenant, key_id, provider, model)
    yield USAGE_HOURS, (hour, tenant, key_id, provider, model)
    for tag in tags:
        yield TAG_HOURS, (hour, tag, tenant, provider, model)
    if is_in_statistics:
        yield STATISTICS, (since_us, day_of(hour), provider)


def _sums_of(request: RequestRecord) -> Iterator[tuple[str, str, Sums]]:
    yield request.provider or "", request.model or "", _request_sums(request)
    for call in request.calls:
        yield call.provider, call.model, call_sums(call)


def _request_sums(request: RequestRecord) -> Sums:
    is_failure = request.error_type is not None
    is_success = not is_failure and not request.is_cancelled
    sums = {
        "requests": 1,
        "successes": int(is_success),
        "failures": int(is_failure),
        "cancelled": int(request.is_cancelled and not is_failure),
        "fallbacks": int(request.fallback_used),
        "duration_us": _microseconds_in(request.duration_seconds) if is_success else 0,
    }
    column = _CACHE_COLUMNS.get(request.cache)
    if column is not None:
        sums[column] = 1
    return sums


def _moments_of(call: AttemptRecord, since_us: int) -> Iterator[tuple[Table, Key]]:
    """The rows of the statistics that it is counted in beside the sums: how long it took, and why it failed."""
    if call.outcome is AttemptOutcome.SUCCESS:
        yield STATISTICS_LATENCIES, (since_us, call.provider, "call", bucket_of(call.duration_seconds * 1000))
    if call.outcome is AttemptOutcome.FAILED:
        yield STATISTICS_ERRORS, (since_us, call.provider, call.error_type or "unknown")
    if call.ttft_seconds is not None:
        yield STATISTICS_LATENCIES, (since_us, call.provider, "ttft", bucket_of(call.ttft_seconds * 1000))


def _is_in_statistics(request: RequestRecord, since_us: int) -> bool:
    # Without a reset all are, whenever they ended.
    return not since_us or microseconds(request.started_at) + _microseconds_in(request.duration_seconds) >= since_us


def _add(held: dict[Any, Sums], key: _Line | Key, sums: Sums) -> None:
    """Adds `sums` to what is held under `key`."""
    before = held.get(key)
    if before is None:
        held[key] = sums.copy()
        return
    for column, amount in sums.items():
        if amount:
            before[column] = before.get(column, 0) + amount


def _microseconds_in(seconds: float) -> int:
    return round(seconds * 1_000_000)
