"""Does the strategy of the configuration decide who serves: among those who can, and only where nobody is named?"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from contracts.providers import ProviderType
from contracts.selection_strategy import SelectionStrategy
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Says, limited, unavailable, unreadable

ALL = [strategy.value for strategy in SelectionStrategy]
SPREADING = ["round-robin", "weighted", "random", "least-latency"]


def rows(*names: str, **fields: Any) -> list[FakeProvider]:
    made = [FakeProvider(name, **fields) for name in names]
    for provider in made:
        provider.afterwards = Says(after=1.0)
    return made


async def served(engine: Engine, times: int, **fields: Any) -> Counter[str]:
    """Who served how many of `times` requests."""
    return Counter([(await engine.ask(**fields)).provider for _ in range(times)])


@pytest.mark.parametrize("strategy", ALL)
async def test_ranking_every_strategy_asks_one_and_falls_back_to_all(strategy: str) -> None:
    """Whoever is first: when all fail, each row was tried once."""
    failing = [FakeProvider(name, [unreadable()] * 9) for name in ("alpha", "beta", "gamma")]
    error = await Engine(*failing, selection_strategy=strategy, max_retries=0).failure()
    assert sorted(attempt.provider for attempt in error.attempts) == ["alpha", "beta", "gamma"]


@pytest.mark.parametrize(
    "strategy,shares,tolerance",
    [
        ("priority", {"alpha": 600}, 0),
        ("round-robin", {"alpha": 200, "beta": 200, "gamma": 200}, 0),
        ("weighted", {"alpha": 100, "beta": 200, "gamma": 300}, 1),
        ("random", {"alpha": 200, "beta": 200, "gamma": 200}, 50),
    ],
)
async def test_ranking_spreads_requests(strategy: str, shares: dict[str, int], tolerance: int) -> None:
    """Each row gets its share; a first choice is no fallback, whoever it is."""
    weights = {"alpha": {"weight": 1}, "beta": {"weight": 2}, "gamma": {"weight": 3}}
    engine = Engine(*rows("alpha", "beta", "gamma"), rows=weights, selection_strategy=strategy)
    counted = await served(engine, 600)
    assert all(abs(counted[name] - shares.get(name, 0)) <= tolerance for name in weights), counted
    assert not any(record.fallback_used for record in engine.records.requests)


async def test_ranking_least_latency_measures_what_it_sends() -> None:
    """The row that answers in a second gets nearly all of what one that needs six would have had."""
    slow, fast = rows("alpha", "beta")
    slow.afterwards = Says(after=6.0)
    counted = await served(Engine(slow, fast, selection_strategy="least-latency"), 300)
    assert counted["beta"] > 280, counted
    assert counted["alpha"] >= 1


async def test_ranking_least_latency_of_streams_is_the_first_token() -> None:
    """A stream that begins soon and lasts is fast."""
    slow, fast = rows("alpha", "beta")
    slow.afterwards = Says(after=6.0)
    engine = Engine(slow, fast, selection_strategy="least-latency")
    first = Counter([(await engine.open_and_close()).provider for _ in range(60)])
    assert first["beta"] > 50, first


async def test_ranking_least_cost_asks_the_cheapest_model() -> None:
    """By the model that each row serves with by default."""
    dear = FakeProvider("dear", kind=ProviderType.OPENAI, default_model="gpt-4o")
    cheap = FakeProvider("cheap", kind=ProviderType.OPENAI, default_model="gpt-4o-mini")
    assert await served(Engine(dear, cheap, selection_strategy="least-cost"), 20) == {"cheap": 20}


async def test_ranking_least_cost_never_prefers_the_mock() -> None:
    """What costs nothing because it is no vendor answers only when the vendors cannot."""
    free = FakeProvider("free", kind=ProviderType.MOCK)
    paid = FakeProvider("paid", [unreadable()], kind=ProviderType.OPENAI, default_model="gpt-4o")
    engine = Engine(free, paid, selection_strategy="least-cost")
    assert [(await engine.ask()).provider for _ in range(3)] == ["free", "paid", "paid"]
    assert len(paid.asked) == 3


@pytest.mark.parametrize("strategy", SPREADING)
async def test_ranking_a_disabled_row_takes_no_share(strategy: str) -> None:
    """Nor does one without a key: the others share its requests evenly."""
    made = [*rows("alpha", "beta", "gamma"), FakeProvider("keyless", unusable="no key")]
    engine = Engine(*made, rows={"beta": {"enabled": False}}, selection_strategy=strategy)
    counted = await served(engine, 400)
    assert set(counted) == {"alpha", "gamma"}
    assert abs(counted["alpha"] - 200) <= 50, counted


@pytest.mark.parametrize("strategy", SPREADING)
async def test_ranking_a_resting_row_has_no_turn(strategy: str) -> None:
    """While it rests it goes behind all that are ready, which is no fallback and no warning; then it is back."""
    alpha, beta, gamma = rows("alpha", "beta", "gamma")
    alpha.script = [limited(retry_after=30)]
    for provider in (beta, gamma):
        provider.afterwards = Says(after=0.1)
    engine = Engine(alpha, beta, gamma, selection_strategy=strategy)
    await engine.ask(preferred_provider="alpha")
    answers = [await engine.ask() for _ in range(100)]
    assert {answer.provider for answer in answers} == {"beta", "gamma"}
    assert not any(answer.fallback_used or answer.warnings for answer in answers)
    await engine.wait(31)
    assert "alpha" in await served(engine, 100)


@pytest.mark.parametrize("strategy", SPREADING)
async def test_ranking_a_row_that_recovers_is_used_again(strategy: str) -> None:
    """A row that failed for a minute opens its circuit, costs the others' requests nothing, and has a share again."""
    alpha, beta = rows("alpha", "beta")
    alpha.afterwards = unavailable()
    engine = Engine(alpha, beta, selection_strategy=strategy, max_retries=0)
    began = engine.now()
    while engine.now() - began < 60:
        assert (await engine.ask()).provider == "beta"
    assert len(alpha.asked) < 25
    alpha.afterwards = Says(after=1.0)
    counted = await served(engine, 20)
    assert counted["alpha"] >= 1, counted


