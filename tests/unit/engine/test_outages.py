"""Does a vendor that was away serve again soon, and is none blamed for what others did?"""

from __future__ import annotations

import asyncio

import pytest

from app.engine.runtime import Runtime
from contracts.providers import CircuitState
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Fails, Says, Silent, streams, unauthorized, unavailable, unreadable

OPEN, CLOSED = CircuitState.OPEN, CircuitState.CLOSED


@pytest.mark.parametrize("fault", [unavailable(), unreadable(), unauthorized()])
async def test_outage_recovers_soon_after_an_outage_of_a_minute(fault: Fails) -> None:
    """Under steady traffic a vendor that is back after a minute serves within 15 s, and was asked seldom until then."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    alpha.afterwards = fault
    engine = Engine(alpha, beta, max_retries=0)
    began = engine.now()
    while engine.now() - began < 60:
        assert (await engine.ask()).provider == "beta"
        await engine.wait(0.5)
    probes = [at - 1 for at in alpha.times if at > 1]
    assert 4 <= len(probes) <= 9
    alpha.afterwards = Says()
    while (await engine.ask()).provider != "alpha":
        await engine.wait(0.5)
    assert engine.now() - began < 60 + 13
    await engine.wait(0.5)
    await engine.ask()
    assert engine.circuit("alpha", "alpha-1") is CLOSED


async def test_outage_recovers_soon_after_a_silent_minute() -> None:
    """A stream's probe that hangs for its 12 s has used up the interval: the next one is made a second later."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    alpha.afterwards = Silent()
    engine = Engine(alpha, beta, circuit_breaker={"failure_threshold": 1})
    began = engine.now()
    while engine.now() - began < 60:
        assert (await engine.open_and_close()).provider == "beta"
        await engine.wait(0.5)
    alpha.afterwards = Says()
    back = engine.now()
    while (await engine.open_and_close()).provider != "alpha":
        await engine.wait(0.5)
    assert engine.now() - back < 15


async def test_outage_is_untouched_by_slow_readers() -> None:
    """Streams that end because their callers read slowly open no circuit, and no other candidate is asked."""
    alpha, beta = FakeProvider("alpha", [streams(*["drip"] * 50)] * 3), FakeProvider("beta")
    engine = Engine(alpha, beta, stream_max_seconds=60)
    for _ in range(3):
        async with await engine.open() as stream:
            kinds = []
            async for event in stream:
                kinds.append(event.type)
                await engine.wait(7)
        assert kinds[-1] == "error"
    assert engine.routes.route("alpha", "alpha-1").breaker.failures == 0
    assert beta.asked == []


async def test_outage_of_a_new_key_is_untouched_by_calls_under_the_old() -> None:
    """A call that began before a row's key was changed falls back under the old key, and none of it reaches the new."""
    alpha, beta = FakeProvider("alpha", [unavailable(after=5)]), FakeProvider("beta", [unauthorized()])
    engine = Engine(alpha, beta, max_retries=0)
    late = asyncio.create_task(engine.failure())
    await engine.wait(1)
    following = engine.routes.successor(engine.snapshots.current.config.circuit_breaker, without=["beta"])
    renewed = FakeProvider("beta")
    providers = {**engine.snapshots.current.providers, "beta": renewed}
    engine.snapshots.swap(Runtime(2, engine.snapshots.current.config, providers, following))
    await late
    assert engine.routes.circuit_state("beta") is OPEN
    assert following.circuit_state("beta") is CLOSED
    assert following.route("alpha", "alpha-1").breaker.failures == 1
    assert (await engine.ask(preferred_provider="beta")).provider == "beta"
    assert len(renewed.asked) == 1


async def test_outage_counts_an_answer_of_the_wrong_shape_as_whole() -> None:
    """A model that writes no JSON is not a vendor that fails: its circuit stays closed, and a probe closes it."""
    alpha = FakeProvider("alpha", [unreadable()])
    engine = Engine(alpha, circuit_breaker={"failure_threshold": 1})
    await engine.failure()
    await engine.wait(5.01)
    alpha.afterwards = Says("no JSON")
    error = await engine.failure(response_format={"type": "json_object"})
    assert (error.error_type, len(alpha.asked)) == ("invalid_output", 3)
    assert engine.circuit("alpha", "alpha-1") is CLOSED
