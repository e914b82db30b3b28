"""What does a caller see when vendors say that they are called too often?"""

from __future__ import annotations

import asyncio

import pytest

from contracts.errors import CircuitOpenError, QuotaExceededError, RateLimitExceededError
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Fails, Says, limited, out_of_quota, streams, too_long, unauthorized, unavailable


async def test_rate_limit_within_patience_is_waited_out() -> None:
    """Another candidate is ready, but 3 s are waited and the same route answers."""
    alpha, beta = FakeProvider("alpha", [limited(3)]), FakeProvider("beta")
    response = await Engine(alpha, beta).ask()
    assert response.provider == "alpha"
    assert alpha.times[1] == pytest.approx(3)
    assert beta.asked == []
    assert (response.latency.queue_ms, response.latency.overhead_ms) == (pytest.approx(3000), pytest.approx(0))


async def test_rate_limit_beyond_patience_goes_on() -> None:
    """With another candidate ready nobody waits longer than 3 s, and the route rests until the vendor's time."""
    alpha, beta = FakeProvider("alpha", [limited(20)]), FakeProvider("beta")
    engine = Engine(alpha, beta)
    began = engine.now()
    assert (await engine.ask()).provider == "beta"
    assert engine.now() == began
    await engine.wait(19)
    assert (await engine.ask()).provider == "beta"
    assert len(alpha.asked) == 1
    await engine.wait(1.001)
    assert (await engine.ask()).provider == "alpha"


async def test_rate_limit_is_waited_out_where_nobody_else_fits() -> None:
    """A candidate whose window is known to be too small is nobody to go on to: the wait is taken."""
    alpha = FakeProvider("alpha", [too_long()], default_model="gpt-4o")
    beta = FakeProvider("beta", [limited(20)], default_model="gpt-4.1")
    gamma = FakeProvider("gamma", default_model="gpt-4")
    response = await Engine(alpha, beta, gamma).ask()
    assert (response.provider, len(beta.asked), gamma.asked) == ("beta", 2, [])


async def test_rate_limit_patience_is_configured() -> None:
    """`retry_after_patience_seconds` is the longest wait while another candidate is ready."""
    alpha, beta = FakeProvider("alpha", [limited(2)]), FakeProvider("beta")
    assert (await Engine(alpha, beta, retry_after_patience_seconds=1).ask()).provider == "beta"


async def test_rate_limit_alone_is_waited_out() -> None:
    """With no other candidate ready a wait within the deadline is taken."""
    alpha, beta = FakeProvider("alpha", [limited(30)]), FakeProvider("beta", [limited(40)])
    engine = Engine(alpha, beta, default_provider="beta", retry_after_patience_seconds=0)
    response = await engine.ask()
    assert response.provider == "alpha"
    assert [len(alpha.asked), len(beta.asked)] == [2, 1]
    assert alpha.times[1] == pytest.approx(30)


async def test_rate_limit_beyond_the_deadline_is_told() -> None:
    """A wait that does not fit within the deadline is not begun: 429 with the vendor's time."""
    alpha = FakeProvider("alpha", [limited(100)])
    engine = Engine(alpha)
    began = engine.now()
    error = await engine.failure()
    assert (error.status, error.retry_is_pointless) == (429, True)
    assert error.retry_after == pytest.approx(100)
    assert engine.now() == began


async def test_rate_limit_without_a_time_doubles() -> None:
    """A 429 without Retry-After rests 1 s, then 2, then 4: beyond the patience the next candidate is tried."""
    alpha, beta = FakeProvider("alpha", [limited(after=0.01)] * 3), FakeProvider("beta")
    engine = Engine(alpha, beta)
    assert (await engine.ask()).provider == "beta"
    assert alpha.times == [pytest.approx(0), pytest.approx(1.01), pytest.approx(3.02)]
    await engine.wait(3.9)
    assert (await engine.ask()).provider == "beta"
    await engine.wait(0.2)
    assert (await engine.ask()).provider == "alpha"


async def test_rate_limit_doubling_ends_with_an_answer() -> None:
    """After an answer the next 429 without a time rests 1 s again."""
    alpha = FakeProvider("alpha", [limited(after=0.1), limited(after=0.1), Says(after=0.1), limited(after=0.1)])
    engine = Engine(alpha, max_retries=0)
    rests = []
    for _ in range(4):
        if alpha.script and isinstance(alpha.script[0], Says):
            await engine.ask()
        else:
            rests.append((await engine.failure()).retry_after)
        await engine.wait(5)
    assert rests == [pytest.approx(1), pytest.approx(2), pytest.approx(1)]


async def test_rate_limit_of_a_burst_rests_once() -> None:
    """Eight calls that are refused together rest the route for 1 s, not for 2⁷."""
    alpha, beta = FakeProvider("alpha", [limited(after=0.2)] * 8), FakeProvider("beta")
    engine = Engine(alpha, beta, max_retries=0)
    answers = await asyncio.gather(*(engine.ask() for _ in range(8)))
    assert {answer.provider for answer in answers} == {"beta"}
    await engine.wait(1.01)
    assert (await engine.ask()).provider == "alpha"


