"""What is opened, taken over and closed when the service, or its configuration, changes?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.bootstrap import OpenLimiter, Providers, Rooms, open_rooms
from app.engine.intake import take_in
from app.engine.runtime import Runtime
from app.engine.statistics import Statistics
from app.local_model import LocalModel, LocalModelSettings
from app.ports.withheld import Withheld
from app.resilience.clock import Clock
from app.settings import Settings
from app.stores.memory_cache import MemoryCache
from app.upstream import UpstreamClient
from contracts import IN_PROCESS_CALLER, CacheConfig, ConfigurationError, LLMProviderConfig, LLMRequest
from contracts.config import config_from_json
from tests.kit.measured_calls import measured

SETTINGS = Settings()
BASE: dict[str, Any] = {"providers": {"mock": {"enabled": True}, "openai": {"api_key": "sk-1"}}}


@pytest.fixture
def factory() -> Providers:
    """Of a process without a network."""
    clock = Clock()
    store = MemoryCache(CacheConfig())
    return Providers(SETTINGS, UpstreamClient(), LocalModel(LocalModelSettings()), clock, store, Withheld())


def built(factory: Providers, previous: Runtime | None = None, **rows: Any) -> Runtime:
    """The next snapshot, `rows` laid over the first ones."""
    providers = {
        name: {**BASE["providers"].get(name, {}), **rows.get(name, {})} for name in {*BASE["providers"], *rows}
    }
    config = LLMProviderConfig.model_validate({"providers": providers})
    return factory.build(config, previous.revision + 1 if previous else 1, previous)


def test_factory_builds_every_row(factory: Providers) -> None:
    """Also those that cannot serve: they say why."""
    runtime = built(factory)
    assert list(runtime.providers) == list(runtime.config.providers)
    assert runtime.providers["openai"].unusable_reason() is None
    assert "set ANTHROPIC_API_KEY" in str(runtime.providers["anthropic"].unusable_reason())
    assert "set DEEPSEEK_API_KEY" in str(runtime.providers["deepseek"].unusable_reason())


LIMITS = {"max_concurrency": 2, "max_queue": 3, "requests_per_minute": 4, "tokens_per_minute": 5}


@pytest.mark.parametrize("row", [{"enabled": False}, {"stream_upstream": True}, {"weight": 5}, LIMITS])
def test_row_that_connects_alike_is_taken_over(factory: Providers, row: dict[str, Any]) -> None:
    """With its connections and what is known of its routes."""
    before = built(factory)
    route = before.routes.route("openai", "m")
    after = built(factory, before, openai=row)
    assert after.providers["openai"] is before.providers["openai"]
    assert after.routes.route("openai", "m") is route


@pytest.mark.parametrize(
    "row",
    [
        {"api_key": "sk-2"},
        {"base_url": "http://127.0.0.1:1"},
        {"default_model": "m2"},
        {"models": ["m2"]},
        {"headers": {"x": "y"}},
        {"type": "deepseek"},
    ],
)
def test_row_that_changed_is_built_anew(factory: Providers, row: dict[str, Any]) -> None:
    """And forgets its routes, while the others keep theirs."""
    before = built(factory)
    changed, other = before.routes.route("openai", "m"), before.routes.route("mock", "m")
    after = built(factory, before, openai=row)
    assert after.providers["openai"] is not before.providers["openai"]
    assert after.providers["mock"] is before.providers["mock"]
    assert after.routes.route("openai", "m") is not changed
    assert after.routes.route("mock", "m") is other


def test_row_that_is_gone_forgets_its_routes(factory: Providers) -> None:
    """A row of that name that comes later begins anew."""
    before = built(factory, own={"type": "mock"})
    route = before.routes.route("own", "m")
    assert built(factory, before).routes.route("own", "m") is not route


def test_factory_keeps_what_steers(factory: Providers) -> None:
    """Turns, conversations and latencies outlive a change; the latencies of a row that is another now do not."""
    before = built(factory)
    latencies, routes = before.steering.latencies, ("openai/m", "mock/m")
    clock = Clock()
    with measured(latencies, clock, routes[0]), measured(latencies, clock, routes[1]):
        after = built(factory, before, openai={"api_key": "sk-2"})
        assert after.steering is before.steering
        assert [latencies.cost(name, to_first_token=False) > 0 for name in routes] == [False, True]


def test_factory_adopts_new_breaker_settings(factory: Providers) -> None:
    """For circuits that exist already too."""
    before = built(factory)
    breaker = before.routes.route("mock", "m").breaker
    config = config_from_json({**BASE, "circuit_breaker": {"enabled": False}})
    after = factory.build(config, 2, before)
    assert after.routes.route("mock", "m").breaker is breaker
    assert after.routes.circuit_state("mock").value == "closed"


def test_factory_names_the_row_whose_key_is_not_there(factory: Providers) -> None:
    """And leaves what was learnt of the others alone."""
    before = built(factory)
    route = before.routes.route("openai", "m")
    with pytest.raises(ConfigurationError, match=r"providers\.second\.api_key: NO_SUCH_VARIABLE is not set") as caught:
        built(factory, before, openai={"api_key": "sk-2"}, second={"type": "openai", "api_key": "env:NO_SUCH_VARIABLE"})
    assert caught.value.errors[0].field == "NO_SUCH_VARIABLE"
    assert before.routes.route("openai", "m") is route


def test_factory_resolves_keys(factory: Providers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The configuration keeps the pointer, the provider gets the key."""
    monkeypatch.setenv("MY_KEY", "sk-of-variable")
    runtime = built(factory, openai={"api_key": "env:MY_KEY"})
    key = runtime.config.providers["openai"].api_key
    assert runtime.providers["openai"].unusable_reason() is None
    assert key is not None
    assert key.get_secret_value() == "env:MY_KEY"
    assert "sk-of-variable" not in f"{runtime!r}"


