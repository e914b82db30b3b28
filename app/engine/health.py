"""What the service knows of its providers, its memory and itself."""

from __future__ import annotations

import resource
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import psutil

from app import __version__
from app.engine.needs import shown_capabilities
from app.engine.runtime import Runtime
from app.engine.statistics import Statistics
from app.ports import Provider
from app.resilience.clock import Clock
from contracts.config import ProviderConfig
from contracts.errors import AuthenticationError, QuotaExceededError, RateLimitExceededError
from contracts.providers import CircuitState, ProviderHealth, ProviderInfo, ProviderStatus, ProviderType
from contracts.reports import Dependencies, DependencyState, HealthReport, HealthState, MemoryReport, MemoryUsage

MEGABYTE = 2**20
_LIMITS = {RateLimitExceededError.error_type, QuotaExceededError.error_type}
_KEY_REFUSED = AuthenticationError.error_type
DependencyFaults = Mapping[str, str | None]
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


class Health:
    """Reports on the current snapshot. `tested` holds the outcome of each provider's last test.

    `dependency_faults` tells of each thing that the service leans on why it is down, or None while it is well; what is
    not named is off. `rows_lost`: as `Books.lost`.
    """

    def __init__(
        self,
        statistics: Statistics,
        clock: Clock,
        *,
        dependency_faults: Callable[[], DependencyFaults] = dict,
        rows_lost: Callable[[], int] = int,
    ) -> None:
        self._statistics = statistics
        self._clock = clock
        self._dependency_faults = dependency_faults
        self._rows_lost = rows_lost
        self._process = psutil.Process()
        self.tested: dict[str, ProviderHealth] = {}

    def info(self, provider: Provider, runtime: Runtime) -> ProviderInfo:
        """One provider row as it stands now."""
        row = runtime.config.providers[provider.name]
        reason = unusable_reason(provider, runtime)
        tally = self._statistics.tally(provider.name)
        rests_for = runtime.routes.rests_for(provider.name)
        has_latency = runtime.config.enable_performance_monitoring
        admission = runtime.routes.row(provider.name).admission
        return ProviderInfo(
            name=provider.name,
            type=provider.type,
            enabled=row.enabled,
            usable=reason is None,
            unusable_reason=reason,
            status=self.provider(provider, runtime).status,
            models=_models(row, provider),
            default_model=provider.default_model,
            capabilities=shown_capabilities(provider),
            circuit_state=runtime.routes.circuit_state(provider.name),
            cooling_until=self._clock.now() + timedelta(seconds=rests_for) if rests_for else None,
            average_latency_ms=tally.latency.mean() if has_latency else None,
            success_rate=tally.success_rate(),
            last_success=tally.last_success,
            last_failure=tally.last_failure,
            last_error=tally.last_error,
            rate_limits=provider.rate_limits(),
            in_flight=admission.in_flight,
            queued=admission.queued,
        )

    def provider(self, provider: Provider, runtime: Runtime) -> ProviderHealth:
        """What the last calls, or a later test, showed."""
        tally = self._statistics.tally(provider.name)
        called = max((at for at in (tally.last_success, tally.last_failure) if at), default=None)
        tested = self.tested.get(provider.name)
        reason = unusable_reason(provider, runtime)
        if tested and tested.checked_at and reason is None and (called is None or tested.checked_at >= called):
            return tested.model_copy(update={"success_rate": tally.success_rate()})
        opened_by = runtime.routes.circuit_reason(provider.name)
        return ProviderHealth(
            provider=provider.name,
            status=self._status(provider, runtime),
            latency_ms=tally.last_latency_ms if runtime.config.enable_performance_monitoring else None,
            checked_at=called,
            error_message=reason
            or (f"the circuit is open: {_told(opened_by)}" if opened_by else self._last_error(provider)),
            success_rate=tally.success_rate(),
        )

    def report(self, runtime: Runtime | None) -> HealthReport:
        """The full report; `runtime` None: the service is not started."""
        providers = [self.provider(each, runtime) for each in runtime.providers.values()] if runtime else []
        faults = self._dependency_faults()
        state = _overall(runtime, providers, faults)
        memory = self._memory()
        return HealthReport(
            status=state,
            service_status=state,
            providers=providers,
            total_providers=len(providers),
            enabled_providers=sum(row.enabled for row in runtime.config.providers.values()) if runtime else 0,
            total_requests=self._statistics.requests,
            uptime=round(self._statistics.uptime_seconds(), 3) if runtime else 0.0,
            memory_usage=memory,
            dependencies=_dependencies(faults),
            dependency_faults={name: fault for name, fault in faults.items() if fault is not None},
            ledger_rows_lost=self._rows_lost(),
            version=__version__,
            timestamp=self._clock.now().isoformat(),
        )

    def memory(self) -> MemoryReport:
        """Memory of this process and its limits."""
        machine, used = psutil.virtual_memory(), self._memory()
        return MemoryReport(
            **used,
            available=_megabytes(machine.available),
            total=_megabytes(machine.total),
            limit=_limit(machine.total),
        )

    def _memory(self) -> MemoryUsage:
        used = self._process.memory_info()
        percent = round(self._process.memory_percent(), 2)
        return MemoryUsage(rss=_megabytes(used.rss), vms=_megabytes(used.vms), percent=percent)

    def _status(self, provider: Provider, runtime: Runtime) -> ProviderStatus:
        if unusable_reason(provider, runtime) is not None:
            return ProviderStatus.OFFLINE
        circuit = runtime.routes.circuit_state(provider.name)
        if circuit is CircuitState.OPEN:
            return ProviderStatus.UNHEALTHY
        if runtime.routes.rests_for(provider.name):
            return ProviderStatus.RATE_LIMITED
        tally = self._statistics.tally(provider.name)
        if not tally.recent:
            return ProviderStatus.UNKNOWN
        if not any(tally.recent):
            # A limit that has passed says nothing against the next call.
            return ProviderStatus.DEGRADED if tally.last_error in _LIMITS else ProviderStatus.UNHEALTHY
        is_good = all(tally.recent) and circuit is CircuitState.CLOSED
        return ProviderStatus.HEALTHY if is_good else ProviderStatus.DEGRADED

    def _last_error(self, provider: Provider) -> str | None:
        tally = self._statistics.tally(provider.name)
        is_failed = tally.recent and not tally.recent[-1]
        return f"the last call failed: {_told(tally.last_error)}" if is_failed else None


