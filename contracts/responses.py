"""What a caller gets back: answers, the events of a stream, the items of a batch, and problems."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from contracts.cache import CacheResult
from contracts.chat import FinishReason, Message, Usage
from contracts.quick_reading import quickly_read

Money = Annotated[
    Decimal,
    PlainSerializer(lambda amount: float(round(amount, 12)), return_type=float, when_used="json"),
]


@quickly_read
class AttemptOutcome(StrEnum):
    """How one upstream call ended."""

    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"


class FieldError(BaseModel):
    """One wrong field of a request: where, what is wrong, and where possible how to mend it."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(description="Dotted path of the field, e.g. `messages.0.content`; empty: the whole body.")
    message: str
    hint: str | None = Field(default=None, description="The nearest known name, or the fix.")


class Attempt(BaseModel):
    """One upstream call that was made for a request."""

    model_config = ConfigDict(frozen=True)

    provider: str
    model: str
    outcome: AttemptOutcome
    status: int | None = Field(default=None, description="HTTP status of the vendor's answer, where there was one.")
    error_type: str | None = None
    duration_ms: float
    ttft_ms: float | None = Field(default=None, description="Time to the first content event; streams only.")


class Cost(BaseModel):
    """What the answer cost. `source`: `config` (a price of the configuration), `vendor` (its own figure), `prices` (the
    price library), `free` (local, mock, ollama).

    `cache` and `shared`: nothing, since an earlier request, or one under way, was billed for this answer.
    """

    model_config = ConfigDict(frozen=True)

    usd: Money
    source: Literal["config", "prices", "vendor", "free", "cache", "shared"]
    price_version: str | None = None


class Latency(BaseModel):
    """Where the time went, in milliseconds. Queue is waiting between tries; overhead is what is left of the total."""

    model_config = ConfigDict(frozen=True)

    total_ms: float
    upstream_ms: float
    overhead_ms: float
    queue_ms: float = 0.0


class Leg(BaseModel):
    """The part of an answer that one candidate wrote. `recovered_at`: characters of text that stood when it began."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    provider: str
    model: str
    recovered_at: int
    usage: Usage
    cost: Cost | None = None


_EXAMPLE_RESPONSE: dict[str, Any] = {
    "request_id": "req_01JD8Z6Q8W",
    "correlation_id": "essay-batch-17",
    "content": "A circuit breaker stops calls to a failing dependency until it recovers.",
    "message": {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "A circuit breaker stops calls to a failing dependency until it recovers."},
        ],
    },
    "finish_reason": "stop",
    "signals": None,
    "provider": "local",
    "model": "smollm2-135m-instruct",
    "usage": {
        "input_tokens": 41,
        "output_tokens": 15,
        "total_tokens": 56,
        "cached_input_tokens": 0,
        "cache_write_tokens": 0,
        "cache_write_1h_tokens": 0,
        "reasoning_tokens": 0,
        "source": "reported",
    },
    "cost": {"usd": 0.0, "source": "free", "price_version": None},
    "cached": False,
    "cache": "bypass",
    "fallback_used": False,
    "legs": [],
    "attempts": [
        {
            "provider": "local",
            "model": "smollm2-135m-instruct",
            "outcome": "success",
            "status": 200,
            "error_type": None,
            "duration_ms": 412.5,
            "ttft_ms": None,
        },
    ],
    "latency": {"total_ms": 413.1, "upstream_ms": 412.5, "overhead_ms": 0.6, "queue_ms": 0.0},
    "warnings": [],
    "created_at": "2026-11-21T20:45:00Z",
}


class LLMResponse(BaseModel):
    """One whole answer: what the model said, who really served it, and what it took."""

    model_config = ConfigDict(frozen=True, protected_namespaces=(), json_schema_extra={"example": _EXAMPLE_RESPONSE})

    request_id: str
    correlation_id: str
    content: str = Field(repr=False, description="All text of the answer.")
    message: Message = Field(repr=False, description="All parts of the answer: text, tool calls, reasoning.")
    finish_reason: FinishReason
    signals: dict[str, Any] | None = Field(
        default=None, repr=False, description="The typed JSON that `signal_type` asked for."
    )
    provider: str
    model: str
    usage: Usage = Field(description="What the answer took, also when an earlier request was billed for it.")
    cost: Cost | None = Field(
        default=None,
        description="Of this answer; null, with a warning, when no price is known. What other attempts were billed "
        "stands in the usage reports, which count every call.",
    )
    cached: bool = Field(default=False, description="The answer was kept from an earlier request.")
    cache: CacheResult = Field(default=CacheResult.BYPASS, description="What became of the request at the cache.")
    fallback_used: bool = False
    legs: list[Leg] = Field(
        default_factory=list,
        description="Who wrote which part of a stream that was gone on with by another candidate; else empty.",
    )
    attempts: list[Attempt]
    latency: Latency
    warnings: list[str] = Field(default_factory=list)
    created_at: datetime


class Problem(BaseModel):
    """Any error, as RFC 9457 `application/problem+json`."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "example": {
                "type": "urn:llm-provider-service:error:provider_not_found",
                "title": "Provider not found",
                "status": 404,
                "detail": "no provider is named opnai; configured: openai, deepseek, openrouter, local",
                "instance": "/process",
                "error_type": "provider_not_found",
                "correlation_id": "essay-batch-17",
                "request_id": "req_01JD8Z6Q8W",
                "provider": None,
                "retry_after": None,
                "attempts": [],
                "errors": [],
                "usage": None,
                "cost": None,
            },
        },
    )

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    error_type: str
    correlation_id: str | None = None
    request_id: str | None = None
    provider: str | None = None
    retry_after: float | None = Field(default=None, description="Seconds to wait before trying again.")
    attempts: list[Attempt] = Field(default_factory=list)
    errors: list[FieldError] = Field(default_factory=list)
    usage: Usage | None = Field(default=None, description="What a stream that broke off had used by then.")
    cost: Cost | None = Field(default=None, description="And what that costs.")


class BatchItem(BaseModel):
    """One answer of a batch: `response` or `error`, at the place of its request."""

    model_config = ConfigDict(frozen=True)

    index: int
    response: LLMResponse | None = None
    error: Problem | None = None


class BatchResponse(BaseModel):
    """Answers to a batch in the order of its requests."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "example": {
                "responses": [
                    {"index": 0, "response": _EXAMPLE_RESPONSE, "error": None},
                ],
                "succeeded": 1,
                "failed": 0,
            },
        },
    )

    responses: list[BatchItem]
    succeeded: int
    failed: int
