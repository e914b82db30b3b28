"""What is done when every candidate's circuit is open? The least bad one is probed before its time, but seldom."""

from __future__ import annotations

import asyncio

import pytest

from contracts.errors import CircuitOpenError, ProviderUnavailableError
from contracts.providers import CircuitState
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Finish, Says, invalid, limited, streams, unauthorized, unavailable, unreadable


async def outage(*providers: FakeProvider) -> Engine:
    """An engine whose providers' circuits have opened one after the other, half a second apart."""
    engine = Engine(*providers, max_retries=0, circuit_breaker={"failure_threshold": 1})
    for provider in providers:
        provider.script.insert(0, unavailable())
        await engine.failure(preferred_provider=provider.name, enable_fallback=False)
        await engine.wait(0.5)
        provider.asked.clear()
    return engine


async def test_least_bad_is_the_closest_to_its_probe() -> None:
    """With all open the one that would be probed first serves at once, and the caller is told."""
    alpha, beta, gamma = FakeProvider("alpha"), FakeProvider("beta"), FakeProvider("gamma")
    engine = await outage(beta, alpha, gamma)
    response = await engine.ask(preferred_provider="gamma")
    assert (response.provider, len(alpha.asked), len(gamma.asked)) == ("beta", 0, 0)
    assert response.fallback_used
    assert "beta/beta-1 was probed before its time: every circuit is open" in response.warnings
    assert engine.circuit("beta", "beta-1") is CircuitState.HALF_OPEN


async def test_least_bad_that_is_the_first_choice_is_no_fallback() -> None:
    """The candidate that comes first in order is the first choice, also when it is probed at last."""
    engine = await outage(FakeProvider("alpha"), FakeProvider("beta"))
    response = await engine.ask()
    assert (response.provider, response.fallback_used) == ("alpha", False)


async def test_least_bad_is_rather_a_passing_fault_than_a_refused_key() -> None:
    """A key that was refused seldom mends itself, so that a route that only failed comes before it."""
    alpha, beta = FakeProvider("alpha", [unauthorized()]), FakeProvider("beta", [unreadable()])
    engine = Engine(alpha, beta, circuit_breaker={"failure_threshold": 1})
    await engine.failure()
    assert (await engine.ask()).provider == "beta"
    assert [len(alpha.asked), len(beta.asked)] == [1, 2]


async def test_least_bad_with_a_refused_key_only_is_probed_too() -> None:
    """Where nothing but refused keys is left, one request finds out whether the key is taken again."""
    alpha = FakeProvider("alpha", [unauthorized()])
    engine = Engine(alpha)
    await engine.failure()
    assert (await engine.ask()).provider == "alpha"


async def test_least_bad_is_probed_once_in_each_interval() -> None:
    """Two vendors that are down see one probe more per interval each, however many requests come."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    engine = await outage(alpha, beta)
    alpha.afterwards = beta.afterwards = unavailable()
    errors = [await engine.failure() for _ in range(20)]
    assert [len(alpha.asked), len(beta.asked)] == [1, 1]
    assert [type(error) for error in errors[:3]] == [
        ProviderUnavailableError,
        ProviderUnavailableError,
        CircuitOpenError,
    ]
    assert {len(error.attempts) for error in errors[2:]} == {0}
    assert errors[-1].retry_after == pytest.approx(4)
    for _ in range(100):
        await engine.failure()
        await engine.wait(0.1)
    assert 3 <= len(alpha.asked) <= 6


async def test_least_bad_is_probed_by_one_request_at_a_time() -> None:
    """Of many requests that come together one probes each vendor; the rest are told when to come again."""
    alpha = FakeProvider("alpha")
    engine = await outage(alpha)
    alpha.script = [Says(after=2)]
    first = asyncio.create_task(engine.ask())
    await asyncio.sleep(0)
    errors = await asyncio.gather(*(engine.failure() for _ in range(5)))
    assert {error.status for error in errors} == {503}
    assert [error.retry_after for error in errors] == [pytest.approx(4.5)] * 5
    assert (await first).provider == "alpha"
    assert len(alpha.asked) == 1


async def test_least_bad_that_succeeds_closes_its_circuit() -> None:
    """Probes before their time count like others: the second success closes the circuit."""
    engine = await outage(FakeProvider("alpha"))
    await engine.ask()
    await engine.ask()
    assert engine.circuit("alpha", "alpha-1") is CircuitState.CLOSED


async def test_least_bad_whose_caller_leaves_stays_open() -> None:
    """A probe before its time that was cancelled says nothing, and the next request does not make another."""
    alpha = FakeProvider("alpha")
    engine = await outage(alpha)
    alpha.script = [Says(after=5)]
    probe = asyncio.create_task(engine.ask())
    await engine.wait(1)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    assert engine.circuit("alpha", "alpha-1") is CircuitState.OPEN
    assert (await engine.failure()).retry_after == pytest.approx(3.5)
    assert len(alpha.asked) == 1


async def test_least_bad_serves_streams_too() -> None:
    """One loop for both: a stream is opened by the same probe."""
    alpha = FakeProvider("alpha")
    engine = await outage(alpha)
    alpha.script = [streams("Hello", Finish())]
    assert (await engine.events())[-1].type == "done"


async def test_least_bad_is_not_asked_while_one_rests() -> None:
    """A candidate that rests will serve soon: then no circuit is probed before its time, and the answer is 429."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta", [limited(50)])
    engine = Engine(alpha, beta, max_retries=0, circuit_breaker={"failure_threshold": 1})
    alpha.script = [unavailable()]
    await engine.failure()
    alpha.asked.clear()
    error = await engine.failure()
    assert error.status == 429
    assert error.retry_after == pytest.approx(5)
    assert alpha.asked == []


async def test_least_bad_is_not_asked_after_another_answered() -> None:
    """Where a candidate could be asked and failed, that is the answer."""
    alpha, beta = FakeProvider("alpha", [unavailable()]), FakeProvider("beta", [invalid()])
    engine = Engine(alpha, beta, max_retries=0, circuit_breaker={"failure_threshold": 1})
    assert (await engine.failure()).status == 422
    beta.script = [unreadable()]
    alpha.asked.clear()
    assert (await engine.failure()).status == 502
    assert alpha.asked == []
