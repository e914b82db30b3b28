"""The service: one method for each thing it can do, each a few lines over the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

from app import __version__
from app.bootstrap import Rooms, Witnesses, open_rooms, settings_for
from app.engine.batch import process_all
from app.engine.circuits import circuits_of
from app.engine.comparison import compare
from app.engine.explanation import explain
from app.engine.health import Health
from app.engine.intake import Order, take_in
from app.engine.model_list import ModelList
from app.engine.provider_overview import check_sight, overview_of, seen_by
from app.engine.refusals import Refusals
from app.engine.selection import find_provider
from app.engine.statistics import Statistics
from app.engine.surface_intake import take_in_surface
from app.engine.verdict_format import demanding_a_verdict
from app.ports.keys import KeyVerifier
from app.resilience.clock import Clock
from app.settings import Settings
from app.token_count_service import TokenCountService
from contracts.cache import CacheStats
from contracts.caller import IN_PROCESS_CALLER, Caller
from contracts.circuits import CircuitBreakerInfo
from contracts.comparison import ComparisonRequest, ComparisonResponse
from contracts.config import ConfigView, LLMProviderConfig
from contracts.errors import ConfigurationError, LLMProviderError, ServiceNotStartedError
from contracts.explanation import Explanation
from contracts.models import ModelInfo
from contracts.provider_overview import ProviderOverview
from contracts.providers import ProviderHealth, ProviderInfo, ProviderType, provider_name
from contracts.reports import HealthReport, MemoryReport, ServiceStatus
from contracts.requests import LLMRequest
from contracts.responses import LLMResponse
from contracts.streams import AnswerStream
from contracts.surfaces import Completion, SurfaceRequest


class _TakeIn(Protocol):
    """Makes an order of a request, by the configuration of the moment."""

    def __call__(self, *, now: datetime, config: LLMProviderConfig) -> Order: ...


class LLMProviderService(TokenCountService):
    """The one implementation of the contract.

    `LLMProviderService(config)` takes keys that the configuration leaves open from the environment;
    `settings` given instead is used as it is. Both at once is a ConfigurationError.
    """

    def __init__(
        self, config: LLMProviderConfig | None = None, *, settings: Settings | None = None, clock: Clock | None = None
    ) -> None:
        if config is not None and settings is not None:
            raise ConfigurationError("give config or settings, which holds a config of its own, not both")
        self._config = config
        self._settings = settings
        self._clock = clock or Clock()
        self._statistics = Statistics(self._clock)
        self._health = Health(self._statistics, self._clock)
        self._models = ModelList()
        self._opened: Rooms | None = None

    async def start(self) -> None:
        """Opens what the service holds. Idempotent. Raises ConfigurationError."""
        if self._opened is None:
            settings = self._settings or settings_for(self._config)
            opened = open_rooms(settings, self._statistics, self._clock)
            try:
                await opened.start()
            except BaseException:
                await opened.aclose()
                raise
            self._opened, self._health = opened, opened.health
            self._statistics.service_started()

    async def stop(self) -> None:
        """Closes all of it. Idempotent."""
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.aclose()

    @property
    def witnesses(self) -> Witnesses:
        """Who counts what the HTTP edge answers, and shows it to Prometheus. Raises ServiceNotStartedError."""
        return self._rooms().witnesses

    @property
    def refusals(self) -> Refusals:
        """Who is told of each request that may not administrate. Raises ServiceNotStartedError."""
        return self._rooms().refusals

    @property
    def key_verifier(self) -> KeyVerifier:
        """Who knows the callers' keys that are not configured. Raises ServiceNotStartedError."""
        return self._rooms().key_ring

    def is_running(self) -> bool:
        """Whether `start` was called, and `stop` not since."""
        return self._opened is not None

    async def process_request(
        self,
        request: LLMRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> LLMResponse:
        """See the contract."""
        rooms = self._opened or self._rooms()
        snapshots = rooms.store.snapshots
        runtime = snapshots.take()
        try:
            now = rooms.clock.now()
            order = take_in(request, caller, now=now, is_stream=False, config=runtime.config, headers=headers)
            return (await rooms.plain.completion(order, runtime)).response
        finally:
            snapshots.give_back(runtime)

    async def process_stream(
        self,
        request: LLMRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> AnswerStream:
        """See the contract."""
        return await self._opened_stream(partial(take_in, request, caller, is_stream=True, headers=headers))

    async def process_batch(
        self,
        requests: Sequence[LLMRequest],
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> list[LLMResponse | LLMProviderError]:
        """See the contract."""
        most = self._rooms().store.view().config.max_batch_size
        process = partial(self.process_request, caller=caller, headers=headers)
        return await process_all(requests, process, max_size=most)

    async def explain(self, request: LLMRequest, *, caller: Caller = IN_PROCESS_CALLER) -> Explanation:
        """See the contract."""
        rooms = self._rooms()
        with rooms.store.snapshots.taken() as runtime:
            order = take_in(request, caller, now=rooms.clock.now(), is_stream=False, config=runtime.config)
            return explain(order, runtime, rooms.clock)

    async def complete(
        self,
        request: SurfaceRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> Completion:
        """See the contract."""
        rooms = self._opened or self._rooms()
        snapshots = rooms.store.snapshots
        runtime = snapshots.take()
        try:
            order = take_in_surface(request, caller, now=rooms.clock.now(), config=runtime.config, headers=headers)
            return await rooms.plain.completion(order, runtime)
        finally:
            snapshots.give_back(runtime)

    async def complete_stream(
        self,
        request: SurfaceRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> AnswerStream:
        """See the contract."""
        return await self._opened_stream(partial(take_in_surface, request, caller, headers=headers))

    async def _opened_stream(self, take: _TakeIn) -> AnswerStream:
        rooms = self._opened or self._rooms()
        snapshots = rooms.store.snapshots
        runtime = snapshots.take()
        try:
            order = take(now=rooms.clock.now(), config=runtime.config)
            return await rooms.streamed.open(order, runtime, lambda: snapshots.give_back(runtime))
        except BaseException:
            snapshots.give_back(runtime)
            raise

    async def compare(
        self,
        request: ComparisonRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> ComparisonResponse:
        """See the contract."""
        rooms = self._rooms()
        with rooms.store.snapshots.taken() as runtime:

            async def ask(asked: LLMRequest) -> LLMResponse:
                now = rooms.clock.now()
                order = take_in(asked, caller, now=now, is_stream=False, config=runtime.config, headers=headers)
                return await rooms.plain.answer(demanding_a_verdict(order), runtime)

            return await compare(request, ask)

    async def compare_batch(
        self,
        requests: Sequence[ComparisonRequest],
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> list[ComparisonResponse | LLMProviderError]:
        """See the contract."""
        most = self._rooms().store.view().config.max_batch_size
        judge = partial(self.compare, caller=caller, headers=headers)
        return await process_all(requests, judge, max_size=most)

    async def get_models(self, *, caller: Caller = IN_PROCESS_CALLER) -> list[ModelInfo]:
        """See the contract."""
        rooms = self._rooms()
        with rooms.store.snapshots.taken() as runtime:
            return await self._models.of(runtime, caller, rooms.clock.now())

    async def get_model(self, model: str, *, caller: Caller = IN_PROCESS_CALLER) -> ModelInfo:
        """See the contract."""
        rooms = self._rooms()
        with rooms.store.snapshots.taken() as runtime:
            return await self._models.one(model, runtime, caller, rooms.clock.now())

    async def get_providers(self, *, caller: Caller = IN_PROCESS_CALLER) -> list[ProviderInfo]:
        """See the contract."""
        rooms = self._rooms()
        runtime = rooms.store.snapshots.current
        return [self._health.info(provider, runtime) for provider in seen_by(caller, runtime)]

    async def get_provider_overview(self, *, caller: Caller = IN_PROCESS_CALLER) -> ProviderOverview:
        """See the contract."""
        return overview_of(self._rooms().store.snapshots.current, self._health, caller)

    async def get_provider_info(
        self, provider: str | ProviderType, *, caller: Caller = IN_PROCESS_CALLER
    ) -> ProviderInfo:
        """See the contract."""
        runtime = self._rooms().store.snapshots.current
        found = find_provider(runtime, provider_name(provider))
        check_sight(caller, found)
        return self._health.info(found, runtime)

    async def get_provider_health(self, provider: str | ProviderType) -> ProviderHealth:
        """See the contract."""
        runtime = self._rooms().store.snapshots.current
        return self._health.provider(find_provider(runtime, provider_name(provider)), runtime)

    async def get_circuit_breakers(self) -> list[CircuitBreakerInfo]:
        """See the contract."""
        rooms = self._rooms()
        runtime = rooms.store.snapshots.current
        return [circuits_of(name, runtime, rooms.clock) for name in runtime.providers]

    async def get_cache_stats(self) -> CacheStats:
        """See the contract."""
        rooms = self._rooms()
        return await rooms.cache.stats(rooms.store.view().config.cache)

    async def health_check(self) -> HealthReport:
        """See the contract."""
        return self._health.report(self._opened.store.snapshots.current if self._opened else None)

    async def memory_report(self) -> MemoryReport:
        """See the contract."""
        return self._health.memory()

    async def get_status(self) -> ServiceStatus:
        """See the contract."""
        uptime = round(self._statistics.uptime_seconds(), 3) if self._opened else 0.0
        return ServiceStatus(status="running" if self._opened else "stopped", version=__version__, uptime=uptime)

    async def get_configuration(self) -> ConfigView:
        """See the contract."""
        return self._rooms().store.view()

    def _rooms(self) -> Rooms:
        if self._opened is None:
            raise ServiceNotStartedError("the service is not started: call start() first")
        return self._opened
