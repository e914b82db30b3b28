"""How does a configuration become rows that can be called? Rows that did not change are taken over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app import pricing
from app.engine.runtime import Runtime
from app.engine.steering import Steering
from app.local_model import LocalModel
from app.ports import Provider, ResponseCache
from app.ports.withheld import Withheld
from app.providers import build_provider
from app.resilience.clock import Clock
from app.resilience.routes import Routes
from app.settings import Settings
from app.upstream import UpstreamClient
from contracts.config import LLMProviderConfig, ProviderConfig
from contracts.errors import ConfigurationError

# Limits of load: what may change without a row being made anew.
_LIMITS = ("max_concurrency", "max_queue", "requests_per_minute", "tokens_per_minute")


@dataclass(slots=True)
class Providers:
    """Builds snapshots: rows that did not change are taken over, with what is known of their routes."""

    settings: Settings
    upstream: UpstreamClient
    model: LocalModel
    clock: Clock
    cache_store: ResponseCache
    withheld: Withheld
    _routes: Routes | None = field(default=None, init=False)

    def build(self, config: LLMProviderConfig, revision: int, previous: Runtime | None) -> Runtime:
        """Raises ConfigurationError when a key's variable or file is missing, or a row cannot be as it says."""
        providers = {name: self._provider(name, row, previous) for name, row in config.providers.items()}
        routes = self._routes_after(previous, config, providers)
        routes.adopt_limits(config.providers)
        self.cache_store.adopt(config.cache)
        if any(_is_paid(config.providers[name], provider) for name, provider in providers.items()):
            pricing.preload()
        return Runtime(revision, config, providers, routes, steering=self._steering_after(previous, providers))

    def check(self, config: LLMProviderConfig, previous: Runtime) -> None:
        """Raises ConfigurationError as `build` does; changes nothing."""
        for name, row in config.providers.items():
            self._provider(name, row, previous)

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
            name,
            row,
            upstream=self.upstream,
            model_server=self.model,
            api_key=api_key,
            withheld=self.withheld,
            clock=self.clock.now,
        )

    def _key(self, name: str, row: ProviderConfig) -> str | None:
        if row.api_key is None:
            return None
        try:
            return self.settings.resolve(row.api_key)
        except ConfigurationError as error:
            raise ConfigurationError(f"providers.{name}.api_key: {error}", errors=error.errors) from error


def _changed(previous: Runtime, providers: Mapping[str, Provider]) -> list[str]:
    """The rows of which nothing that was learnt holds any more."""
    return [name for name, provider in previous.providers.items() if providers.get(name) is not provider]


def _connects_alike(before: ProviderConfig, after: ProviderConfig) -> bool:
    """Whether only `enabled` or how calls are made has changed, so that connections, circuits and queues stay."""
    ignored = {"enabled", "stream_upstream", "weight", "send_trace_context", *_LIMITS}
    return before.model_copy(update={name: getattr(after, name) for name in ignored}) == after


def _is_paid(row: ProviderConfig, provider: Provider) -> bool:
    return row.enabled and not pricing.is_free(row.type) and provider.unusable_reason() is None
