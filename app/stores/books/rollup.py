"""What does a request add to the sums? Pure: records in, increments by table and key out.

A request is counted under who answered it, its calls under who was called, all at the minute at which the request
began. So one provider's requests and its calls need not be of the same requests; their sums over all providers are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from operator import attrgetter

from sqlalchemy import Table

from app.ports.latency_scale import bucket_of
from app.ports.records import AttemptRecord, RequestRecord
from app.stores.books.tables import (
    STATISTICS,
    STATISTICS_ERRORS,
    STATISTICS_LATENCIES,
    TAG_HOURS,
    TOKENS,
    USAGE_HOURS,
    USAGE_MINUTES,
)
from contracts.cache import CacheResult
from contracts.chat import Usage, UsageSource
from contracts.requests import OTHER_TAG
from contracts.responses import AttemptOutcome

Sums = dict[str, int]
Key = tuple[int | str, ...]
"""The values of a table's primary key, in the order of its columns."""
Increments = dict[Table, dict[Key, Sums]]
"""By table and key, what is added to each column. Tables and keys are sorted: of two who write in this order, neither
waits for what the other will wait for."""

Line = tuple[int, str, str, str, str, tuple[str, ...], bool]
"""What is counted by: the minute, the tenant, the key, who served with which model, the tags, and whether the
statistics have it."""
Counted = tuple[list[RequestRecord], list[AttemptRecord]]
"""What stands on a line: requests that it answered, and calls that were made to it."""

_NO_TAGS = ("",)
_MICROSECONDS = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_tokens_of: Callable[[Usage], tuple[int, ...]] = attrgetter(*TOKENS)
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


def lines_of(requests: Iterable[RequestRecord], since_us: int) -> dict[Line, Counted]:
    """What `requests` are counted by. Most of a group differ in nothing, so they are added up once, for all tables.

    `since_us`: when the statistics were last reset (0: never); what ended before is not in them.
    """
    lines: dict[Line, Counted] = defaultdict(lambda: ([], []))
    for request in requests:
        began_us, caller = microseconds(request.started_at), request.caller
        # Without a reset all are, whenever they ended.
        is_in = not since_us or began_us + round(request.duration_seconds * _MICROSECONDS) >= since_us
        minute, tenant, key_id = began_us // 60_000_000, caller.tenant or "", caller.key_id
        provider, model, tags = request.provider or "", request.model or "", _tags_of(request)
        answered, calls = lines[minute, tenant, key_id, provider, model, tags, is_in]
        answered.append(request)
        for call in request.calls:
            if call.model == model and call.provider == provider:
                calls.append(call)
            else:
                lines[minute, tenant, key_id, call.provider, call.model, tags, is_in][1].append(call)
    return lines


def increments(
    lines: Mapping[Line, Counted],
    *,
    since_us: int,
    tags: Mapping[int, Collection[str]] | None = None,
    models: Mapping[int, Collection[str]] | None = None,
) -> Increments:
    """What the requests of `lines` add to every roll-up.

    `tags`: by hour, the tags that have a row of their own; None: all. `models`: by day, the same of names of models.
    `Counting` reads both from the database, as the moment of the last reset.
    """
    found: dict[Table, dict[Key, Sums]] = defaultdict(dict)
    for line, (answered, calls) in lines.items():
        sums = _request_sums(answered) | _call_sums(calls)
        for table, key in _places_of(line, since_us, tags, models):
            _add(found[table], key, sums)
        *_, provider, _, _, is_in_statistics = line
        if is_in_statistics:
            for table, of, count in _moments_of(calls):
                _add(found[table], (since_us, provider, *of), {"count": count})
    tables = sorted(found, key=lambda table: table.name)
    return {table: {key: _columns(table) | found[table][key] for key in sorted(found[table])} for table in tables}


def microseconds(moment: datetime) -> int:
    """Since 1970 in UTC; `moment` has a zone."""
    return (moment - _EPOCH) // _MICROSECOND


# Asked for the same amount by the call's row, by its request's and by the sums.
@lru_cache(1024)
def picodollars(usd: Decimal) -> int:
    """Whole picodollars (1e-12 US dollars); what is finer is rounded to the even one."""
    return int(round(usd, _PICODOLLARS).scaleb(_PICODOLLARS))


def _tags_of(request: RequestRecord) -> tuple[str, ...]:
    """The tags that a request is counted under, each once; the empty one when it has none."""
    return tuple(dict.fromkeys(request.tags)) if request.tags else _NO_TAGS


def has_answered(counted: Counted) -> bool:
    """Whether the model of a line did: one that has is a model."""
    requests, calls = counted
    return any(one.error_type is None and not one.is_cancelled for one in requests) or any(
        one.outcome is AttemptOutcome.SUCCESS for one in calls
    )


