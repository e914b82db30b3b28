"""How does a retry get its place at a row that takes only so many calls at once?"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.resilience.admission import Admission
from contracts.providers import CircuitState
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Says, Silent, limited, unavailable

ONE = {"alpha": {"max_concurrency": 1}}


def gate(engine: Engine) -> Admission:
    return engine.routes.row("alpha").admission


async def settle() -> None:
    """Everything that can go on now does."""
    for _ in range(20):
        await asyncio.sleep(0)


async def busy(engine: Engine, **fields: Any) -> asyncio.Task[Any]:
    """Somebody whose call is under way."""
    task = asyncio.create_task(engine.ask(**fields))
    await settle()
    return task


async def test_place_is_free_while_its_request_waits_to_retry() -> None:
    """Back-off holds nobody up; the retry takes its turn again, and its limits are those of then."""
    alpha = FakeProvider("alpha", [limited(5), Says(after=20), Says()])
    engine = Engine(alpha, rows=ONE)
    retried = await busy(engine)
    assert gate(engine).in_flight == 0
    engine.routes.route("alpha", "alpha-1").cooldown.end()
    other = await busy(engine)
    answers = await asyncio.gather(retried, other)
    assert alpha.times == [pytest.approx(seconds) for seconds in (0, 0, 20)]
    assert answers[0].latency.queue_ms == pytest.approx(20_000)
    assert alpha.asked[2].limits.connect_timeout_seconds == 5


async def test_retry_that_gets_no_place_blames_nobody() -> None:
    """It goes on to the next candidate: the row neither rests nor is a failure counted."""
    alpha, beta = FakeProvider("alpha", [limited(1), Says(after=40)]), FakeProvider("beta")
    engine = Engine(alpha, beta, rows=ONE, circuit_breaker={"failure_threshold": 1})
    retried = await busy(engine)
    engine.routes.route("alpha", "alpha-1").cooldown.end()
    other = await busy(engine)
    assert (await retried).provider == "beta"
    assert engine.routes.route("alpha", "alpha-1").refusal() is None
    other.cancel()
    await settle()
    assert (gate(engine).in_flight, gate(engine).queued) == (0, 0)


async def test_retry_that_gets_no_place_leaves_the_failure_it_was_to_mend() -> None:
    """The vendor's failure is told and counted, as if there had been no retry; the try that was not made is left."""
    alpha = FakeProvider("alpha", [unavailable(2), Says(after=100)])
    engine = Engine(alpha, rows=ONE, circuit_breaker={"failure_threshold": 1})
    retried = asyncio.create_task(engine.failure())
    await engine.wait(1)
    engine.routes.route("alpha", "alpha-1").cooldown.end()
    other = await busy(engine, timeout_seconds=200)
    error = await retried
    assert (error.error_type, error.upstream_status, len(error.attempts)) == ("provider_unavailable", 503, 1)
    assert engine.circuit("alpha", "alpha-1") is CircuitState.OPEN
    other.cancel()
    await settle()
    assert (gate(engine).in_flight, gate(engine).queued) == (0, 0)


async def test_retry_that_waited_for_its_place_is_judged_by_the_time_it_has_left() -> None:
    """One that has little left of the deadline when its turn comes is the caller's haste, not the vendor's fault."""
    alpha = FakeProvider("alpha", [limited(1), Says(after=40), Silent()])
    engine = Engine(alpha, rows=ONE, circuit_breaker={"failure_threshold": 1})
    retried = asyncio.create_task(engine.failure())
    await settle()
    engine.routes.route("alpha", "alpha-1").cooldown.end()
    other = await busy(engine, timeout_seconds=60)
    assert (await retried).error_type == "timeout"
    assert engine.now() - alpha.asked[2].at == pytest.approx(5)
    assert engine.circuit("alpha", "alpha-1") is CircuitState.CLOSED
    await other
