"""What would become of a request: who would be tried, in which order, and why nobody else."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from contracts.responses import Problem
from contracts.selection_strategy import SelectionStrategy


class AffinitySource(StrEnum):
    """How the service knows who served a conversation before."""

    SIGNATURE = "signature"
    """Reasoning in the conversation bears its signature."""
    PROMPT_CACHE_KEY = "prompt_cache_key"
    CONVERSATION = "conversation"
    """It gave the last answer."""


class ExclusionReason(StrEnum):
    """Why a row or candidate would not be tried."""

    DISABLED = "disabled"
    UNUSABLE = "unusable"
    """It lacks a key, an address, or a file."""
    CIRCUIT_OPEN = "circuit_open"
    COOLING = "cooling"
    """Its vendor limits its rate."""
    LACKS_CAPABILITY = "lacks_capability"
    MODEL_NOT_OFFERED = "model_not_offered"
    NOT_ALLOWED = "not_allowed"
    """The caller's key may not use it."""
    NOT_CONSIDERED = "not_considered"
    """The request, or the configuration, leaves it out."""


_EXAMPLE: dict[str, Any] = {
    "request_id": "req_01JD8Z6Q8W",
    "correlation_id": "essay-batch-17",
    "strategy": "priority",
    "affinity": None,
    "estimated_input_tokens": 14,
    "timeout_seconds": 45.0,
    "candidates": [
        {
            "provider": "deepseek",
            "model": "deepseek-flash",
            "timeout_seconds": 30.0,
            "context_window": 1_000_000,
            "remarks": [],
        },
    ],
    "excluded": [
        {
            "provider": "openai",
            "model": "gpt-6-luna",
            "reason": "circuit_open",
            "detail": "the circuit of openai/gpt-6-luna is open for 4.2 s (provider unavailable)",
            "until": "2026-11-21T20:45:04.200000Z",
        },
        {
            "provider": "anthropic",
            "model": None,
            "reason": "unusable",
            "detail": "anthropic has no key: set ANTHROPIC_API_KEY or LLM_PROVIDER_SERVICE_ANTHROPIC_API_KEY",
            "until": None,
        },
    ],
    "warnings": [],
    "refusal": None,
}


class ExplainedCandidate(BaseModel):
    """One target that would be tried."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    provider: str
    model: str
    timeout_seconds: float = Field(description="Limit of its first attempt, if it began now.")
    context_window: int | None = Field(default=None, description="Tokens that the model takes; null: not known.")
    remarks: list[str] = Field(default_factory=list, description="What may go wrong there, and what it stands in for.")


class Exclusion(BaseModel):
    """One row, or one model there, that would not be tried."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    provider: str
    model: str | None = None
    reason: ExclusionReason
    detail: str
    until: datetime | None = Field(default=None, description="When it may be called again, where that is known.")


class ExplainedAffinity(BaseModel):
    """Who was moved to the front because it served the conversation before."""

    model_config = ConfigDict(frozen=True)

    provider: str
    source: AffinitySource


class Explanation(BaseModel):
    """What `POST /process` would do with a request now. Nobody was called, and nothing was counted."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"example": _EXAMPLE})

    request_id: str
    correlation_id: str
    strategy: SelectionStrategy
    affinity: ExplainedAffinity | None = None
    estimated_input_tokens: int = Field(description="Four characters a token, 800 for an image or a file.")
    timeout_seconds: float = Field(description="Limit of the whole chain of attempts.")
    candidates: list[ExplainedCandidate] = Field(description="In the order of trying.")
    excluded: list[Exclusion] = Field(description="Every other row, and named candidates that cannot serve.")
    warnings: list[str] = Field(default_factory=list)
    refusal: Problem | None = Field(default=None, description="The error, where the request would be refused at once.")