async def test_rate_limit_outlasts_a_late_answer() -> None:
    """A call that was under way when the vendor asked for rest, and succeeds, does not end that rest."""
    alpha, beta = FakeProvider("alpha", [Says(after=5), limited(30)]), FakeProvider("beta")
    engine = Engine(alpha, beta)
    slow = asyncio.create_task(engine.ask())
    await asyncio.sleep(0)
    assert (await engine.ask()).provider == "beta"
    assert (await slow).provider == "alpha"
    assert (await engine.ask()).provider == "beta"
    assert len(alpha.asked) == 2


async def test_rate_limit_does_not_open_the_circuit() -> None:
    """A vendor that limits us is not failing."""
    alpha = FakeProvider("alpha", [limited(1)] * 6)
    engine = Engine(alpha, max_retries=0)
    for _ in range(6):
        assert (await engine.failure()).status == 429
        await engine.wait(1.01)
    assert (await engine.ask()).provider == "alpha"


async def test_rate_limit_quota_rests_the_whole_row() -> None:
    """A used-up quota rests every model of the row for five minutes, nobody else's."""
    alpha, beta = FakeProvider("alpha", [out_of_quota()], models=("alpha-2",)), FakeProvider("beta")
    engine = Engine(alpha, beta)
    assert (await engine.ask()).provider == "beta"
    response = await engine.ask(preferred_provider="alpha", model="alpha-2", fallback_providers=["beta/beta-1"])
    assert response.provider == "beta"
    await engine.wait(299)
    assert (await engine.ask()).provider == "beta"
    assert len(alpha.asked) == 1
    await engine.wait(1.01)
    assert (await engine.ask()).provider == "alpha"


async def test_rate_limit_quota_alone_is_told_with_its_time() -> None:
    """With nobody else left a used-up quota is 429, and Retry-After says when the row is asked again."""
    engine = Engine(FakeProvider("alpha", [out_of_quota()]))
    error = await engine.failure()
    assert isinstance(error, QuotaExceededError)
    assert error.retry_after == pytest.approx(300)


async def test_rate_limit_used_up_is_told_with_the_rest() -> None:
    """A 429 without a time still tells the caller when the route is asked again."""
    error = await Engine(FakeProvider("alpha", [limited()]), max_retries=0).failure()
    assert error.status == 429
    assert error.retry_after == pytest.approx(1)


async def test_rate_limit_all_resting_tells_the_soonest() -> None:
    """When every candidate rests nothing is sent: 429 with the soonest time, as it is now."""
    alpha, beta = FakeProvider("alpha", [limited(50)]), FakeProvider("beta", [limited(20)])
    engine = Engine(alpha, beta, max_retries=0)
    await engine.failure()
    await engine.wait(5)
    error = await engine.failure()
    assert isinstance(error, RateLimitExceededError)
    assert error.retry_after == pytest.approx(15)
    assert (error.attempts, error.retry_is_pointless) == ((), False)
    assert (len(alpha.asked), len(beta.asked)) == (1, 1)


async def test_rate_limit_soonest_time_is_measured_at_the_end() -> None:
    """What a resting candidate said at first is counted down by the time that others took."""
    alpha, beta = FakeProvider("alpha", [limited(60)]), FakeProvider("beta", [limited(50, after=20)])
    engine = Engine(alpha, beta, max_retries=0)
    error = await engine.failure()
    assert error.retry_after == pytest.approx(40)


async def test_rate_limit_one_resting_one_open_is_429() -> None:
    """429 if any candidate rests, and the soonest time of both kinds."""
    alpha, beta = FakeProvider("alpha", [limited(200)]), FakeProvider("beta", [unauthorized()])
    engine = Engine(alpha, beta, max_retries=0)
    await engine.failure()
    error = await engine.failure()
    assert error.status == 429
    assert error.retry_after == pytest.approx(5)


async def test_rate_limit_all_open_is_503() -> None:
    """When every circuit is open, and was probed: 503 with the soonest probe, and nothing is sent."""
    alpha, beta = FakeProvider("alpha", [unavailable()] * 4), FakeProvider("beta", [unavailable()] * 4)
    engine = Engine(alpha, beta, max_retries=0)
    for _ in range(5):
        await engine.failure()
        await engine.wait(0.5)
    error = await engine.failure()
    assert isinstance(error, CircuitOpenError)
    assert (error.status, error.attempts) == (503, ())
    assert error.retry_after == pytest.approx(3.5)
    assert not error.retry_is_pointless
    assert (len(alpha.asked), len(beta.asked)) == (4, 4)


async def test_rate_limit_unavailable_with_a_time_rests() -> None:
    """A 503 with Retry-After rests its route as a 429 does."""
    alpha, beta = FakeProvider("alpha", [unavailable(20)]), FakeProvider("beta")
    engine = Engine(alpha, beta)
    assert (await engine.ask()).provider == "beta"
    await engine.wait(19)
    assert (await engine.ask()).provider == "beta"
    assert len(alpha.asked) == 1


async def test_rate_limit_inside_a_stream_rests_the_route() -> None:
    """A limit that is told in the middle of an answer rests the route until the vendor's time."""

    def error() -> BaseException:
        return RateLimitExceededError("too many tokens", retry_after=30)

    alpha, beta = FakeProvider("alpha", [streams("Hel", Fails(error))]), FakeProvider("beta")
    engine = Engine(alpha, beta)
    events = await engine.events(stream_recovery="error")
    assert events[-1].type == "error"
    assert (await engine.ask()).provider == "beta"
    await engine.wait(30.01)
    assert (await engine.ask()).provider == "alpha"
