"""Whether the service lives, is ready, and can serve."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.http.components import HEALTH_REPORT
from app.http.described import answers, example_of, guarded, pages, probed, ref
from app.http.edge import ADMINISTRATORS_ONLY, Phase, Service, edge_of
from app.http.json_answer import json_answer
from app.http.openapi import KEY_IGNORED, KEY_WELCOME, PUBLIC
from app.http.trail import check_correlation_header
from contracts import (
    CallerAuthenticationError,
    CallerForbiddenError,
    HealthReport,
    Healthz,
    Liveness,
    MemoryReport,
    ProviderStatus,
    ProviderUnavailableError,
    Scope,
    ServiceNotStartedError,
    ServiceStatus,
    ShuttingDownError,
    StoreUnavailableError,
)

router = APIRouter(tags=["health"], default_response_class=Response)

_AILING = {ProviderStatus.DEGRADED, ProviderStatus.UNHEALTHY, ProviderStatus.RATE_LIMITED, ProviderStatus.OFFLINE}
_LIFE = {
    Phase.STARTING: Liveness(status="starting"),
    Phase.RUNNING: Liveness(status="ok"),
    Phase.DRAINING: Liveness(status="draining"),
    Phase.CLOSED: Liveness(status="draining"),
}
_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
_METRICS = """# HELP llm_requests_total Calls sent to vendors, by how they ended.
# TYPE llm_requests_total counter
llm_requests_total{model="smollm2-135m-instruct",provider="local",status="success"} 12.0
"""
_LIVES = example_of(Liveness)
_REPORT = {
    "status": "degraded",
    "service_status": "degraded",
    "providers": [
        {
            "provider": "local",
            "status": "healthy",
            "latency_ms": 3.1,
            "checked_at": "2026-11-21T20:45:00Z",
            "error_message": None,
            "success_rate": 100.0,
        }
    ],
    "total_providers": 8,
    "enabled_providers": 7,
    "total_requests": 1234,
    "uptime": 3600.0,
    "memory_usage": {"rss": 78.4, "vms": 412.0, "percent": 0.3},
    "dependencies": {"redis": "down", "kafka": "off", "database": "off"},
    "dependency_faults": {"redis": "it gave no answer in 50 ms"},
    "ledger_rows_lost": 0,
    "version": "0.1.0",
    "timestamp": "2026-11-21T20:45:00Z",
}


@router.get(
    "/health",
    operation_id="get_health",
    summary="Show the full health report",
    dependencies=[ADMINISTRATORS_ONLY],
    responses=answers("The report; its `status` says how the service is.", ref("HealthReport"), _REPORT)
    | guarded(admin=True),
)
async def get_health(service: Service) -> Response:
    """Providers, dependencies, memory and uptime. Always 200: load balancers ask `/healthz`."""
    return json_answer(HEALTH_REPORT.model_validate(await service.health_check()))


@router.get(
    "/health/memory",
    operation_id="get_memory",
    summary="Show the memory of the process",
    dependencies=[ADMINISTRATORS_ONLY],
    responses=answers("In MB of 2^20 bytes.", ref("MemoryReport"), example_of(MemoryReport)) | guarded(admin=True),
)
async def get_memory(service: Service) -> Response:
    """Resident and virtual memory of this process, and what limits it. The embedded model's process is not in it."""
    return json_answer(await service.memory_report())


@router.get(
    "/status",
    operation_id="get_status",
    summary="Show whether the service runs",
    dependencies=[ADMINISTRATORS_ONLY],
    responses=answers("Running or stopped.", ref("ServiceStatus"), example_of(ServiceStatus)) | guarded(admin=True),
)
async def get_status(service: Service) -> Response:
    """Whether the service runs, its version and its uptime in seconds."""
    return json_answer(await service.get_status())


@router.get(
    "/healthz",
    operation_id="get_healthz",
    summary="Can requests be served?",
    responses=answers("They can.", ref("Healthz"), example_of(Healthz))
    | probed(ServiceNotStartedError, ProviderUnavailableError),
    openapi_extra={PUBLIC: KEY_WELCOME},
)
async def get_healthz(request: Request, service: Service) -> Response:
    """`ok`, or `degraded` with what ails it (named to administrators only); 503 only when nothing can be served."""
    report = await service.health_check()
    if report["status"] == "not_started":
        msg = "the service is not started"
        raise ServiceNotStartedError(msg)
    if report["status"] == "unhealthy":
        msg = "no provider can serve now"
        raise ProviderUnavailableError(msg)
    if report["status"] == "healthy":
        return json_answer(Healthz(status="ok"))
    return json_answer(Healthz(status="degraded", degraded=_ailments(report) if _is_administrator(request) else []))


@router.get(
    "/livez",
    operation_id="get_livez",
    summary="Does the process live?",
    responses=answers("It answers.", ref("Liveness"), _LIVES) | probed(),
    openapi_extra={PUBLIC: KEY_IGNORED},
)
async def get_livez(request: Request) -> Response:
    """Always 200 while the process answers, also while it starts and drains."""
    return json_answer(_LIFE[edge_of(request).phase])


@router.get(
    "/readyz",
    operation_id="get_readyz",
    summary="Should requests be sent here?",
    responses=answers("They should.", ref("Liveness"), _LIVES) | probed(ServiceNotStartedError, ShuttingDownError),
    openapi_extra={PUBLIC: KEY_IGNORED},
)
async def get_readyz(request: Request) -> Response:
    """503 while the service starts and while it drains: send requests elsewhere then."""
    edge = edge_of(request)
    if edge.is_ending:
        msg = "the service is draining"
        raise ShuttingDownError(msg)
    if edge.phase is Phase.STARTING:
        msg = "the service is starting"
        raise ServiceNotStartedError(msg)
    return json_answer(_LIFE[edge.phase])


@router.get(
    "/metrics",
    operation_id="get_metrics",
    summary="Show the metrics for Prometheus",
    responses=pages("In Prometheus' text format.", "text/plain", _METRICS) | guarded(StoreUnavailableError, admin=True),
)
async def get_metrics(request: Request) -> Response:
    """Of all workers behind this port. The token that `LLM_PROVIDER_SERVICE_METRICS_TOKEN` sets opens this too."""
    edge = edge_of(request)
    edge.admit(request, Scope.METRICS)
    check_correlation_header(request.scope)
    if edge.witness is None:
        msg = "no metrics are kept"
        raise ServiceNotStartedError(msg)
    return Response(await edge.witness.page(), media_type=_PROMETHEUS)


def _is_administrator(request: Request) -> bool:
    try:
        edge_of(request).admit(request, Scope.ADMIN)
    except (CallerAuthenticationError, CallerForbiddenError):
        return False
    return True


def _ailments(report: HealthReport) -> list[str]:
    ailing = [health for health in report["providers"] if health.status in _AILING and health.checked_at is not None]
    return [f"{health.provider}: {health.status}" for health in ailing] + [
        f"{name}: down ({fault})" for name, fault in report["dependency_faults"].items()
    ]