def unusable_reason(provider: Provider, runtime: Runtime) -> str | None:
    """Why the row cannot serve: switched off, or lacking something."""
    if not runtime.config.providers[provider.name].enabled:
        return f"{provider.name} is disabled"
    return provider.unusable_reason()


def _models(row: ProviderConfig, provider: Provider) -> list[str]:
    """What the row is restricted to; the embedded model is one, whatever the configuration says."""
    return list(row.models) or ([provider.default_model] if provider.type is ProviderType.LOCAL else [])


def _told(error_type: str | None) -> str:
    """An error_type; the one that somebody here must mend says so."""
    return f"{error_type} (it refused our key: set it anew)" if error_type == _KEY_REFUSED else f"{error_type}"


def _dependencies(faults: DependencyFaults) -> Dependencies:
    def state(name: str) -> DependencyState:
        if name not in faults:
            return "off"
        return "ok" if faults[name] is None else "down"

    return Dependencies(redis=state("redis"), kafka=state("kafka"), database=state("database"))


def _overall(runtime: Runtime | None, known: list[ProviderHealth], faults: DependencyFaults) -> HealthState:
    """Healthy while every row that could serve does, and nothing that the service leans on is down.

    Degraded while one does; rows without a key do not count.
    """
    if runtime is None:
        return "not_started"
    states = [row.status for row in known if unusable_reason(runtime.providers[row.provider], runtime) is None]
    bad = {ProviderStatus.UNHEALTHY, ProviderStatus.RATE_LIMITED, ProviderStatus.OFFLINE}
    if not states or bad.issuperset(states):
        return "unhealthy"
    is_well = {ProviderStatus.HEALTHY, ProviderStatus.UNKNOWN}.issuperset(states)
    is_supported = all(fault is None for fault in faults.values())
    return "healthy" if is_well and is_supported else "degraded"


def _limit(machine_bytes: int) -> float | None:
    """The container's or the process's memory limit in MB, whichever is lower; None without one."""
    limits = [limit for limit in (_container_limit(), _process_limit()) if limit is not None and limit < machine_bytes]
    return _megabytes(min(limits)) if limits else None


def _container_limit() -> int | None:
    try:
        text = _CGROUP_LIMIT.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _process_limit() -> int | None:
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft


def _megabytes(count: int) -> float:
    return round(count / MEGABYTE, 1)
