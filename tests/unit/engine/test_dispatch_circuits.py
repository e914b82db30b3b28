"""When is a failing vendor left alone, and when does it serve again?"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from contracts.errors import AuthenticationError
from contracts.providers import CircuitState
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import (
    Fails,
    Finish,
    Says,
    Silent,
    forbidden,
    invalid,
    limited,
    refused_content,
    streams,
    timed_out,
    too_long,
    unauthorized,
    unavailable,
    unreadable,
)

OPEN, CLOSED, HALF_OPEN = CircuitState.OPEN, CircuitState.CLOSED, CircuitState.HALF_OPEN


async def opened(*providers: FakeProvider, **config: Any) -> Engine:
    """An engine whose first provider's circuit has just opened."""
    engine = Engine(*providers, **config)
    providers[0].script[:0] = [unreadable()] * 3
    for _ in range(3):
        await engine.failure(enable_fallback=False)
    assert engine.circuit(providers[0].name, f"{providers[0].name}-1") is OPEN
    del providers[0].asked[:]
    return engine


async def test_circuit_one_failure_per_request() -> None:
    """A request counts one failure for a route, however often it tried there; the third opens it."""
    alpha = FakeProvider("alpha")
    alpha.afterwards = unavailable()
    engine = Engine(alpha, FakeProvider("beta"))
    for number in (1, 2, 3):
        await engine.wait(11)
        assert engine.circuit("alpha", "alpha-1") is CLOSED
        await engine.ask()
        assert engine.routes.route("alpha", "alpha-1").breaker.failures == number
    assert engine.circuit("alpha", "alpha-1") is OPEN
    asked = len(alpha.asked)
    assert asked == 12
    assert (await engine.ask()).provider == "beta"
    assert len(alpha.asked) == asked


@pytest.mark.parametrize("fault", [unavailable(), timed_out(), unreadable()])
async def test_circuit_counts_the_vendors_faults(fault: Fails) -> None:
    """Unavailable, late and unreadable are failures."""
    alpha = FakeProvider("alpha", [fault] * 3)
    engine = Engine(alpha, FakeProvider("beta"), max_retries=0)
    for _ in range(3):
        await engine.ask()
    assert engine.circuit("alpha", "alpha-1") is OPEN


@pytest.mark.parametrize("fault", [invalid(), refused_content(), too_long(), limited(1)])
async def test_circuit_is_untouched_by_what_is_no_fault(fault: Fails) -> None:
    """Callers' faults, content policy and rate limits neither open a circuit nor forgive failures."""
    alpha = FakeProvider("alpha", [unreadable(), unreadable(), *[fault] * 4, unreadable()])
    engine = Engine(alpha, max_retries=0)
    for _ in range(6):
        await engine.failure()
        await engine.wait(1.01)
    assert engine.circuit("alpha", "alpha-1") is CLOSED
    await engine.failure()
    assert engine.circuit("alpha", "alpha-1") is OPEN


async def test_circuit_refused_key_opens_the_whole_row() -> None:
    """After one 401 no model of the row is asked any more."""
    alpha, beta = FakeProvider("alpha", [unauthorized()]), FakeProvider("beta")
    engine = Engine(alpha, beta)
    assert (await engine.ask()).provider == "beta"
    assert (await engine.ask(model="alpha/other", fallback_providers=["beta/beta-1"])).provider == "beta"
    assert len(alpha.asked) == 1
    assert engine.routes.circuit_reason("alpha") == "provider_authentication"


async def test_circuit_forbidden_model_opens_only_its_route() -> None:
    """After one 403 the model is left alone, its siblings are not."""
    alpha, beta = FakeProvider("alpha", [forbidden()]), FakeProvider("beta")
    engine = Engine(alpha, beta)
    assert (await engine.ask()).provider == "beta"
    assert (await engine.ask()).provider == "beta"
    assert (await engine.ask(model="alpha/other")).provider == "alpha"
    assert [asked.model for asked in alpha.asked] == ["alpha-1", "other"]


async def test_circuit_refused_key_alone_is_told() -> None:
    """With no other candidate a refused key is 502, and says that the fault is ours."""
    error = await Engine(FakeProvider("alpha", [unauthorized()])).failure()
    assert isinstance(error, AuthenticationError)
    assert error.status == 502


