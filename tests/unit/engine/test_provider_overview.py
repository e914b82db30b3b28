"""Who is asked first, and how does each row stand?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.engine.health import Health
from app.engine.provider_overview import overview_of
from app.engine.runtime import Runtime
from app.engine.statistics import Statistics
from app.resilience.routes import Routes
from contracts import (
    IN_PROCESS_CALLER,
    Caller,
    CircuitState,
    LLMProviderConfig,
    ProviderOverview,
    ProviderStanding,
    ProviderType,
    ProviderUnavailableError,
    SelectionStrategy,
)
from tests.kit.fake_provider import FakeProvider
from tests.kit.virtual_time import HandClock

USABLE = {"alpha", "beta", "local"}


class House:
    """Rows of which two vendors and the embedded model can serve; all others have no key."""

    def __init__(self, **config: Any) -> None:
        hand = HandClock()
        rows = {name: {"type": "mock", "enabled": True} for name in ("keyless", "alpha", "beta")}
        made = LLMProviderConfig.model_validate(
            {"providers": rows, "fallback_order": ["keyless", "beta", "alpha"], **config}
        )
        providers = {name: _provider(name, row.type) for name, row in made.providers.items()}
        self.routes = Routes(made.circuit_breaker, hand.clock)
        self._runtime = Runtime(1, made, providers, self.routes)
        self._health = Health(Statistics(hand.clock), hand.clock)

    def overview(self, caller: Caller = IN_PROCESS_CALLER) -> ProviderOverview:
        """As it stands now."""
        return overview_of(self._runtime, self._health, caller)

    @property
    def alpha(self) -> ProviderStanding:
        """The row alpha."""
        (row,) = [row for row in self.overview().providers if row.name == "alpha"]
        return row

    def fail(self, model: str, times: int) -> None:
        """So many requests at alpha fail in a row."""
        for _ in range(times):
            self.routes.route("alpha", model).admit().fail(ProviderUnavailableError("down"))


def _provider(name: str, kind: ProviderType) -> FakeProvider:
    return FakeProvider(name, kind=kind, unusable=None if name in USABLE else f"{name} has no key: set KEY")


@pytest.mark.parametrize(
    "config,first",
    [
        ({}, "beta"),
        ({"default_provider": "alpha"}, "alpha"),
        ({"default_provider": "keyless"}, "beta"),
        ({"enabled_providers": ["keyless", "alpha", "local"]}, "alpha"),
        ({"enabled_providers": ["keyless", "local"]}, "local"),
        ({"enabled_providers": ["keyless"]}, None),
        ({"enabled_providers": ["keyless", "alpha", "local"], "fallback_order": ["local"]}, "local"),
    ],
)
def test_overview_names_who_is_asked_first(config: dict[str, Any], first: str | None) -> None:
    """The first of the order that is usable; the embedded model only where nobody else is, or where it is named."""
    assert House(**config).overview().default_provider == first


def test_overview_names_the_strategy() -> None:
    """As it is configured."""
    found = House(selection_strategy="least-cost").overview()
    assert found.selection_strategy is SelectionStrategy.LEAST_COST


def test_overview_shows_every_row_as_it_stands() -> None:
    """In the configuration's order, with all that is told of one row elsewhere."""
    rows = {row.name: row for row in House().overview().providers}
    assert list(rows) == [*LLMProviderConfig().providers, "keyless", "alpha", "beta"]
    assert {name for name, row in rows.items() if row.usable} == USABLE
    assert {row.failures for row in rows.values()} == {0}
    assert rows["keyless"].unusable_reason == "keyless has no key: set KEY"


def test_overview_counts_failures_in_a_row() -> None:
    """Those of the model that fails most; a success ends the row."""
    house = House()
    house.fail("a", 1)
    house.fail("b", 3)
    assert (house.alpha.failures, house.alpha.circuit_state) == (3, CircuitState.CLOSED)
    house.routes.reset("alpha", None)
    assert house.alpha.failures == 0


def test_overview_shows_a_limited_key_what_it_may_use() -> None:
    """Its rows, and who of them is asked first; a key that is limited in its models only sees all."""
    house = House()
    limited = replace(IN_PROCESS_CALLER, providers=frozenset({"alpha", "keyless"}))
    shown = house.overview(limited)
    assert ([row.name for row in shown.providers], shown.default_provider) == (["keyless", "alpha"], "alpha")
    assert house.overview(replace(IN_PROCESS_CALLER, models=frozenset({"x"}))) == house.overview()
