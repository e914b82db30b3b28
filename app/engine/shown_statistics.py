"""Which of the sums may be shown? Latencies only where the configuration has them counted."""

from __future__ import annotations

from contracts.config import LLMProviderConfig
from contracts.reports import LLMServiceStatistics

_LATENCIES = ("p50_ms", "p95_ms", "p99_ms", "ttft_p50_ms", "ttft_p95_ms", "tokens_per_second")


def shown(report: LLMServiceStatistics, config: LLMProviderConfig, *, uptime_seconds: float) -> LLMServiceStatistics:
    """`report`, of all processes, as this one shows it."""
    report = report.model_copy(update={"uptime_seconds": round(uptime_seconds, 3)})
    if config.enable_performance_monitoring:
        return report
    hidden = dict.fromkeys(_LATENCIES)
    rows = {name: row.model_copy(update=hidden) for name, row in report.providers.items()}
    return report.model_copy(update={"average_response_time_ms": None, "providers": rows})
