"""Which rows are made of what happened?

A row is a tuple in the order of its table's columns. Texts are made to fit: PostgreSQL refuses a NUL, half of a
surrogate pair and a text that is too long, and one caller's odd header must not keep everybody's rows out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from app.ports.books import OutboxEvent
from app.ports.records import AttemptRecord, RequestRecord
from app.stores.books.rollup import microseconds, picodollars
from app.stores.books.row_keys import call_key
from contracts.audit import AuditEntry
from contracts.chat import Usage, UsageSource

Row = tuple[Any, ...]

_NOTHING = Usage()
_NO_TAGS = "[]"
_UNSAYABLE = '"it cannot be written as JSON"'


def request_row(key: bytes, record: RequestRecord) -> Row:
    """Of `REQUESTS`. Tokens and cost are those of all its calls: what was billed, not what the caller was told."""
    caller, costs = record.caller, _costs(record.calls)
    return (
        key,
        microseconds(record.started_at),
        fit(record.request_id, 128),
        fit(record.correlation_id, 128),
        _fit_or_none(record.trace_id, 32),
        fit(caller.tenant or "", 256),
        fit(caller.key_id, 64),
        _fit_or_none(record.user_id, 256),
        json.dumps(record.tags) if record.tags else _NO_TAGS,
        record.operation.value,
        fit(record.provider or "", 64),
        fit(record.model or "", 256),
        _fit_or_none(record.requested_model, 256),
        fit(record.outcome, 64),
        record.cache.value,
        record.is_stream,
        record.fallback_used,
        _fit_or_none(record.signal_type, 32),
        len(record.calls),
        *_tokens_of(record.calls),
        any(_is_estimated(call.usage) for call in record.calls),
        *costs,
        _length(record.duration_seconds),
        _length(record.queue_seconds),
        _length(record.upstream_seconds),
        _length_or_none(record.ttft_seconds),
    )


def call_rows(request_key: bytes, calls: Iterable[AttemptRecord]) -> list[Row]:
    """Of `CALLS`, in their order."""
    return [_call_row(request_key, number, call) for number, call in enumerate(calls)]


def audit_row(entry: AuditEntry) -> Row:
    """Of `AUDIT`."""
    return (
        audit_key(entry),
        microseconds(entry.at),
        fit(entry.actor, 64),
        _fit_or_none(entry.address, 64),
        fit(entry.action, 64),
        _fit_or_none(entry.target, 256),
        fit(entry.outcome, 64),
        _json_or_none(entry.before),
        _json_or_none(entry.after),
        _fit_or_none(entry.request_id, 128),
        _fit_or_none(entry.correlation_id, 128),
    )


def audit_key(entry: AuditEntry) -> bytes:
    """The primary key of its row."""
    return UUID(entry.id).bytes


def outbox_row(event: OutboxEvent) -> Row:
    """Of `OUTBOX`, without the position, which the database draws."""
    return (event.event_id, event.topic, fit(event.key, 128), event.payload)


def _call_row(request_key: bytes, number: int, call: AttemptRecord) -> Row:
    cost = call.cost
    return (
        call_key(request_key, number),
        request_key,
        number,
        microseconds(call.started_at),
        fit(call.provider, 64),
        call.provider_type.value,
        fit(call.model, 256),
        call.outcome.value,
        call.status,
        _fit_or_none(call.error_type, 64),
        call.fault.value if call.fault is not None else None,
        call.is_retry,
        *_tokens(call.usage or _NOTHING),
        _is_estimated(call.usage),
        picodollars(cost.usd) if cost is not None else None,
        cost.source if cost is not None else None,
        _fit_or_none(cost.price_version, 64) if cost is not None else None,
        _length(call.duration_seconds),
        _length_or_none(call.ttft_seconds),
    )


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


def _tokens_of(calls: tuple[AttemptRecord, ...]) -> tuple[int, ...]:
    used = [_tokens(call.usage) for call in calls if call.usage is not None]
    if len(used) == 1:
        return used[0]
    return tuple(map(sum, zip(*used, strict=True))) if used else _tokens(_NOTHING)


def _tokens(usage: Usage) -> tuple[int, ...]:
    return (
        usage.input_tokens,
        usage.output_tokens,
        usage.total_tokens,
        usage.cached_input_tokens,
        usage.cache_write_tokens,
        usage.reasoning_tokens,
    )


def _is_estimated(usage: Usage | None) -> bool:
    return usage is not None and usage.source is UsageSource.ESTIMATED


def _length(seconds: float) -> int:
    return round(seconds * 1_000_000)


def _length_or_none(seconds: float | None) -> int | None:
    return None if seconds is None else _length(seconds)


def fit(text: str, limit: int) -> str:
    """`text` as every database takes it: at most `limit` characters, without NUL and halves of surrogate pairs."""
    if len(text) <= limit and text.isprintable():
        return text
    return text[:limit].replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _fit_or_none(text: str | None, limit: int) -> str | None:
    return None if text is None else fit(text, limit)


def _json_or_none(value: Any) -> str | None:
    if value is None:
        return None
    try:
        return json.dumps(value, allow_nan=False, default=str)
    except (ValueError, RecursionError):
        return _UNSAYABLE
