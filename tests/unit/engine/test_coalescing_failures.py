"""Is everybody who shares a call told the truth, in time, when it fails?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from contracts.cache import CacheResult
from contracts.errors import LLMProviderError
from contracts.responses import LLMResponse
from tests.kit.cached_engine import CachedEngine, Crowd, assert_nothing_is_left, left, results
from tests.kit.fake_provider import FakeProvider
from tests.kit.gate import settle
from tests.kit.script import (
    Counted,
    Fails,
    Finish,
    Outcome,
    Pause,
    Says,
    Silent,
    invalid,
    streams,
    unavailable,
    unreadable,
)

HIT, MISS, BYPASS, COALESCED = CacheResult.HIT, CacheResult.MISS, CacheResult.BYPASS, CacheResult.COALESCED
LONG = streams("one ", Pause(1), "two ", Pause(1), "three", Finish(), Counted())
ANSWER = Says("one two three", after=2)
pytestmark = pytest.mark.parametrize("is_stream", [False, True])


def good(is_stream: bool) -> Outcome:
    """Two seconds of a good answer."""
    return LONG if is_stream else ANSWER


def errors(outcomes: Sequence[object]) -> list[LLMProviderError]:
    """Those that were told of an error, raised or (in a stream) as its last event."""
    return [one for one in outcomes if isinstance(one, LLMProviderError)]


@pytest.mark.parametrize("fault", [unavailable(after=1), unreadable()], ids=["503", "unreadable"])
async def test_coalescing_failure_is_taken_over_once(fault: Fails, is_stream: bool) -> None:
    """Who began it gets the error, one of the others asks anew, and all the others get that."""
    engine = CachedEngine(alpha := FakeProvider("alpha", [fault, good(is_stream)]), max_retries=0)
    outcomes = await Crowd(engine, 20, is_stream=is_stream).outcomes()
    answers = [one for one in outcomes if isinstance(one, LLMResponse)]
    assert (len(errors(outcomes)), len(answers), len(alpha.asked)) == (1, 19, 2)
    assert errors(outcomes)[0].request_id == "r0"
    assert results(answers) == {MISS: 1, COALESCED: 18}
    await assert_nothing_is_left(engine, requests=20)


async def test_coalescing_second_failure_is_everybodys(is_stream: bool) -> None:
    """Each gets it under ids of its own, and no vendor is asked a third time."""
    engine = CachedEngine(
        alpha := FakeProvider("alpha", [unavailable(after=1), unreadable(), good(is_stream)]), max_retries=0
    )
    outcomes = await Crowd(engine, 20, is_stream=is_stream).outcomes()
    told = errors(outcomes)
    assert (len(told), len(alpha.asked)) == (20, 2)
    assert [one.error_type for one in told] == ["provider_unavailable", *["provider_protocol"] * 19]
    assert [(one.request_id, one.correlation_id) for one in told] == [(f"r{n}", f"c{n}") for n in range(20)]
    assert [len(one.attempts) for one in told] == [1, 1, *[0] * 18]
    assert {one.error_type for one in engine.records.requests} == {"provider_unavailable", "provider_protocol"}
    assert {one.cost_usd for one in engine.records.requests} == {None}
    await assert_nothing_is_left(engine, requests=20)


async def test_coalescing_callers_fault_is_everybodys_at_once(is_stream: bool) -> None:
    """What is wrong with it is wrong for all: one call."""
    engine = CachedEngine(alpha := FakeProvider("alpha", [invalid(), good(is_stream)]))
    told = errors(await Crowd(engine, 20, is_stream=is_stream).outcomes())
    assert ([one.status for one in told], len(alpha.asked)) == ([422] * 20, 1)
    assert [one.request_id for one in told] == [f"r{n}" for n in range(20)]
    await assert_nothing_is_left(engine, requests=20)


async def test_coalescing_impatience_is_not_shared(is_stream: bool) -> None:
    """Who began it had little time: the others ask anew, and are answered."""
    engine = CachedEngine(alpha := FakeProvider("alpha", [Silent(), good(is_stream)]))
    hasty = Crowd(engine, 1, is_stream=is_stream, timeout_seconds=3)
    await settle()
    patient = Crowd(engine, 5, is_stream=is_stream, name="s", timeout_seconds=30)
    (error,) = errors(await hasty.outcomes())
    assert (error.status, alpha.asked[0].closed_at) == (504, engine.now())
    assert results(await patient.answers()) == {MISS: 1, COALESCED: 4}
    assert len(alpha.asked) == 2
    await assert_nothing_is_left(engine, requests=6)


async def test_coalescing_keeps_nobody_beyond_its_deadline(is_stream: bool) -> None:
    """A follower with little time gets 504 in that time, while the others wait on and are answered."""
    slow = streams(Pause(10), "late", Finish()) if is_stream else Says("late", after=10)
    engine = CachedEngine(alpha := FakeProvider("alpha", [slow]))
    patient = Crowd(engine, 3, is_stream=is_stream, timeout_seconds=30)
    await settle()
    hasty = Crowd(engine, 1, is_stream=is_stream, timeout_seconds=3)
    (error,) = errors(await hasty.outcomes())
    assert (error.status, error.request_id, engine.now() - alpha.asked[0].at) == (504, "r0", pytest.approx(3))
    assert {one.content for one in await patient.answers()} == {"late"}
    assert len(alpha.asked) == 1
    durations = [one.duration_seconds for one in engine.records.requests]
    assert durations == [pytest.approx(3), *[pytest.approx(10)] * 3]


async def test_coalescing_silent_vendor_is_a_timeout_for_all(is_stream: bool) -> None:
    """200 at once, and nothing ever comes: 200 times 504 in their time, after one call."""
    engine = CachedEngine(alpha := FakeProvider("alpha", [Silent()] * 9))
    crowd = Crowd(engine, 200, is_stream=is_stream, timeout_seconds=20)
    told = errors(await crowd.outcomes())
    assert ([one.status for one in told], len(alpha.asked)) == ([504] * 200, 1)
    assert {round(one.duration_seconds, 3) for one in engine.records.requests} == {20.0}
    await assert_nothing_is_left(engine, requests=200)


async def test_coalescing_silent_vendor_is_not_asked_for_each(is_stream: bool) -> None:
    """One comes each second: whoever asks anew has most of its time left, so few calls serve many."""
    engine = CachedEngine(alpha := FakeProvider("alpha", [Silent()] * 99))
    crowds = []
    for _ in range(30):
        crowds.append(Crowd(engine, 1, is_stream=is_stream))
        await engine.wait(1)
    outcomes = [outcome for crowd in crowds for outcome in await crowd.outcomes()]
    assert [one.status for one in errors(outcomes)] == [504] * 30
    assert len(alpha.asked) <= 3
    assert max(one.duration_seconds for one in engine.records.requests) <= 45.001


async def test_coalescing_last_follower_times_out(is_stream: bool) -> None:
    """Who began it left, and the other's time is up: that is 504, and no call of no time is begun."""
    engine = CachedEngine(alpha := FakeProvider("alpha", [Silent()] * 3))
    crowd = Crowd(engine, 2, is_stream=is_stream, timeout_seconds=20)
    await engine.wait(1)
    await left(crowd.tasks[0])
    (error,) = errors(await crowd.outcomes())
    assert (error.status, len(alpha.asked)) == (504, 1)
    await assert_nothing_is_left(engine, requests=2)


