"""What must a report say? The same sums by the simplest arithmetic there is: one record after the other."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.ports.records import AttemptRecord, RequestRecord
from contracts.cache import CacheResult
from contracts.chat import UsageSource
from contracts.responses import AttemptOutcome, Cost
from contracts.usage_reports import UsageGrouping, UsageSums
from tests.kit.records import NOON, call_record, request_record, usage_of

Keys = list[str | None]
# Who is counted: a request, or a call of one.
Counted = tuple[RequestRecord, AttemptRecord | None]
_TOKENS = (
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
)


def random_requests(rng: random.Random, count: int, *, since: datetime, until: datetime) -> list[RequestRecord]:
    """Requests of every kind, on every vendor, at any time."""
    seconds = (until - since).total_seconds()
    return [_random_request(rng, since + timedelta(seconds=rng.uniform(0, seconds))) for _ in range(count)]


def groups_of(
    requests: Iterable[RequestRecord], group_by: UsageGrouping, zone: str = "UTC"
) -> dict[str | None, UsageSums]:
    """The sums of each group."""
    found: dict[str | None, list[Counted]] = {}
    for counted in _counted(requests):
        for key in _KEYS[group_by](counted, ZoneInfo(zone)):
            found.setdefault(key, []).append(counted)
    return {key: _sums(each) for key, each in found.items()}


def totals_of(requests: Iterable[RequestRecord]) -> UsageSums:
    """The sums of all."""
    return _sums(list(_counted(requests)))


def _counted(requests: Iterable[RequestRecord]) -> Iterator[Counted]:
    for request in requests:
        yield request, None
        yield from ((request, call) for call in request.calls)


def _sums(counted: Sequence[Counted]) -> UsageSums:
    requests = [request for request, call in counted if call is None]
    calls = [call for _, call in counted if call is not None]
    usages = [call.usage for call in calls if call.usage is not None]
    times = [round(one.duration_seconds * 1e6) for one in requests if one.outcome == "success"]
    return UsageSums(
        requests=len(requests),
        successes=len(times),
        failures=sum(one.error_type is not None for one in requests),
        cancelled=sum(one.outcome == "cancelled" for one in requests),
        cached=sum(one.cache is CacheResult.HIT for one in requests),
        cache_misses=sum(one.cache is CacheResult.MISS for one in requests),
        coalesced=sum(one.cache is CacheResult.COALESCED for one in requests),
        fallbacks=sum(one.fallback_used for one in requests),
        calls=len(calls),
        failed_calls=sum(call.outcome is AttemptOutcome.FAILED for call in calls),
        **{name: sum(getattr(usage, name) for usage in usages) for name in _TOKENS},
        cost_usd=_dollars(calls, is_estimated=False),
        estimated_cost_usd=_dollars(calls, is_estimated=True),
        unpriced_calls=sum(call.usage is not None and call.cost is None for call in calls),
        average_response_time_ms=round(sum(times) / len(times) / 1000, 3) if times else None,
    )


def _dollars(calls: Iterable[AttemptRecord], *, is_estimated: bool) -> Decimal:
    source = UsageSource.ESTIMATED if is_estimated else UsageSource.REPORTED
    costs = [call.cost.usd for call in calls if call.cost and call.usage and call.usage.source is source]
    return sum(costs, start=Decimal(0))


def _day(counted: Counted, zone: ZoneInfo) -> Keys:
    return [counted[0].started_at.astimezone(zone).date().isoformat()]


def _hour(counted: Counted, zone: ZoneInfo) -> Keys:
    return [counted[0].started_at.astimezone(zone).replace(minute=0, second=0, microsecond=0).isoformat()]


_KEYS: dict[UsageGrouping, Callable[[Counted, ZoneInfo], Keys]] = {
    UsageGrouping.DAY: _day,
    UsageGrouping.HOUR: _hour,
    UsageGrouping.PROVIDER: lambda counted, _: [(counted[1] or counted[0]).provider],
    UsageGrouping.MODEL: lambda counted, _: [(counted[1] or counted[0]).model],
    UsageGrouping.KEY: lambda counted, _: [counted[0].caller.key_id],
    UsageGrouping.TENANT: lambda counted, _: [counted[0].caller.tenant],
    UsageGrouping.TAG: lambda counted, _: [*dict.fromkeys(counted[0].tags)] or [None],
}


def _random_request(rng: random.Random, at: datetime) -> RequestRecord:
    calls = [_random_call(rng) for _ in range(rng.choice([0, 1, 1, 1, 2, 3]))]
    has_answer = bool(calls) and calls[-1].outcome is AttemptOutcome.SUCCESS
    ends = [{}] if has_answer else [{"error_type": "timeout"}, {"is_cancelled": True}]
    return request_record(
        *calls,
        at=at,
        key_id=rng.choice(["alice", "bob"]),
        tenant=rng.choice([None, "school", "office"]),
        tags=tuple(rng.choices(["essay", "job", "Ünïcode", "=1+1"], k=rng.choice([0, 1, 3]))),
        cache=rng.choice(list(CacheResult)),
        fallback_used=len(calls) > 1,
        duration_seconds=rng.uniform(0.0001, 90),
        **rng.choice(ends),
    )


def _random_call(rng: random.Random) -> AttemptRecord:
    is_estimated = rng.random() < 0.3
    usage = usage_of(rng.randrange(10**6), is_estimated=is_estimated) if rng.random() < 0.9 else None
    is_priced = usage is not None and rng.random() < 0.8
    usd = Decimal(rng.randrange(10**14)).scaleb(-12)
    return call_record(
        rng.choice(["openai", "gemini", "local"]),
        model=rng.choice(["large", "small"]),
        outcome=rng.choice(list(AttemptOutcome)),
        error_type=None,
        usage=usage,
        cost=Cost(usd=usd, source="prices") if is_priced else None,
        started_at=NOON,
        duration_seconds=rng.uniform(0.0001, 30),
    )
