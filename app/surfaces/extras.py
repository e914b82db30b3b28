"""What do we add to an answer in a vendor's dialect? One object, `llm_service`, that SDKs pass over.

It stands in the body that we write, in the last event of a stream that we write, and in a comment before the end of
one that is relayed. A body that is relayed whole stays as it is: the headers say the same.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from contracts import Attempt, CacheResult, EmbeddingAccount, Latency, Leg, LLMResponse
from contracts.responses import Money
from contracts.vouched import vouched


class ServiceExtras(BaseModel):
    """Who answered, for how much, and what it took. Each field is what it is in an LLMResponse."""

    model_config = ConfigDict(frozen=True)

    request_id: str
    correlation_id: str
    provider: str
    model: str
    cost_usd: Money | None = Field(description="Null: no price is known, which is not free.")
    cache: CacheResult
    fallback_used: bool
    attempts: list[Attempt]
    legs: list[Leg] = Field(description="Who wrote what, where a stream was gone on with by another candidate.")
    latency: Latency
    warnings: list[str]


def extras_of(response: LLMResponse | EmbeddingAccount) -> dict[str, Any]:
    """`llm_service` of an answer, as JSON data."""
    extras = vouched(
        ServiceExtras,
        {
            "request_id": response.request_id,
            "correlation_id": response.correlation_id,
            "provider": response.provider,
            "model": response.model,
            "cost_usd": response.cost.usd if response.cost is not None else None,
            "cache": response.cache,
            "fallback_used": response.fallback_used,
            "attempts": response.attempts,
            "legs": response.legs if isinstance(response, LLMResponse) else [],
            "latency": response.latency,
            "warnings": response.warnings,
        },
    )
    return extras.model_dump(mode="json")