async def test_coalescing_falls_back_for_all(is_stream: bool) -> None:
    """The first vendor fails, the second serves them all; who began it has the attempts."""
    alpha, beta = FakeProvider("alpha", [unreadable()]), FakeProvider("beta", [good(is_stream)])
    engine = CachedEngine(alpha, beta)
    answers = await Crowd(engine, 10, is_stream=is_stream).answers()
    assert {(one.provider, one.fallback_used) for one in answers} == {("beta", True)}
    assert [len(one.attempts) for one in answers] == [2, *[0] * 9]
    assert {one.fallback_used for one in engine.records.requests} == {True}


async def test_coalescing_kept_answer_of_the_second_is_for_all(is_stream: bool) -> None:
    """The first vendor fails, the second's kept answer serves: nobody is billed."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta", [good(is_stream)])
    engine = CachedEngine(alpha, beta, max_retries=0)
    await engine.answer(is_stream=is_stream, provider="beta")
    alpha.script = [unavailable(after=1)]
    answers = await Crowd(engine, 10, is_stream=is_stream).answers()
    assert ({one.provider for one in answers}, results(answers)) == ({"beta"}, {HIT: 10})
    assert {one.cost.source for one in answers if one.cost is not None} == {"cache"}
    assert (len(alpha.asked), len(beta.asked)) == (1, 1)


async def test_coalescing_defect_leaves_nobody_waiting(is_stream: bool) -> None:
    """A defect of ours: who met it raises it, the others hear that it was ours, and all of it is recorded."""
    defect = Fails(lambda: RuntimeError("a defect"), after=1)
    engine = CachedEngine(alpha := FakeProvider("alpha", [defect] * 9))
    outcomes = await Crowd(engine, 10, is_stream=is_stream).outcomes()
    assert [type(one) for one in outcomes[:2]] == [RuntimeError] * 2
    assert [one.error_type for one in errors(outcomes)] == ["internal_error"] * 8
    assert {one.error_type for one in engine.records.requests} == {"internal_error"}
    assert len(alpha.asked) == 2
    await assert_nothing_is_left(engine, requests=10)


async def test_coalescing_ends_with_the_service(is_stream: bool) -> None:
    """The service stops: all hear so at once, the vendor's work ends, and nobody begins anew."""
    engine = CachedEngine(alpha := FakeProvider("alpha", [Silent()] * 9))
    crowd = Crowd(engine, 10, is_stream=is_stream)
    await engine.wait(1)
    await engine.stop()
    assert (engine.under_way, alpha.asked[0].closed_at) == (0, engine.now())
    told = errors(await crowd.outcomes())
    assert [one.error_type for one in told] == ["shutting_down"] * 10
    late = errors(await Crowd(engine, 1, is_stream=is_stream).outcomes())
    assert [one.error_type for one in late] == ["shutting_down"]
    assert len(alpha.asked) == 1
    recorded = {one.request_id for one in engine.records.requests}
    assert (len(recorded), len(engine.records.requests), engine.users, engine.open_calls) == (10, 11, 0, 0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
