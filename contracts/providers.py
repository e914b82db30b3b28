"""What can be said of a provider: its kind, state, health and limits."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class ProviderType(StrEnum):
    """The kinds of vendor that a provider row can be of."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    GEMINI = "gemini"
    DEEPSEEK = "deepseek"
    OPENROUTER = "openrouter"
    OLLAMA = "ollama"
    LOCAL = "local"
    MOCK = "mock"


PROVIDER_SYNONYMS = {"google": ProviderType.GEMINI.value}


def provider_name(name: str) -> str:
    """The configured spelling of a provider's name: trimmed, `google` answered as `gemini`."""
    name = str(name).strip()
    return PROVIDER_SYNONYMS.get(name, name)


class ProviderStatus(StrEnum):
    """What is known of a provider's health from its last calls, or from a later test."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    """Some calls fail, or its default model is not there."""
    UNHEALTHY = "unhealthy"
    """It fails, or it refuses our key: `error_message` says which."""
    RATE_LIMITED = "rate_limited"
    OFFLINE = "offline"
    """It cannot be called (no key, switched off), or nobody answers there."""
    UNKNOWN = "unknown"


class CircuitState(StrEnum):
    """State of a circuit breaker."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class RateLimit(BaseModel):
    """One limit that the vendor last reported, e.g. `requests` or `tokens`."""

    model_config = ConfigDict(frozen=True)

    name: str
    limit: int | None = None
    remaining: int | None = None
    resets_at: datetime | None = None


class ProviderCapabilities(BaseModel):
    """What this service can ask of the provider."""

    model_config = ConfigDict(frozen=True)

    streaming: bool = True
    tools: bool = True
    vision: bool = True
    structured_output: bool = True
    reasoning: bool = True


class ProviderInfo(BaseModel):
    """One provider row as it stands now."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "example": {
                "name": "local",
                "type": "local",
                "enabled": True,
                "usable": True,
                "unusable_reason": None,
                "status": "healthy",
                "models": ["smollm2-135m-instruct"],
                "default_model": "smollm2-135m-instruct",
                "capabilities": {
                    "streaming": True,
                    "tools": True,
                    "vision": False,
                    "structured_output": True,
                    "reasoning": False,
                },
                "circuit_state": "closed",
                "cooling_until": None,
                "average_latency_ms": 412.5,
                "success_rate": 100.0,
                "last_success": "2026-11-21T20:45:00Z",
                "last_failure": None,
                "last_error": None,
                "rate_limits": [],
                "in_flight": 2,
                "queued": 0,
            },
        },
    )

    name: str = Field(description="The row's name in the configuration.")
    type: ProviderType
    enabled: bool
    usable: bool = Field(description="Enabled, supported by this version and in possession of what it needs (a key).")
    unusable_reason: str | None = Field(default=None, description="Why not usable, and what to do about it.")
    status: ProviderStatus
    models: list[str] = Field(description="Models that the row is configured to offer; empty: not restricted.")
    default_model: str
    capabilities: ProviderCapabilities
    circuit_state: CircuitState = Field(description="Open when every route that was used lately is open.")
    cooling_until: datetime | None = Field(default=None, description="No call before this time: a vendor's rate limit.")
    average_latency_ms: float | None = None
    success_rate: float | None = Field(default=None, description="Percent of attempts since the last reset.")
    last_success: datetime | None = None
    last_failure: datetime | None = None
    last_error: str | None = Field(default=None, description="error_type of the last failed attempt.")
    rate_limits: list[RateLimit] = Field(default_factory=list)
    in_flight: int = Field(default=0, description="Calls under way now, open streams among them.")
    queued: int = Field(default=0, description="Calls that wait for one of the row's limits.")


class ProviderHealth(BaseModel):
    """Health of one provider: last known, or measured now by a test."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "example": {
                "provider": "local",
                "status": "healthy",
                "latency_ms": 3.1,
                "checked_at": "2026-11-21T20:45:00Z",
                "error_message": None,
                "success_rate": 100.0,
            },
        },
    )

    provider: str
    status: ProviderStatus
    latency_ms: float | None = None
    checked_at: datetime | None = Field(default=None, description="None: no call was made yet.")
    error_message: str | None = None
    success_rate: float | None = Field(default=None, description="Percent of attempts since the last reset.")


class ProviderToggle(BaseModel):
    """Answer to enabling or disabling a provider."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={"example": {"provider": "openai", "enabled": False, "message": "openai is disabled"}},
    )

    provider: str
    enabled: bool
    message: str
