"""Records as the engine leaves them, for those who watch: one call, one request, with any field changed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.ports.records import AttemptRecord, RequestRecord
from contracts.cache import CacheResult
from contracts.caller import Caller, Scope
from contracts.calls import Operation
from contracts.chat import Usage
from contracts.providers import ProviderType
from contracts.responses import AttemptOutcome, Cost

AT = datetime(2026, 11, 21, 20, 45, tzinfo=UTC)
USAGE = Usage(
    input_tokens=41,
    output_tokens=15,
    total_tokens=56,
    cached_input_tokens=7,
    cache_write_tokens=3,
    reasoning_tokens=5,
)
# What no witness may tell of.
SECRET = "a caller's own words, 7f3c"


def call(**changes: Any) -> AttemptRecord:
    """A call that OpenAI answered in 1.5 s for 0.25 USD."""
    fields: dict[str, Any] = {
        "request_id": "req_1",
        "correlation_id": "essay-17",
        "provider": "openai",
        "provider_type": ProviderType.OPENAI,
        "model": "gpt-5",
        "outcome": AttemptOutcome.SUCCESS,
        "started_at": AT,
        "duration_seconds": 1.5,
        "ttft_seconds": 0.4,
        "status": 200,
        "usage": USAGE,
        "cost": Cost(usd=Decimal("0.25"), source="prices"),
    }
    return AttemptRecord(**{**fields, **changes})


def failed(error_type: str = "rate_limit_exceeded", **changes: Any) -> AttemptRecord:
    """A call that a vendor refused, and that cost nothing."""
    fields: dict[str, Any] = {"outcome": AttemptOutcome.FAILED, "status": 429, "error_type": error_type}
    return call(**{**fields, "ttft_seconds": None, "usage": None, "cost": None, **changes})


def request(*calls: AttemptRecord, **changes: Any) -> RequestRecord:
    """A request of 2 s, of which its calls took 1.5 s and waiting took 0.3 s; it holds words of its caller."""
    fields: dict[str, Any] = {
        "request_id": "req_1",
        "correlation_id": "essay-17",
        "operation": Operation.CHAT,
        "caller": Caller(key_id="key-1", scopes=frozenset({Scope.CALL})),
        "provider": "openai",
        "model": "gpt-5",
        "requested_model": "gpt-5",
        "is_stream": True,
        "started_at": AT,
        "duration_seconds": 2.0,
        "calls": calls or (call(),),
        "usage": USAGE,
        "cost_usd": Decimal("0.25"),
        "cache": CacheResult.MISS,
        "tags": (SECRET,),
        "user_id": SECRET,
        "metadata": {"note": SECRET},
        "error_message": None,
        "queue_seconds": 0.3,
        "upstream_seconds": 1.5,
        "ttft_seconds": 0.45,
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "span_id": "00f067aa0ba902b7",
    }
    return RequestRecord(**{**fields, **changes})