def hour_of(line: Line) -> int:
    """Hours since 1970 in UTC when its requests began."""
    minute, *_ = line
    return minute // 60


def day_of(hour: int) -> int:
    """Days since 1970 in UTC in that hour since then."""
    return hour // 24


@cache
def _columns(table: Table) -> Sums:
    return {column.name: 0 for column in table.columns if not column.primary_key}


def _places_of(
    line: Line,
    since_us: int,
    tags: Mapping[int, Collection[str]] | None,
    models: Mapping[int, Collection[str]] | None,
) -> Iterator[tuple[Table, Key]]:
    """The rows that what stands on a line is added to."""
    minute, tenant, key_id, provider, model, counted, is_in_statistics = line
    hour = hour_of(line)
    day = day_of(hour)
    if models is not None and model and model not in models.get(day, ()):
        model = OTHER_MODEL
    yield USAGE_MINUTES, (minute, tenant, key_id, provider, model)
    yield USAGE_HOURS, (hour, tenant, key_id, provider, model)
    for tag in _known(counted, None if tags is None else tags.get(hour, ())):
        yield TAG_HOURS, (hour, tag, tenant, provider, model)
    if is_in_statistics:
        yield STATISTICS, (since_us, day, provider)


def _known(tags: tuple[str, ...], known: Collection[str] | None) -> Iterable[str]:
    if known is None:
        return tags
    return dict.fromkeys(tag if not tag or tag in known else OTHER_TAG for tag in tags)


def _request_sums(requests: Sequence[RequestRecord]) -> Sums:
    failures = sum([request.error_type is not None for request in requests])
    successes = [request for request in requests if request.error_type is None and not request.is_cancelled]
    results = [request.cache for request in requests]
    return {
        "requests": len(requests),
        "successes": len(successes),
        "failures": failures,
        "cancelled": len(requests) - failures - len(successes),
        "fallbacks": sum([request.fallback_used for request in requests]),
        "duration_us": sum([round(request.duration_seconds * _MICROSECONDS) for request in successes]),
        **{column: results.count(result) for result, column in _CACHE_COLUMNS.items()},
    }


def _call_sums(calls: Sequence[AttemptRecord]) -> Sums:
    """A usage without a price is counted."""
    using = [call for call in calls if call.usage is not None]
    tokens = zip(*[_tokens_of(call.usage) for call in using if call.usage is not None], strict=True)
    return {
        "calls": len(calls),
        "failed_calls": [call.outcome for call in calls].count(AttemptOutcome.FAILED),
        "unpriced_calls": sum([call.cost is None for call in using]),
        "call_duration_us": sum([round(call.duration_seconds * _MICROSECONDS) for call in using]),
        **dict(zip(TOKENS, map(sum, tokens), strict=False)),
        **_money(calls),
    }


def _money(calls: Iterable[AttemptRecord]) -> Sums:
    """The cost of an estimated usage is summed apart."""
    counted: list[int] = []
    estimated: list[int] = []
    for call in calls:
        if call.cost is not None:
            is_estimated = call.usage is not None and call.usage.source is UsageSource.ESTIMATED
            (estimated if is_estimated else counted).append(picodollars(call.cost.usd))
    sums: Sums = {}
    for name, amounts in (("cost", counted), ("estimated_cost", estimated)):
        if amounts:
            sums[f"{name}_micro"] = sum([amount // PICO_PER_MICRO for amount in amounts])
            sums[f"{name}_pico"] = sum([amount % PICO_PER_MICRO for amount in amounts])
    return sums


def _moments_of(calls: Sequence[AttemptRecord]) -> Iterator[tuple[Table, Key, int]]:
    """What the statistics count beside the sums, and how often: how long calls took, and why they failed."""
    took = [call.duration_seconds for call in calls if call.outcome is AttemptOutcome.SUCCESS]
    began = [call.ttft_seconds for call in calls if call.ttft_seconds is not None]
    for kind, lengths in (("call", took), ("ttft", began)):
        for bucket, count in Counter([bucket_of(seconds * 1000) for seconds in lengths]).items():
            yield STATISTICS_LATENCIES, (kind, bucket), count
    failed = [call.error_type or "unknown" for call in calls if call.outcome is AttemptOutcome.FAILED]
    for error_type, count in Counter(failed).items():
        yield STATISTICS_ERRORS, (error_type,), count


def _add(held: dict[Key, Sums], key: Key, sums: Sums) -> None:
    """Adds `sums` to what is held under `key`."""
    before = held.get(key)
    if before is None:
        held[key] = sums.copy()
        return
    for column, amount in sums.items():
        if amount:
            before[column] = before.get(column, 0) + amount
