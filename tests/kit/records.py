"""Records of requests and calls as a test needs them: everything has a default."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.ports.records import AttemptRecord, RequestRecord
from contracts.caller import Caller, Scope
from contracts.calls import Operation
from contracts.chat import Usage, UsageSource
from contracts.fault import Fault
from contracts.providers import ProviderType
from contracts.responses import AttemptOutcome, Cost

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def usage_of(tokens: int, *, is_estimated: bool = False) -> Usage:
    """A usage whose every count differs."""
    source = UsageSource.ESTIMATED if is_estimated else UsageSource.REPORTED
    return Usage(
        input_tokens=3 * tokens,
        output_tokens=2 * tokens,
        total_tokens=5 * tokens,
        cached_input_tokens=tokens,
        cache_write_tokens=tokens + 1,
        reasoning_tokens=tokens + 2,
        source=source,
    )


def cost_of(usd: str) -> Cost:
    """A cost by the price library."""
    return Cost(usd=Decimal(usd), source="prices", price_version="1")


def call_record(provider: str = "openai", **changes: Any) -> AttemptRecord:
    """A call that succeeded; with an `error_type` one that failed."""
    has_failed = changes.get("error_type") is not None
    base: dict[str, Any] = {
        "request_id": "r",
        "correlation_id": "c",
        "provider": provider,
        "provider_type": ProviderType.OPENAI,
        "model": f"{provider}-1",
        "outcome": AttemptOutcome.FAILED if has_failed else AttemptOutcome.SUCCESS,
        "started_at": NOON,
        "duration_seconds": 0.5,
        "fault": Fault.PROVIDER if has_failed else None,
    }
    return AttemptRecord(**{**base, **changes})


def request_record(
    *calls: AttemptRecord, at: datetime = NOON, key_id: str = "k", tenant: str | None = None, **changes: Any
) -> RequestRecord:
    """A request that the last of its calls answered, if that succeeded."""
    answered = calls[-1] if calls and calls[-1].outcome is AttemptOutcome.SUCCESS else None
    base: dict[str, Any] = {
        "request_id": "r",
        "correlation_id": "c",
        "operation": Operation.CHAT,
        "caller": Caller(key_id=key_id, scopes=frozenset({Scope.CALL}), tenant=tenant),
        "provider": answered.provider if answered else None,
        "model": answered.model if answered else None,
        "requested_model": None,
        "is_stream": False,
        "started_at": at,
        "duration_seconds": 1.0,
        "calls": calls,
    }
    return RequestRecord(**{**base, **changes})
