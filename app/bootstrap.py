"""The composition root: settings become a service. The only file that names concrete classes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial

from app import __version__, pricing
from app.engine.answer_cache import AnswerCache
from app.engine.config_store import ConfigStore
from app.engine.embeddings import EmbeddingCalls
from app.engine.health import Health
from app.engine.plain import PlainCalls
from app.engine.probe import Probe
from app.engine.runtime import Runtime
from app.engine.statistics import Statistics
from app.engine.steering import Steering
from app.engine.stream import StreamedCalls
from app.local_model import LocalModel, LocalModelSettings
from app.ports import Limiter, Provider, RequestRecord, ResponseCache
from app.providers import build_provider
from app.resilience.clock import Clock
from app.resilience.routes import Routes
from app.settings import Settings, load_settings
from app.stores.memory_cache import MemoryCache
from app.upstream import UpstreamClient
from contracts.calls import ModelCall
from contracts.config import LLMProviderConfig, ProviderConfig
from contracts.errors import ConfigurationError

# Limits of load: what may change without a row being made anew.
_LIMITS = ("max_concurrency", "max_queue", "requests_per_minute", "tokens_per_minute")


class OpenLimiter:
    """Lets every call through: limits come with caller keys."""

    async def admit(self, call: ModelCall) -> None:
        """Nothing is refused."""

    def settle(self, record: RequestRecord) -> None:
        """Nothing is counted."""


@dataclass(slots=True)
class Rooms:
    """What is opened by `open_rooms` and closed by `aclose`, in reverse order."""

    store: ConfigStore
    plain: PlainCalls
    streamed: StreamedCalls
    embeddings: EmbeddingCalls
    probe: Probe
    health: Health
    statistics: Statistics
    clock: Clock
    upstream: UpstreamClient
    model: LocalModel
    cache: AnswerCache
    cache_store: ResponseCache

    async def aclose(self) -> None:
        """Ends rows, the embedded model, and the HTTP client, each even if one before it fails."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.upstream.aclose)
            stack.push_async_callback(self.model.aclose)
            stack.push_async_callback(self.store.aclose)
            stack.push_async_callback(self.cache_store.aclose)
            stack.push_async_callback(self.streamed.aclose)
            stack.push_async_callback(self.plain.aclose)


@dataclass(slots=True)
class Providers:
    """Builds snapshots: rows that did not change are taken over, with what is known of their routes."""

    settings: Settings
    upstream: UpstreamClient
    model: LocalModel
    clock: Clock
    cache_store: ResponseCache
    _routes: Routes | None = field(default=None, init=False)

    def build(self, config: LLMProviderConfig, revision: int, previous: Runtime | None) -> Runtime:
        """Raises ConfigurationError when a key's variable or file is missing."""
        providers = {name: self._provider(name, row, previous) for name, row in config.providers.items()}
        routes = self._routes_after(previous, config, providers)
        routes.adopt_limits(config.providers)
        self.cache_store.adopt(config.cache)
        if any(_is_paid(config.providers[name], provider) for name, provider in providers.items()):
            pricing.preload()
        return Runtime(revision, config, providers, routes, steering=self._steering_after(previous, providers))

    def _routes_after(
        self, previous: Runtime | None, config: LLMProviderConfig, providers: Mapping[str, Provider]
    ) -> Routes:
        if previous is None:
            return Routes(config.circuit_breaker, self.clock)
        return previous.routes.successor(config.circuit_breaker, without=_changed(previous, providers))

    def _steering_after(self, previous: Runtime | None, providers: Mapping[str, Provider]) -> Steering:
        if previous is None:
            return Steering(self.clock)
        for name in _changed(previous, providers):
            previous.steering.forget(name)
        return previous.steering

    def _provider(self, name: str, row: ProviderConfig, previous: Runtime | None) -> Provider:
        if previous and name in previous.providers and _connects_alike(previous.config.providers[name], row):
            return previous.providers[name]
        api_key = self._key(name, row)
        return build_provider(
            name, row, upstream=self.upstream, model_server=self.model, api_key=api_key, clock=self.clock.now
        )

    def _key(self, name: str, row: ProviderConfig) -> str | None:
        if row.api_key is None:
            return None
        try:
            return self.settings.resolve(row.api_key)
        except ConfigurationError as error:
            raise ConfigurationError(f"providers.{name}.api_key: {error}", errors=error.errors) from error


def settings_for(config: LLMProviderConfig | None) -> Settings:
    """The settings of a service that is used from Python: `config`, what it leaves open from the environment."""
    return load_settings(env_file=None, config=config)


def open_rooms(settings: Settings, statistics: Statistics, clock: Clock) -> Rooms:
    """Everything that the service holds, wired. Sends nothing and starts no process.

    Raises ConfigurationError.
    """
    upstream = UpstreamClient(version=__version__)
    model = LocalModel(LocalModelSettings(model_path=settings.local_model_path))
    cache_store = _cache_store(settings, clock)
    cache = AnswerCache(cache_store)
    factory = Providers(settings, upstream, model, clock, cache_store)
    store = ConfigStore(factory, settings.config, may_edit_upstreams=settings.allow_upstream_edits)
    limiter: Limiter = OpenLimiter()
    observers = (statistics, cache)
    return Rooms(
        store=store,
        plain=PlainCalls(observers, limiter, clock, cache),
        streamed=StreamedCalls(observers, limiter, clock, cache),
        embeddings=EmbeddingCalls(observers, limiter, clock),
        probe=Probe(statistics, limiter, clock),
        health=Health(statistics, clock, dependency_faults=partial(_faults, cache_store)),
        statistics=statistics,
        clock=clock,
        upstream=upstream,
        model=model,
        cache=cache,
        cache_store=cache_store,
    )


def _cache_store(settings: Settings, clock: Clock) -> ResponseCache:
    if settings.redis_url is None:
        return MemoryCache(settings.config.cache, clock=clock.monotonic)
    # Only here: its client's import is a matter of megabytes and of who asked for it.
    from app.stores.redis_cache import RedisCache

    return RedisCache(settings.redis_url.get_secret_value(), settings.config.cache)


def _faults(cache_store: ResponseCache) -> dict[str, str | None]:
    """Of what the service leans on, by name: why it is down. Memory is the service's own."""
    return {} if cache_store.backend == "memory" else {cache_store.backend: cache_store.fault()}


def _changed(previous: Runtime, providers: Mapping[str, Provider]) -> list[str]:
    """The rows of which nothing that was learnt holds any more."""
    return [name for name, provider in previous.providers.items() if providers.get(name) is not provider]


def _connects_alike(before: ProviderConfig, after: ProviderConfig) -> bool:
    """Whether only `enabled` or how calls are made has changed, so that connections, circuits and queues stay."""
    ignored = {"enabled", "stream_upstream", "weight", *_LIMITS}
    return before.model_copy(update={name: getattr(after, name) for name in ignored}) == after


def _is_paid(row: ProviderConfig, provider: Provider) -> bool:
    return row.enabled and not pricing.is_free(row.type) and provider.unusable_reason() is None
