"""Reports about the service itself: health, memory, status, statistics."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypedDict

from pydantic import BaseModel, ConfigDict, Field

from contracts.providers import ProviderHealth
from contracts.responses import Money

DependencyState = Literal["ok", "down", "off"]
HealthState = Literal["healthy", "degraded", "unhealthy", "not_started"]


class MemoryUsage(TypedDict):
    """Memory of the service process: `rss` and `vms` in MB, `percent` of the machine's."""

    rss: float
    vms: float
    percent: float


class MemoryReport(BaseModel):
    """Memory of the service process from psutil, with its limits. MB are 2^20 bytes."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "example": {
                "rss": 78.4,
                "vms": 412.0,
                "percent": 0.3,
                "available": 21044.2,
                "total": 24032.0,
                "limit": None,
            }
        },
    )

    rss: float = Field(description="Resident memory in MB.")
    vms: float = Field(description="Virtual memory in MB.")
    percent: float = Field(description="Resident memory as percent of the machine's.")
    available: float = Field(description="MB that the machine can still give.")
    total: float = Field(description="MB of the machine.")
    limit: float | None = Field(
        default=None, description="MB that the container or the process limit allows; null: none."
    )


class Dependencies(TypedDict):
    """State of what the service leans on; `off`: not configured."""

    redis: DependencyState
    kafka: DependencyState
    database: DependencyState


class HealthReport(TypedDict):
    """The full health report; `uptime` in seconds. `dependency_faults` says of each that is down why, in words.

    `ledger_rows_lost`: rows of the books that could be written nowhere, or were damaged, since the process began.
    """

    status: HealthState
    service_status: HealthState
    providers: list[ProviderHealth]
    total_providers: int
    enabled_providers: int
    total_requests: int
    uptime: float
    memory_usage: MemoryUsage
    dependencies: Dependencies
    dependency_faults: dict[str, str]
    ledger_rows_lost: int
    version: str
    timestamp: str


class ServiceStatus(BaseModel):
    """Whether the service runs."""

    model_config = ConfigDict(
        frozen=True, json_schema_extra={"example": {"status": "running", "version": "0.1.0", "uptime": 3600.0}}
    )

    status: Literal["running", "stopped"]
    version: str
    uptime: float = Field(description="Seconds since start; 0 when stopped.")


class Liveness(BaseModel):
    """The process answers."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"example": {"status": "ok"}})

    status: Literal["ok", "starting", "draining"]


class Healthz(BaseModel):
    """Whether requests can be served; `degraded` names what is missing (to administrators only)."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"example": {"status": "ok", "degraded": []}})

    status: Literal["ok", "degraded", "unavailable"]
    degraded: list[str] = Field(default_factory=list)


class ProviderStatistics(BaseModel):
    """Attempts on one provider since the last reset. Latencies are null with `enable_performance_monitoring: false`."""

    model_config = ConfigDict(frozen=True)

    requests: int = 0
    success_rate: float | None = Field(default=None, description="Percent.")
    error_rate: float | None = Field(default=None, description="Percent.")
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    ttft_p50_ms: float | None = None
    ttft_p95_ms: float | None = None
    tokens_per_second: float | None = Field(default=None, description="Output tokens per second of upstream time.")
    tokens: int = 0
    cost_usd: Money | None = None
    errors: dict[str, int] = Field(default_factory=dict, description="Failed attempts by error_type.")


class LLMServiceStatistics(BaseModel):
    """What this process did since the last reset."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "example": {
                "total_requests_processed": 1234,
                "total_successful_requests": 1229,
                "total_failed_requests": 5,
                "total_cached_responses": 0,
                "success_rate": 99.59,
                "total_tokens_used": 80211,
                "total_input_tokens": 61022,
                "total_output_tokens": 19189,
                "total_cost_usd": 0.0192,
                "average_response_time_ms": 640.2,
                "requests_per_minute": 20.5,
                "uptime_seconds": 3600.0,
                "since": "2026-11-21T19:45:00Z",
                "providers": {},
            },
        },
    )

    total_requests_processed: int = 0
    total_successful_requests: int = 0
    total_failed_requests: int = 0
    total_cached_responses: int = 0
    success_rate: float = Field(default=0.0, description="Percent; 0 before the first request.")
    total_tokens_used: int = 0
    total_input_tokens: int = 0
    total_output_tokens: int = 0
    total_cost_usd: Money
    average_response_time_ms: float | None = None
    requests_per_minute: float = 0.0
    uptime_seconds: float
    since: datetime
    providers: dict[str, ProviderStatistics] = Field(default_factory=dict)


class StatisticsReset(BaseModel):
    """Answer to a reset."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={"example": {"message": "statistics are reset", "since": "2026-11-21T20:45:00Z"}},
    )

    message: str
    since: datetime
