"""A service that does what a test tells it to, and notes what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from contracts import (
    IN_PROCESS_CALLER,
    CacheCleared,
    CacheStats,
    Caller,
    CircuitBreakerInfo,
    ComparisonRequest,
    ComparisonResponse,
    ConfigView,
    EmbeddingRequest,
    EmbeddingResponse,
    Explanation,
    HealthReport,
    LLMProviderConfig,
    LLMProviderConfigUpdate,
    LLMProviderError,
    LLMRequest,
    LLMResponse,
    LLMServiceStatistics,
    MemoryReport,
    ProviderHealth,
    ProviderInfo,
    ProviderNotFoundError,
    ProviderOverview,
    ProviderStatus,
    ProviderType,
    ServiceStatus,
    Usage,
)
from tests.unit.http.fake_books import FakeBooks
from tests.unit.http.fake_keys import FakeKeys
from tests.unit.http.fake_stream import FakeStream
from tests.unit.http.fake_surfaces import FakeSurfaces

NOW = datetime(2026, 11, 21, 20, 45, tzinfo=UTC)
ANSWER = LLMResponse.model_validate(LLMResponse.model_json_schema()["example"])
VERDICT = ComparisonResponse.model_validate(ComparisonResponse.model_json_schema()["example"])
EXPLANATION = Explanation.model_validate(Explanation.model_json_schema()["example"])
INFO = ProviderInfo.model_validate(ProviderInfo.model_json_schema()["example"])
OVERVIEW = ProviderOverview.model_validate(ProviderOverview.model_json_schema()["example"])
CACHE = CacheStats.model_validate(CacheStats.model_json_schema()["example"])
CIRCUITS = CircuitBreakerInfo.model_validate(CircuitBreakerInfo.model_json_schema()["example"])
STATISTICS = LLMServiceStatistics(total_cost_usd=Decimal(0), uptime_seconds=1.0, since=NOW)


def health_report(**changes: Any) -> HealthReport:
    """A healthy report with `changes`."""
    report: HealthReport = {
        "status": "healthy",
        "service_status": "healthy",
        "providers": [],
        "total_providers": 1,
        "enabled_providers": 1,
        "total_requests": 0,
        "uptime": 1.0,
        "memory_usage": {"rss": 1.0, "vms": 2.0, "percent": 0.1},
        "dependencies": {"redis": "off", "kafka": "off", "database": "off"},
        "dependency_faults": {},
        "ledger_rows_lost": 0,
        "version": "0",
        "timestamp": NOW.isoformat(),
    }
    return {**report, **changes}  # type: ignore[typeddict-item]


class FakeService(FakeBooks, FakeKeys, FakeSurfaces):
    """`answer` is given, or raised; with `hold` set, a call waits for it and says when it began and was cancelled."""

    def __init__(self) -> None:
        super().__init__()
        FakeKeys.__init__(self)
        FakeSurfaces.__init__(self)
        self.answer: LLMResponse | BaseException = ANSWER
        self.stream: FakeStream | Exception = FakeStream()
        self.config = LLMProviderConfig(max_batch_size=3, max_request_bytes=2048)
        self.report = health_report()
        self.hold: asyncio.Event | None = None
        self.began = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.asked: list[LLMRequest] = []
        self.callers: list[Caller] = []
        self.headers: dict[str, str] = {}
        self.running = False
        self.clearing: int | Exception = 3
        self.cleared: list[tuple[str | None, str | None]] = []

    async def start(self) -> None:
        self.running = True

    async def stop(self) -> None:
        self.running = False

    def is_running(self) -> bool:
        return self.running

    async def process_request(
        self,
        request: LLMRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> LLMResponse:
        self.asked.append(request)
        self.headers = dict(headers or {})
        self.callers.append(caller)
        await self._wait()
        if isinstance(self.answer, BaseException):
            raise self.answer
        assert request.request_id is not None
        assert request.correlation_id is not None
        ids = {"request_id": request.request_id, "correlation_id": request.correlation_id}
        return self.answer.model_copy(update=ids)

    async def process_stream(
        self,
        request: LLMRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> FakeStream:
        self.asked.append(request)
        self.headers = dict(headers or {})
        await self._wait()
        if isinstance(self.stream, Exception):
            raise self.stream
        return self.stream

    async def process_batch(
        self,
        requests: Sequence[LLMRequest],
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> list[LLMResponse | LLMProviderError]:
        self.asked.extend(requests)
        self.headers = dict(headers or {})
        if isinstance(self.answer, LLMProviderError):
            return [self.answer for _ in requests]
        assert isinstance(self.answer, LLMResponse)
        return [self.answer for _ in requests]

    async def explain(self, request: LLMRequest, *, caller: Caller = IN_PROCESS_CALLER) -> Explanation:
        self.asked.append(request)
        self.callers.append(caller)
        return EXPLANATION

    async def embed(
        self,
        request: EmbeddingRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> EmbeddingResponse:
        self.headers = dict(headers or {})
        self.callers.append(caller)
        await self._wait()
        return EmbeddingResponse(
            request_id=request.request_id or "r",
            correlation_id=request.correlation_id or "c",
            embeddings=[[float(len(text))] for text in request.input],
            provider=INFO.name,
            model="m",
            usage=Usage(input_tokens=1, output_tokens=0, total_tokens=1),
            attempts=[],
            latency=ANSWER.latency,
            created_at=NOW,
        )

    async def compare(
        self,
        request: ComparisonRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> ComparisonResponse:
        self.headers = dict(headers or {})
        self.callers.append(caller)
        await self._wait()
        return VERDICT

    async def compare_batch(
        self,
        requests: Sequence[ComparisonRequest],
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> list[ComparisonResponse | LLMProviderError]:
        self.headers = dict(headers or {})
        return [VERDICT for _ in requests]

    async def get_providers(self, *, caller: Caller = IN_PROCESS_CALLER) -> list[ProviderInfo]:
        return [INFO]

    async def get_provider_overview(self, *, caller: Caller = IN_PROCESS_CALLER) -> ProviderOverview:
        return OVERVIEW

    async def get_provider_info(
        self, provider: str | ProviderType, *, caller: Caller = IN_PROCESS_CALLER
    ) -> ProviderInfo:
        if provider != INFO.name:
            raise ProviderNotFoundError("no such provider; configured: local")
        return INFO

    async def enable_provider(self, provider: str | ProviderType) -> bool:
        return True

    async def disable_provider(self, provider: str | ProviderType) -> bool:
        return True

    async def test_provider(self, provider: str | ProviderType, *, deep: bool = False) -> ProviderHealth:
        await self._wait()
        return ProviderHealth(provider=str(provider), status=ProviderStatus.HEALTHY)

    async def get_provider_health(self, provider: str | ProviderType) -> ProviderHealth:
        return ProviderHealth(provider=str(provider), status=ProviderStatus.UNKNOWN)

    async def get_circuit_breakers(self) -> list[CircuitBreakerInfo]:
        return [CIRCUITS]

    async def reset_circuit_breaker(self, provider: str | ProviderType, model: str | None = None) -> CircuitBreakerInfo:
        return CIRCUITS.model_copy(update={"provider": str(provider)})

    async def get_cache_stats(self) -> CacheStats:
        return CACHE

    async def clear_cache(
        self, *, provider: str | ProviderType | None = None, model: str | None = None
    ) -> CacheCleared:
        if isinstance(self.clearing, Exception):
            raise self.clearing
        self.cleared.append((provider, model))
        return CacheCleared(cleared=self.clearing, provider=provider, model=model)

    async def health_check(self) -> HealthReport:
        return self.report

    async def memory_report(self) -> MemoryReport:
        return MemoryReport(rss=1, vms=2, percent=0.1, available=3, total=4)

    async def get_status(self) -> ServiceStatus:
        return ServiceStatus(status="running", version="0", uptime=1.0)

    async def get_statistics(self) -> LLMServiceStatistics:
        return STATISTICS

    async def reset_statistics(self) -> LLMServiceStatistics:
        return STATISTICS

    async def get_configuration(self) -> ConfigView:
        return ConfigView(revision=7, config=self.config)

    async def update_configuration(
        self, update: LLMProviderConfigUpdate | Mapping[str, Any], *, expected_revision: int | None = None
    ) -> ConfigView:
        return ConfigView(revision=8, config=self.config)

    async def _wait(self) -> None:
        self.began.set()
        if self.hold is None:
            return
        try:
            await self.hold.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