async def test_circuit_late_refused_key_counts_for_nothing() -> None:
    """A 401 to a call that began before the row opened does not keep it open for longer."""
    alpha = FakeProvider("alpha", [unauthorized(after=25), unauthorized()])
    engine = Engine(alpha)
    late = asyncio.create_task(engine.failure())
    await asyncio.sleep(0)
    await engine.failure()
    assert (await late).status == 502
    assert engine.routes.row("alpha").breaker.until_probe() == 0
    assert (await engine.ask()).provider == "alpha"


async def test_circuit_one_request_probes_while_others_fall_back() -> None:
    """After the recovery time exactly one request is let through; the rest are served by the next candidate."""
    alpha, beta = FakeProvider("alpha", [Says(after=1)]), FakeProvider("beta")
    engine = await opened(alpha, beta)
    await engine.wait(5.01)
    answers = await asyncio.gather(*(engine.ask() for _ in range(6)))
    assert sorted(answer.provider for answer in answers) == ["alpha"] + ["beta"] * 5
    assert len(alpha.asked) == 1
    assert engine.circuit("alpha", "alpha-1") is HALF_OPEN


async def test_circuit_closes_after_its_successes() -> None:
    """`success_threshold` probes in a row close the circuit, and everyone is let through."""
    alpha = FakeProvider("alpha")
    engine = await opened(alpha)
    await engine.wait(5.01)
    await engine.ask()
    assert engine.circuit("alpha", "alpha-1") is HALF_OPEN
    await engine.ask()
    assert engine.circuit("alpha", "alpha-1") is CLOSED
    assert len(await asyncio.gather(*(engine.ask() for _ in range(5)))) == 5


async def test_circuit_failed_probe_is_made_once() -> None:
    """A probe is not repeated, and opens the circuit for another, longer interval."""
    alpha, beta = FakeProvider("alpha", [unavailable()]), FakeProvider("beta")
    engine = await opened(alpha, beta)
    await engine.wait(5.01)
    assert (await engine.ask()).provider == "beta"
    assert len(alpha.asked) == 1
    await engine.wait(5.9)
    assert (await engine.ask()).provider == "beta"
    assert len(alpha.asked) == 1
    await engine.wait(3.2)
    assert (await engine.ask()).provider == "alpha"


@pytest.mark.parametrize("recovery,first", [(60, 5), (2, 2)])
async def test_circuit_stays_open_for_its_first_interval(recovery: float, first: float) -> None:
    """It is 5 s, or `recovery_timeout_seconds` where that is less; until then others are asked."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    engine = await opened(alpha, beta, circuit_breaker={"recovery_timeout_seconds": recovery})
    await engine.wait(first - 0.1)
    assert (await engine.ask()).provider == "beta"
    assert alpha.asked == []
    await engine.wait(0.11)
    assert (await engine.ask()).provider == "alpha"


async def test_circuit_cancelled_probe_frees_its_place() -> None:
    """A probe whose caller leaves says nothing; the next request probes at once."""
    alpha = FakeProvider("alpha", [Silent()])
    engine = await opened(alpha)
    await engine.wait(5.01)
    probe = asyncio.create_task(engine.ask())
    await engine.wait(1)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    assert engine.circuit("alpha", "alpha-1") is HALF_OPEN
    assert (await engine.ask()).provider == "alpha"


@pytest.mark.parametrize("fault", [invalid(), limited(1)])
async def test_circuit_probe_that_says_nothing_frees_its_place(fault: Fails) -> None:
    """A probe that meets a caller's fault or a rate limit leaves the circuit half-open for the next."""
    alpha = FakeProvider("alpha", [fault])
    engine = await opened(alpha)
    await engine.wait(5.01)
    await engine.failure()
    await engine.wait(1.01)
    assert engine.circuit("alpha", "alpha-1") is HALF_OPEN
    assert (await engine.ask()).provider == "alpha"


async def test_circuit_stream_probe_succeeds_at_first_content() -> None:
    """In half-open the first content is enough: others are let through while the stream still runs."""
    alpha = FakeProvider("alpha", [streams("Hel", Silent()), streams("lo", Silent())])
    engine = await opened(alpha)
    await engine.wait(5.01)
    first, second = await engine.open(), await engine.open()
    assert engine.circuit("alpha", "alpha-1") is CLOSED
    assert (await engine.ask()).provider == "alpha"
    await first.aclose()
    await second.aclose()
    assert engine.circuit("alpha", "alpha-1") is CLOSED


