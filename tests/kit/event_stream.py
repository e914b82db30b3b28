"""Which events does a test write, and did they arrive as they should? Real ones, of requests with a number each."""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
from sqlalchemy import Engine, insert

from app.engine.events import Events
from app.ports.books import OutboxEvent
from app.ports.records import AttemptRecord, RequestRecord, StartRecord
from app.stores.books.database import writing
from app.stores.books.tables import OUTBOX
from contracts import IN_PROCESS_CALLER, AttemptOutcome, CacheResult, Operation, ProviderType, Usage
from contracts.event_schemas import EVENTS
from tests.kit.virtual_time import EPOCH

SCHEMAS = Path(__file__).parents[2] / "contracts" / "schemas"
TRACE = {"trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331"}


def start_record(key: str = "essay-batch-17", number: int = 0, **fields: Any) -> StartRecord:
    """A request that begins."""
    given: dict[str, Any] = {
        "operation": Operation.CHAT,
        "caller": IN_PROCESS_CALLER,
        "provider": "openai",
        "model": "gpt-x",
        "started_at": EPOCH + timedelta(milliseconds=number),
        "user_id": "ada",
        "metadata": {"number": number, "nested": {"list": [1, 2.5, None, "é\x00"]}},
        **TRACE,
    }
    return StartRecord(request_id=f"req_{number}", correlation_id=key, **{**given, **fields})


def attempt_record(key: str = "essay-batch-17", number: int = 0, **fields: Any) -> AttemptRecord:
    """A call of it that failed."""
    given: dict[str, Any] = {
        "provider": "openai",
        "provider_type": ProviderType.OPENAI,
        "model": "gpt-x",
        "outcome": AttemptOutcome.FAILED,
        "started_at": EPOCH,
        "duration_seconds": 0.25,
        "error_type": "timeout",
        "error_message": "openai gave no first token in 12.0 s",
        "circuit_breaker_opened": True,
    }
    return AttemptRecord(request_id=f"req_{number}", correlation_id=key, **{**given, **fields})


def request_record(key: str = "essay-batch-17", number: int = 0, **fields: Any) -> RequestRecord:
    """A request that was answered after one failed call."""
    given: dict[str, Any] = {
        "operation": Operation.CHAT,
        "caller": IN_PROCESS_CALLER,
        "provider": "anthropic",
        "model": "claude-x",
        "requested_model": None,
        "is_stream": False,
        "started_at": EPOCH,
        "duration_seconds": 1.5,
        "calls": (attempt_record(key, number),),
        "fallback_used": True,
        "usage": Usage(input_tokens=10, output_tokens=5, total_tokens=15),
        "cost_usd": Decimal("0.000123456789"),
        "cache": CacheResult.MISS,
        "user_id": "ada",
        "metadata": {"number": number},
        **TRACE,
    }
    return RequestRecord(request_id=f"req_{number}", correlation_id=key, **{**given, **fields})


def request_events(events: Events, number: int, *, keys: int = 10) -> list[OutboxEvent]:
    """What request `number` leaves: it began, a call failed, it ended. Its key is one of `keys`."""
    key = f"key-{number % keys}"
    return [events.started(start_record(key, number)), *events.ended(request_record(key, number))]


def put(engine: Engine, events: Iterable[OutboxEvent]) -> None:
    """Commits them in their order, as the writer of the books does."""
    rows = [{"event_id": e.event_id, "topic": e.topic, "key": e.key, "payload": e.payload} for e in events]
    with writing(engine) as connection:
        for row in rows:
            connection.execute(insert(OUTBOX).values(row))


def check_arrived(written: Sequence[OutboxEvent], messages: Sequence[tuple[str, str, bytes]]) -> int:
    """Every event arrived, those of one key and topic in order, duplicates with their event_id; how many these are.

    Each is by its committed schema, and is what was written. `messages`: topic, key, value.
    """
    by_id = {event.event_id: event for event in written}
    firsts: dict[tuple[str, str], list[str]] = defaultdict(list)
    seen: set[str] = set()
    for topic, key, value in messages:
        event_id = check_event(topic, value)["event_id"]
        was = by_id[event_id]
        assert (topic, key, value) == (was.topic, was.key, was.payload)
        if event_id not in seen:
            seen.add(event_id)
            firsts[topic, key].append(event_id)
    assert len(seen) == len(by_id)
    expected: dict[tuple[str, str], list[str]] = defaultdict(list)
    for event in written:
        expected[event.topic, event.key].append(event.event_id)
    assert firsts == expected
    return len(messages) - len(seen)


def check_event(topic: str, value: bytes) -> dict[str, Any]:
    """The event, which is by the committed schema of its topic."""
    event: dict[str, Any] = json.loads(value)
    (suffix,) = (suffix for suffix in EVENTS if topic.endswith(suffix))
    _schema(f"{suffix.removeprefix('.')}.json").validate(event)
    return event


@functools.cache
def _schema(file: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads((SCHEMAS / file).read_text(encoding="utf-8")), validate_formats=True)
