"""What can be said of circuits: which routes are left alone, since when, why, and until when."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from contracts.providers import CircuitState


class CircuitInfo(BaseModel):
    """One circuit as it stands now."""

    model_config = ConfigDict(frozen=True)

    state: CircuitState
    failures: int = Field(description="Failed requests in a row, each counted once however often it was tried.")
    opened_at: datetime | None = Field(default=None, description="Since when it is not closed.")
    next_probe_at: datetime | None = Field(
        default=None, description="From when one request probes the vendor; null while closed, or while one does."
    )
    cooling_until: datetime | None = Field(
        default=None, description="No call before this time, or only where no other can serve: a vendor's rate limit."
    )
    last_error: str | None = Field(default=None, description="error_type of the last failure that counted.")
    reason: str | None = Field(default=None, description="Why it is not closed, in words.")


class RouteCircuit(CircuitInfo):
    """The circuit of one model at a provider."""

    model: str


class CircuitBreakerInfo(CircuitInfo):
    """A provider's circuits: open as a whole when its key was refused, or when all that it used lately are open."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "example": {
                "state": "open",
                "failures": 3,
                "opened_at": "2026-11-21T20:45:00Z",
                "next_probe_at": "2026-11-21T20:45:05Z",
                "cooling_until": None,
                "last_error": "provider_unavailable",
                "reason": "provider unavailable",
                "provider": "openai",
                "routes": [
                    {
                        "state": "open",
                        "failures": 3,
                        "opened_at": "2026-11-21T20:45:00Z",
                        "next_probe_at": "2026-11-21T20:45:05Z",
                        "cooling_until": None,
                        "last_error": "provider_unavailable",
                        "reason": "provider unavailable",
                        "model": "gpt-6-luna",
                    }
                ],
            },
        },
    )

    provider: str
    routes: list[RouteCircuit] = Field(description="Models that requests came to in the last ten minutes.")