async def test_circuit_stream_probe_without_content_holds_its_place() -> None:
    """Before its first content a probing stream keeps others out; its caller leaving frees the place."""
    alpha, beta = FakeProvider("alpha", [streams(Silent())]), FakeProvider("beta")
    engine = await opened(alpha, beta)
    await engine.wait(5.01)
    probe = asyncio.create_task(engine.open())
    await engine.wait(1)
    assert (await engine.ask()).provider == "beta"
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    assert engine.open_calls == 0
    assert (await engine.ask()).provider == "alpha"


async def test_circuit_cut_streams_are_one_failure_each() -> None:
    """Three streams that are cut after their first content open the circuit."""
    alpha = FakeProvider("alpha", [streams("Hel")] * 3)
    engine = Engine(alpha)
    for number in (1, 2, 3):
        assert (await engine.events())[-1].type == "error"
        assert engine.routes.route("alpha", "alpha-1").breaker.failures == number or number == 3
    assert engine.circuit("alpha", "alpha-1") is OPEN


async def test_circuit_whole_stream_forgives_failures() -> None:
    """A whole streamed answer is a success as a plain one is."""
    alpha = FakeProvider("alpha", [unreadable(), unreadable(), streams("Hello", Finish()), unreadable(), unreadable()])
    engine = Engine(alpha)
    await engine.failure()
    await engine.failure()
    assert (await engine.events())[-1].type == "done"
    await engine.failure()
    await engine.failure()
    assert engine.circuit("alpha", "alpha-1") is CLOSED


async def test_circuit_late_failures_count_for_nothing() -> None:
    """Calls begun before the circuit opened, and failing after it closed again, open nothing."""
    alpha = FakeProvider("alpha", [streams("Hel", Silent())] * 3)
    engine = Engine(alpha, stream_idle_timeout_seconds=600, first_token_timeout_seconds=1)
    late = [await engine.open() for _ in range(3)]
    alpha.script = [unreadable()] * 3
    for _ in range(3):
        await engine.failure()
    await engine.wait(5.01)
    await engine.ask()
    await engine.ask()
    assert engine.circuit("alpha", "alpha-1") is CLOSED
    for stream in late:
        async with stream:
            assert [event.type async for event in stream][-1] == "error"
    assert engine.circuit("alpha", "alpha-1") is CLOSED


async def test_circuit_switched_off_never_refuses() -> None:
    """With `circuit_breaker.enabled: false` a failing vendor is asked each time."""
    alpha = FakeProvider("alpha", [unreadable()] * 5)
    engine = Engine(alpha, circuit_breaker={"enabled": False})
    for _ in range(5):
        assert (await engine.failure()).status == 502
    assert (await engine.ask()).provider == "alpha"


async def test_circuit_of_a_refused_key_says_so_to_the_next_caller() -> None:
    """After the one probe before its time 503 tells the row's name and why its circuit is open; nothing is sent."""
    alpha = FakeProvider("alpha", [unauthorized()] * 2)
    engine = Engine(alpha)
    await engine.failure()
    assert (await engine.failure()).status == 502
    error = await engine.failure()
    assert (error.status, error.provider, len(alpha.asked)) == (503, "alpha", 2)
    assert str(error) == "the circuit of alpha is open for 5.0 s (vendor refused the service's key)"


async def test_circuit_that_opens_during_back_off_is_not_called() -> None:
    """A retry is no probe: it goes to the next candidate, and the failure that it was to mend is told."""
    alpha, beta = FakeProvider("alpha", [unavailable(2), unreadable()]), FakeProvider("beta")
    engine = Engine(alpha, beta, circuit_breaker={"failure_threshold": 1})
    retried = asyncio.create_task(engine.ask())
    await engine.wait(1)
    engine.routes.route("alpha", "alpha-1").cooldown.end()
    assert (await engine.ask()).provider == "beta"
    answer = await retried
    assert (answer.provider, len(alpha.asked)) == ("beta", 2)
    assert [attempt.error_type for attempt in answer.attempts] == ["provider_unavailable", None]
    assert (engine.routes.row("alpha").admission.in_flight, engine.open_calls) == (0, 0)