@pytest.mark.parametrize("strategy", SPREADING)
async def test_ranking_of_rows_that_all_rest_is_an_ordinary_refusal(strategy: str) -> None:
    """Nobody to choose from: 429 with the soonest time, as without a strategy."""
    made = rows("alpha", "beta", "gamma")
    engine = Engine(*made, selection_strategy=strategy)
    for seconds, provider in enumerate(made, start=30):
        engine.routes.route(provider.name, provider.default_model).cooldown.rest(seconds)
    error = await engine.failure()
    assert (error.error_type, error.retry_after) == ("rate_limit_exceeded", pytest.approx(30))


async def test_ranking_priority_keeps_a_resting_row_in_its_place() -> None:
    """The order is the user's own: the answer says that its first row was skipped."""
    alpha, beta = FakeProvider("alpha", [limited(retry_after=30)]), FakeProvider("beta")
    engine = Engine(alpha, beta)
    await engine.ask()
    answer = await engine.ask()
    assert (answer.provider, answer.fallback_used) == ("beta", True)
    assert "alpha/alpha-1 was skipped" in answer.warnings[0]


@pytest.mark.parametrize("strategy", SPREADING)
async def test_ranking_named_provider_goes_first(strategy: str) -> None:
    """Whatever the strategy, and without a turn of anybody's being counted."""
    engine = Engine(*rows("alpha", "beta", "gamma"), selection_strategy=strategy)
    assert await served(engine, 50, preferred_provider="gamma") == {"gamma": 50}
    assert await served(engine, 50, model="beta/beta-1") == {"beta": 50}


async def test_ranking_named_provider_takes_nobodys_turn() -> None:
    """Round-robin goes on where it was."""
    engine = Engine(*rows("alpha", "beta"), selection_strategy="round-robin")
    assert (await engine.ask()).provider == "alpha"
    await served(engine, 3, preferred_provider="beta")
    assert (await engine.ask()).provider == "beta"


@pytest.mark.parametrize("strategy", SPREADING)
async def test_ranking_callers_candidates_keep_their_order(strategy: str) -> None:
    """The first is chosen by the strategy, the caller's own list is never."""
    failing = [FakeProvider(name, [unreadable()] * 99) for name in ("alpha", "beta", "gamma")]
    engine = Engine(*failing, selection_strategy=strategy, max_retries=0, circuit_breaker={"enabled": False})
    for _ in range(20):
        error = await engine.failure(fallback_providers=["gamma/x", "alpha/x", "beta/x"])
        assert [f"{one.provider}/{one.model}" for one in error.attempts][1:] == ["gamma/x", "alpha/x", "beta/x"]