async def test_rooms_are_closed_even_if_one_fails() -> None:
    """A row that cannot close must not leave the model's process behind."""
    clock = Clock()
    rooms = open_rooms(Settings(config=LLMProviderConfig.model_validate(BASE)), Statistics(clock), clock)
    ended: list[str] = []

    class Closing(LocalModel):
        async def aclose(self) -> None:
            ended.append("model")

    class Failing(UpstreamClient):
        async def aclose(self) -> None:
            ended.append("upstream")

    class Broken:
        async def aclose(self) -> None:
            raise OSError("cannot close")

    parts: dict[str, Any] = {"model": Closing(LocalModelSettings()), "upstream": Failing(), "store": Broken()}
    broken: Rooms = replace(rooms, **parts)
    with pytest.raises(OSError, match="cannot close"):
        await broken.aclose()
    await rooms.aclose()
    assert ended == ["model", "upstream"]


def test_open_limiter_lets_everything_through() -> None:
    """Limits come with caller keys."""
    clock = Clock()
    order = take_in(
        LLMRequest(prompt="x"), IN_PROCESS_CALLER, now=clock.now(), is_stream=False, config=LLMProviderConfig()
    )
    assert OpenLimiter().admit(order.call) is None
    assert order.call.caller is IN_PROCESS_CALLER


@pytest.mark.parametrize("row", [{}, {"api_key": "sk-2"}], ids=["same", "built anew"])
def test_limits_change_for_the_calls_under_way(factory: Providers, row: dict[str, Any]) -> None:
    """A patch narrows or widens the gate that they went through; another key is no second gate."""
    before = built(factory, openai={"max_concurrency": 2})
    gate = before.routes.row("openai").admission
    places = [gate.enter_at_once() for _ in range(3)]
    after = built(factory, before, openai={"max_concurrency": 3, **row})
    assert after.routes.row("openai").admission is gate
    assert [place is None for place in (*places, gate.enter_at_once(), gate.enter_at_once())] == [
        False,
        False,
        True,
        False,
        True,
    ]
    last = built(factory, after, openai=row).routes.row("openai").admission
    assert (last is gate, last.in_flight, last.enter_at_once() is None) == (True, 3, False)
