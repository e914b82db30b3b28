"""What does a request add to the sums? Pure: records in, increments by table and key out.

A request is counted under who answered it, its calls under who was called, all at the minute at which the request
began. So one provider's requests and its calls need not be of the same requests; their sums over all providers are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
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

_Line = tuple[int, str, str, str, str, tuple[str, ...], bool]
"""What is counted by: the minute, the tenant, the key, who served with which model, the tags, and whether the
statistics have it."""
_Counted = tuple[list[RequestRecord], list[AttemptRecord]]
"""What stands on a line: requests that it answered, and calls that were made to it."""

_NO_TAGS = ("",)
_ONE = {"count": 1}
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
    found: dict[Table, dict[Key, Sums]] = defaultdict(dict)
    # Most requests of a group differ in nothing that is counted by, so they are added up once, and not for each table.
    for line, (answered, calls) in _lines_of(requests, since_us).items():
        sums = _request_sums(answered) | _call_sums(calls)
        for table, key in _places_of(line, since_us, tags, models):
            _add(found[table], key, sums)
        *_, is_in_statistics = line
        for table, key in _moments_of(calls, since_us) if is_in_statistics else ():
            _add(found[table], key, _ONE)
    tables = sorted(found, key=lambda table: table.name)
    return {table: {key: _columns(table) | found[table][key] for key in sorted(found[table])} for table in tables}


def microseconds(moment: datetime) -> int:
    """Since 1970 in UTC; `moment` has a zone."""
    return (moment - _EPOCH) // _MICROSECOND


def picodollars(usd: Decimal) -> int:
    """Whole picodollars (1e-12 US dollars); what is finer is rounded to the even one."""
    return int(round(usd, _PICODOLLARS).scaleb(_PICODOLLARS))


def _tags_of(request: RequestRecord) -> tuple[str, ...]:
    """The tags that a request is counted under, each once; the empty one when it has none."""
    return tuple(dict.fromkeys(request.tags)) if request.tags else _NO_TAGS


def models_of(requests: Collection[RequestRecord]) -> tuple[set[str], set[str]]:
    """The names of models that they and their calls are counted under: those that answered, and the others."""
    served = [(one.model, one.error_type is None and not one.is_cancelled) for one in requests if one.model]
    called = [(one.model, one.outcome is AttemptOutcome.SUCCESS) for request in requests for one in request.calls]
    met = {*served, *called}
    return {model for model, has_answered in met if has_answered}, {model for model, has in met if not has}


def hour_of(request: RequestRecord) -> int:
    """Hours since 1970 in UTC when it began."""
    return microseconds(request.started_at) // 3_600_000_000


def day_of(hour: int) -> int:
    """Days since 1970 in UTC in that hour since then."""
    return hour // 24


@cache
def _columns(table: Table) -> Sums:
    return {column.name: 0 for column in table.columns if not column.primary_key}


def _lines_of(requests: Iterable[RequestRecord], since_us: int) -> dict[_Line, _Counted]:
    lines: dict[_Line, _Counted] = defaultdict(lambda: ([], []))
    for request in requests:
        began_us, tags = microseconds(request.started_at), _tags_of(request)
        minute, tenant, key_id = began_us // 60_000_000, request.caller.tenant or "", request.caller.key_id
        # Without a reset all are, whenever they ended.
        is_in = not since_us or began_us + _microseconds_in(request.duration_seconds) >= since_us
        answered, _ = lines[minute, tenant, key_id, request.provider or "", request.model or "", tags, is_in]
        answered.append(request)
        for call in request.calls:
            _, calls = lines[minute, tenant, key_id, call.provider, call.model, tags, is_in]
            calls.append(call)
    return lines


def _places_of(
    line: _Line,
    since_us: int,
    tags: Mapping[int, Collection[str]] | None,
    models: Mapping[int, Collection[str]] | None,
) -> Iterator[tuple[Table, Key]]:
    """The rows that what stands on a line is added to."""
    minute, tenant, key_id, provider, model, counted, is_in_statistics = line
    hour = minute // 60
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
        "duration_us": sum([_microseconds_in(request.duration_seconds) for request in successes]),
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
        "call_duration_us": sum([_microseconds_in(call.duration_seconds) for call in using]),
        **dict(zip(TOKENS, map(sum, tokens), strict=False)),
        **_money(calls),
    }


def _money(calls: Iterable[AttemptRecord]) -> Sums:
    """The cost of an estimated usage is summed apart."""
    sums: Sums = defaultdict(int)
    for call in calls:
        if call.cost is not None:
            is_estimated = call.usage is not None and call.usage.source is UsageSource.ESTIMATED
            name = "estimated_cost" if is_estimated else "cost"
            micro, pico = divmod(picodollars(call.cost.usd), PICO_PER_MICRO)
            sums[f"{name}_micro"] += micro
            sums[f"{name}_pico"] += pico
    return sums


def _moments_of(calls: Iterable[AttemptRecord], since_us: int) -> Iterator[tuple[Table, Key]]:
    """The rows of the statistics that they are counted in beside the sums: how long they took, and why they failed."""
    for call in calls:
        if call.outcome is AttemptOutcome.SUCCESS:
            yield STATISTICS_LATENCIES, (since_us, call.provider, "call", bucket_of(call.duration_seconds * 1000))
        elif call.outcome is AttemptOutcome.FAILED:
            yield STATISTICS_ERRORS, (since_us, call.provider, call.error_type or "unknown")
        if call.ttft_seconds is not None:
            yield STATISTICS_LATENCIES, (since_us, call.provider, "ttft", bucket_of(call.ttft_seconds * 1000))


def _add(held: dict[Key, Sums], key: Key, sums: Sums) -> None:
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
