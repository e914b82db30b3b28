"""Is a vendor whose reply said that its limit is used up spared, as long as another candidate is ready?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import limited, unavailable, unreadable


def spend(engine: Engine, provider: FakeProvider, seconds: float) -> None:
    """From its next reply on the vendor says that nothing is left for so long."""
    provider.spent[provider.default_model] = engine.clock.now() + timedelta(seconds=seconds)


async def test_spent_limit_sends_the_next_call_elsewhere() -> None:
    """A reply that took the last of a limit is followed by calls to others, until the vendor's time."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    engine = Engine(alpha, beta)
    spend(engine, alpha, 20)
    assert (await engine.ask()).provider == "alpha"
    response = await engine.ask()
    assert (response.provider, response.fallback_used) == ("beta", True)
    assert "alpha/alpha-1 comes last: its limit is used up for 20.0 s" in response.warnings
    await engine.wait(20.01)
    assert (await engine.ask()).provider == "alpha"


async def test_spent_limit_spares_one_model_only() -> None:
    """Vendors count by model: the row's others are asked in their turn."""
    alpha, beta = FakeProvider("alpha", models=("alpha-2",)), FakeProvider("beta", models=("alpha-2",))
    engine = Engine(alpha, beta)
    spend(engine, alpha, 20)
    await engine.ask()
    assert (await engine.ask(model="alpha-2")).provider == "alpha"


async def test_spent_limit_of_a_lone_candidate_is_tried() -> None:
    """Who has nobody else is let through: the limit may have been reset."""
    alpha = FakeProvider("alpha")
    engine = Engine(alpha)
    spend(engine, alpha, 20)
    await engine.ask()
    assert (await engine.ask()).provider == "alpha"


async def test_spent_limit_is_tried_when_no_other_is_ready() -> None:
    """A candidate that rests is none to go to instead."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta", [limited(50)])
    engine = Engine(alpha, beta, max_retries=0)
    await engine.failure(preferred_provider="beta", enable_fallback=False)
    spend(engine, alpha, 20)
    await engine.ask()
    response = await engine.ask()
    assert (response.provider, len(beta.asked), response.warnings) == ("alpha", 1, [])


async def test_spent_limit_is_tried_after_the_others() -> None:
    """When those that come before it fail, it is asked at last."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta", [unreadable()])
    engine = Engine(alpha, beta)
    spend(engine, alpha, 20)
    await engine.ask()
    assert (await engine.ask()).provider == "alpha"
    assert len(beta.asked) == 1


async def test_spent_limit_is_nobody_to_hurry_to() -> None:
    """A spent candidate is no reason to give up a wait that the vendor asked for."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta", [limited(8)])
    engine = Engine(alpha, beta)
    spend(engine, alpha, 20)
    await engine.ask()
    assert (await engine.ask()).provider == "beta"
    assert beta.times[1] == pytest.approx(8)


async def test_spent_limit_counts_for_a_minute_at_most() -> None:
    """A daily limit spares a route for 60 s from each reply that tells it."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    engine = Engine(alpha, beta)
    spend(engine, alpha, 86_400)
    await engine.ask()
    await engine.wait(59)
    assert (await engine.ask()).provider == "beta"
    await engine.wait(1.01)
    assert (await engine.ask()).provider == "alpha"


async def test_spent_limit_ends_with_a_reply_that_says_so() -> None:
    """The latest reply counts, a failed one too."""
    alpha, beta = FakeProvider("alpha", [unavailable()]), FakeProvider("beta", [unreadable()])
    engine = Engine(alpha, beta, max_retries=0)
    spend(engine, alpha, 20)
    await engine.failure()
    assert engine.routes.route("alpha", "alpha-1").spared_for() == pytest.approx(20)
    alpha.spent.clear()
    await engine.ask(preferred_provider="alpha", enable_fallback=False)
    assert engine.routes.route("alpha", "alpha-1").spared_for() == 0
    assert (await engine.ask()).provider == "alpha"