async def test_ranking_weight_of_a_callers_candidate_is_said_to_be_ignored() -> None:
    """It is not dropped in silence."""
    engine = Engine(*rows("alpha", "beta"))
    answer = await engine.ask(fallback_providers=[{"provider": "beta", "weight": 3}])
    assert answer.warnings == ["weight was ignored in fallback_providers: they are tried in the order given"]


async def test_ranking_logical_model_is_spread_by_its_candidates_weights() -> None:
    """A candidate's own weight, else its row's; two models of one row are two candidates."""
    engine = Engine(
        *rows("alpha", "beta"),
        rows={"beta": {"weight": 2}},
        selection_strategy="weighted",
        models={"fast": [{"provider": "alpha", "model": "a", "weight": 5}, "alpha/b", "beta/c"]},
    )
    counted = Counter([(await engine.ask(model="fast")).model for _ in range(240)])
    assert counted == {"a": 150, "b": 30, "c": 60}


@pytest.mark.parametrize("strategy", ALL)
async def test_ranking_logical_model_that_names_a_candidate_twice_asks_it_once(strategy: str) -> None:
    """By its model, and as the one that its row has anyway: no strategy stumbles over that."""
    alpha, beta = FakeProvider("alpha", [unreadable()] * 9), FakeProvider("beta", [unreadable()] * 9)
    group = {"fast": [f"alpha/{alpha.default_model}", {"provider": "alpha"}, {"provider": "beta"}]}
    engine = Engine(alpha, beta, selection_strategy=strategy, max_retries=0, models=group)
    error = await engine.failure(model="fast")
    assert sorted(attempt.provider for attempt in error.attempts) == ["alpha", "beta"]


async def test_ranking_logical_model_with_a_named_provider() -> None:
    """That provider's candidates come first."""
    group = {"fast": ["alpha/a", "beta/b"]}
    engine = Engine(*rows("alpha", "beta"), selection_strategy="round-robin", models=group)
    assert await served(engine, 5, model="fast", preferred_provider="beta") == {"beta": 5}
    answer = await engine.ask(model="fast", preferred_provider="beta", fallback_providers=["alpha/x"])
    assert answer.model == "b"


async def test_ranking_logical_model_without_fallback_asks_the_named_one_or_nobody() -> None:
    """A preferred candidate that cannot serve is not replaced when fallback is off, under any strategy."""
    group = {"fast": ["alpha/a", "beta/b"]}
    made = [*rows("alpha"), FakeProvider("beta", unusable="beta has no key")]
    engine = Engine(*made, selection_strategy="round-robin", models=group)
    error = await engine.failure(model="fast", preferred_provider="beta", enable_fallback=False)
    assert (error.status, str(error)) == (503, "beta has no key")
    assert (await engine.ask(model="fast", enable_fallback=False)).provider == "alpha"


async def test_ranking_only_rows_that_offer_the_model_have_a_turn() -> None:
    """A row without the named model leaves no gap."""
    made = [*rows("alpha", "gamma", models=["shared"]), *rows("beta")]
    engine = Engine(made[0], made[2], made[1], selection_strategy="round-robin")
    assert await served(engine, 10, model="shared") == {"alpha": 5, "gamma": 5}


async def test_ranking_local_stays_out_of_every_strategy() -> None:
    """The embedded model has no turn while a vendor is usable."""
    local = FakeProvider("local", kind=ProviderType.LOCAL)
    for strategy in ALL:
        engine = Engine(*rows("alpha", "beta"), local, selection_strategy=strategy)
        assert "local" not in await served(engine, 20)
    assert local.asked == []


async def test_ranking_without_fallback_spreads_too() -> None:
    """`enable_fallback: false` asks one row: the strategy's."""
    engine = Engine(*rows("alpha", "beta"), selection_strategy="round-robin")
    assert await served(engine, 10, enable_fallback=False) == {"alpha": 5, "beta": 5}


async def test_ranking_a_full_row_has_no_turn() -> None:
    """A row that takes no more calls now is passed over while another is free."""
    engine = Engine(
        *rows("alpha", "beta"), rows={"alpha": {"requests_per_minute": 1}}, selection_strategy="round-robin"
    )
    assert [(await engine.ask()).provider for _ in range(5)] == ["alpha", "beta", "beta", "beta", "beta"]
