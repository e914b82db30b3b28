"""Which rows are made of what happened?

A row is a tuple in the order of its table's columns. Those of requests and calls, of which there are many, are made
column by column, which takes a third less time. Their texts have yet to be made to fit: PostgreSQL refuses a NUL, half
of a surrogate pair and a text that is too long, and one caller's odd header must not keep everybody's rows out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from app.ports.books import OutboxEvent
from app.ports.records import AttemptRecord, RequestRecord
from app.stores.books.rollup import microseconds, picodollars
from app.stores.books.row_keys import call_key
from app.stores.books.tables import TOKENS
from contracts.audit import AuditEntry
from contracts.chat import Usage, UsageSource

Row = tuple[Any, ...]
Columns = list[Sequence[Any]]
"""What stands in each column of a table, in its order, of as many rows as there are."""
Keyed = tuple[bytes, RequestRecord]
"""A request with the key of its row."""

# `_value_` of an enum's member is `value` without the function in Python that gets it: four times for each request.
_NOTHING = Usage()
_NO_TAGS = "[]"
_MICROSECONDS = 1_000_000
_tokens: Callable[[Usage], tuple[int, ...]] = attrgetter(*TOKENS)
_UNSAYABLE = '"it cannot be written as JSON"'


def request_columns(requests: Sequence[Keyed]) -> Columns:
    """Of `REQUESTS`. Tokens and cost are those of all its calls: what was billed, not what the caller was told."""
    records = [record for _, record in requests]
    callers = [one.caller for one in records]
    return [
        [key for key, _ in requests],
        [microseconds(one.started_at) for one in records],
        [one.request_id for one in records],
        [one.correlation_id for one in records],
        [one.trace_id for one in records],
        [caller.tenant or "" for caller in callers],
        [caller.key_id for caller in callers],
        [one.user_id for one in records],
        [json.dumps(one.tags) if one.tags else _NO_TAGS for one in records],
        [one.operation._value_ for one in records],
        [one.provider or "" for one in records],
        [one.model or "" for one in records],
        [one.requested_model for one in records],
        [one.outcome for one in records],
        [one.cache._value_ for one in records],
        [one.is_stream for one in records],
        [one.fallback_used for one in records],
        [one.signal_type for one in records],
        [len(one.calls) for one in records],
        *zip(*[_billed(one.calls) for one in records], strict=True),
        [round(one.duration_seconds * _MICROSECONDS) for one in records],
        [round(one.queue_seconds * _MICROSECONDS) for one in records],
        [round(one.upstream_seconds * _MICROSECONDS) for one in records],
        [_length(one.ttft_seconds) for one in records],
    ]


def call_columns(requests: Iterable[Keyed]) -> Columns:
    """Of `CALLS`, those of each request in their order."""
    made = [(key, number, call) for key, record in requests for number, call in enumerate(record.calls)]
    calls = [call for _, _, call in made]
    costs = [call.cost for call in calls]
    return [
        [call_key(key, number) for key, number, _ in made],
        [key for key, _, _ in made],
        [number for _, number, _ in made],
        [microseconds(call.started_at) for call in calls],
        [call.provider for call in calls],
        [call.provider_type._value_ for call in calls],
        [call.model for call in calls],
        [call.outcome._value_ for call in calls],
        [call.status for call in calls],
        [call.error_type for call in calls],
        [call.fault.value if call.fault is not None else None for call in calls],
        [call.is_retry for call in calls],
        *zip(*[_tokens(call.usage or _NOTHING) for call in calls], strict=True),
        [_is_estimated(call.usage) for call in calls],
        [picodollars(cost.usd) if cost is not None else None for cost in costs],
        [cost.source if cost is not None else None for cost in costs],
        [cost.price_version if cost is not None else None for cost in costs],
        [round(call.duration_seconds * _MICROSECONDS) for call in calls],
        [_length(call.ttft_seconds) for call in calls],
    ]


def audit_row(entry: AuditEntry) -> Row:
    """Of `AUDIT`."""
    return (
        audit_key(entry),
        microseconds(entry.at),
        entry.actor,
        entry.address,
        entry.action,
        entry.target,
        entry.outcome,
        _json_or_none(entry.before),
        _json_or_none(entry.after),
        entry.request_id,
        entry.correlation_id,
    )


def audit_key(entry: AuditEntry) -> bytes:
    """The primary key of its row."""
    return UUID(entry.id).bytes


def outbox_row(event: OutboxEvent) -> Row:
    """Of `OUTBOX`, without the position, which the database draws."""
    return (event.event_id, event.topic, event.key, event.payload)


def _billed(calls: Sequence[AttemptRecord]) -> tuple[int, ...]:
    """Tokens, whether some of them are estimated, and costs."""
    if len(calls) == 1:
        # Nearly every request's: half of the time.
        (only,) = calls
        usage, cost = only.usage, only.cost
        if usage is not None and cost is not None:
            pico = picodollars(cost.usd)
            if usage.source is UsageSource.ESTIMATED:
                return (*_tokens(usage), True, 0, pico, 0)
            return (*_tokens(usage), False, pico, 0, 0)
    usages = [call.usage for call in calls if call.usage is not None]
    estimated = UsageSource.ESTIMATED in [usage.source for usage in usages]
    return (*_tokens_of(usages), estimated, *_costs(calls))


def _costs(calls: Iterable[AttemptRecord]) -> tuple[int, int, int]:
    """Picodollars of counted tokens, picodollars of estimated ones, and how many calls have no known price."""
    counted = estimated = unpriced = 0
    for call in calls:
        if call.cost is None:
            unpriced += call.usage is not None
        elif _is_estimated(call.usage):
            estimated += picodollars(call.cost.usd)
        else:
            counted += picodollars(call.cost.usd)
    return counted, estimated, unpriced


def _tokens_of(usages: list[Usage]) -> tuple[int, ...]:
    if len(usages) == 1:
        return _tokens(usages[0])
    return tuple(map(sum, zip(*map(_tokens, usages), strict=True))) if usages else _tokens(_NOTHING)


def _is_estimated(usage: Usage | None) -> bool:
    return usage is not None and usage.source is UsageSource.ESTIMATED


def _length(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * _MICROSECONDS)


def fit(text: str, limit: int) -> str:
    """`text` as every database takes it: at most `limit` characters, without NUL and halves of surrogate pairs."""
    if len(text) <= limit and text.isprintable():
        return text
    return text[:limit].replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _json_or_none(value: Any) -> str | None:
    if value is None:
        return None
    try:
        return json.dumps(value, allow_nan=False, default=str)
    except (ValueError, RecursionError):
        return _UNSAYABLE
