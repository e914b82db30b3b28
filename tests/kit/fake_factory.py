"""What does a configuration become in a test of the store alone? Scripted providers, and each of them is remembered."""

from __future__ import annotations

from typing import Any

from app.engine.config_store import FIRST_REVISION, ConfigStore
from app.engine.runtime import Runtime
from app.ports.books import ConfigRevisions
from app.resilience.routes import Routes
from contracts import ConfigurationError, LLMProviderConfig, ProviderConfig
from tests.kit.fake_provider import FakeProvider
from tests.kit.virtual_time import HandClock

BAD_KEY = "sk-no-such-key"


class FakeFactory:
    """Builds a scripted provider for each row; a row that did not change is taken over. Remembers all it made."""

    def __init__(self) -> None:
        self.made: list[FakeProvider] = []
        self.routes = Routes(LLMProviderConfig().circuit_breaker, HandClock().clock)

    def build(self, config: LLMProviderConfig, revision: int, previous: Runtime | None) -> Runtime:
        """Raises ConfigurationError for the bad key."""
        providers = {name: self._provider(name, row, previous) for name, row in config.providers.items()}
        return Runtime(revision, config, providers, self.routes)

    def check(self, config: LLMProviderConfig, previous: Runtime) -> None:
        """Raises ConfigurationError for the bad key."""
        for name, row in config.providers.items():
            self._check_key(name, row)

    def _provider(self, name: str, row: ProviderConfig, previous: Runtime | None) -> Any:
        self._check_key(name, row)
        if previous and previous.config.providers.get(name) == row:
            return previous.providers[name]
        self.made.append(FakeProvider(name, kind=row.type))
        return self.made[-1]

    def _check_key(self, name: str, row: ProviderConfig) -> None:
        if row.api_key and row.api_key.get_secret_value() == BAD_KEY:
            raise ConfigurationError(f"providers.{name}.api_key: is not there")


def store_on(
    revisions: ConfigRevisions,
    config: LLMProviderConfig | None = None,
    *,
    factory: FakeFactory | None = None,
    may_edit_upstreams: bool = False,
) -> ConfigStore:
    """A store of one process: its file and environment say `config`."""
    factory = factory or FakeFactory()
    first = factory.build(config or LLMProviderConfig(), FIRST_REVISION, None)
    return ConfigStore(factory, first, revisions, may_edit_upstreams=may_edit_upstreams)
