"""What happened, for tests of the books: requests with their calls, audit entries, events."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.ports.books import Entry, OutboxEvent
from app.ports.records import AttemptRecord, RequestRecord
from app.stores.books.row_keys import RowKeys
from contracts.audit import AuditEntry
from contracts.caller import Caller, Scope
from contracts.calls import Operation
from contracts.chat import Usage
from contracts.providers import ProviderType
from contracts.responses import AttemptOutcome, Cost
from tests.kit.virtual_time import EPOCH

CALLER = Caller(key_id="key-1", scopes=frozenset({Scope.CALL}), tenant="essays", tags=("nightly",))
_KEYS = RowKeys()


def call(number: int = 0, **fields: Any) -> AttemptRecord:
    """A call of OpenAI that answered 12 tokens for 0.000034 dollars."""
    told: dict[str, Any] = {
        "request_id": f"req_{number}",
        "correlation_id": f"cor_{number}",
        "provider": "openai",
        "provider_type": ProviderType.OPENAI,
        "model": "gpt-5-mini",
        "outcome": AttemptOutcome.SUCCESS,
        "started_at": EPOCH + timedelta(milliseconds=number),
        "duration_seconds": 0.25,
        "status": 200,
        "usage": Usage(input_tokens=7, output_tokens=5, total_tokens=12, cached_input_tokens=3),
        "cost": Cost(usd=Decimal("0.000034"), source="prices", price_version="2026-11"),
    }
    return AttemptRecord(**(told | fields))


def request(number: int = 0, **fields: Any) -> RequestRecord:
    """A request that this one call answered."""
    calls = fields.pop("calls", (call(number),))
    told: dict[str, Any] = {
        "request_id": f"req_{number}",
        "correlation_id": f"cor_{number}",
        "operation": Operation.CHAT,
        "caller": CALLER,
        "provider": "openai",
        "model": "gpt-5-mini",
        "requested_model": "gpt-5-mini",
        "is_stream": False,
        "started_at": EPOCH + timedelta(milliseconds=number),
        "duration_seconds": 0.3,
        "calls": calls,
        "usage": calls[0].usage if calls else None,
        "tags": ("nightly",),
        "upstream_seconds": 0.25,
    }
    return RequestRecord(**(told | fields))


def booked(number: int = 0, **fields: Any) -> Entry:
    """An entry with such a request alone."""
    return Entry(request=request(number, **fields))


def with_event(number: int = 0) -> Entry:
    """An entry with a request and its event."""
    return Entry(request=request(number), events=(event(number),))


def event(number: int = 0, **fields: Any) -> OutboxEvent:
    """An event of request `number`."""
    payload = b'{"event_type": "llm_request_completed"}'
    made = OutboxEvent(event_id=new_id(), topic="llm.completed", key=f"cor_{number}", payload=payload)
    return replace(made, **fields)


def audited(action: str = "config.update", at: datetime = EPOCH, **fields: Any) -> AuditEntry:
    """Somebody switched a provider off."""
    told: dict[str, Any] = {
        "actor": "admin",
        "target": "openai",
        "outcome": "success",
        "before": {"enabled": True},
        "after": {"enabled": False},
    }
    return AuditEntry(**({"id": new_id(), "at": at, "action": action} | told | fields))


def new_id() -> str:
    """A UUID of version 7, greater than the one before."""
    return str(UUID(bytes=_KEYS.draw()))
