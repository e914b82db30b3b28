"""Do identical requests that come at once share one call, each answered as if it had been alone?"""

from __future__ import annotations

from decimal import Decimal

import pytest

from contracts.cache import CacheResult
from contracts.chat import FinishReason
from contracts.providers import ProviderType
from contracts.responses import LLMResponse
from tests.kit.answer_stores import FarStore
from tests.kit.cached_engine import CachedEngine, Crowd, assert_nothing_is_left, left, results
from tests.kit.fake_provider import FakeProvider
from tests.kit.gate import settle
from tests.kit.script import (
    USAGE,
    Counted,
    Finish,
    Outcome,
    Pause,
    Says,
    Silent,
    streams,
)
from tests.kit.virtual_time import loop_clock

HIT, MISS, BYPASS, COALESCED = CacheResult.HIT, CacheResult.MISS, CacheResult.BYPASS, CacheResult.COALESCED
LONG = streams("one ", Pause(1), "two ", Pause(1), "three", Finish(), Counted())
ANSWER = Says("one two three", after=2)
pytestmark = pytest.mark.parametrize("is_stream", [False, True])


def paid(*script: Outcome) -> FakeProvider:
    """One whose answers cost."""
    return FakeProvider("openai", script, kind=ProviderType.OPENAI, default_model="gpt-6-luna")


def good(is_stream: bool) -> Outcome:
    """Two seconds of a good answer."""
    return LONG if is_stream else ANSWER


async def test_coalescing_two_hundred_are_one_call(is_stream: bool) -> None:
    """One call, 200 equal answers under 200 ids, one of them bought; what it cost was billed once."""
    engine = CachedEngine(openai := paid(good(is_stream)))
    crowd = Crowd(engine, 200, is_stream=is_stream)
    answers = await crowd.answers()
    assert (len(openai.asked), len(answers)) == (1, 200)
    assert results(answers) == {MISS: 1, COALESCED: 199}
    assert answers[0].cache is MISS
    assert [(one.request_id, one.correlation_id) for one in answers] == [(f"r{n}", f"c{n}") for n in range(200)]
    assert {one.content for one in answers} == {"one two three"}
    assert {one.message for one in answers} == {answers[0].message}
    assert {one.usage for one in answers} == {USAGE}
    costs = [one.cost.usd for one in answers if one.cost is not None]
    assert {one.cost.source for one in answers[1:] if one.cost is not None} == {"shared"}
    assert [len(one.attempts) for one in answers] == [1, *[0] * 199]
    records, attempts = engine.records.requests, engine.records.attempts
    assert sum(costs) == sum(one.cost_usd or 0 for one in records) == sum(one.cost_usd or 0 for one in attempts) > 0
    assert [one.usage for one in records if one.usage is not None] == [USAGE]
    assert {one.cache for one in records if one.usage is None} == {COALESCED}
    assert not any(one.is_cancelled or one.error_type for one in records)
    await assert_nothing_is_left(engine, requests=200)
    assert (await engine.answer(is_stream=is_stream)).cache is HIT


async def test_coalescing_is_told_where_the_time_went(is_stream: bool) -> None:
    """A caller who shares waited for a vendor, not for this service."""
    engine = CachedEngine(FakeProvider("alpha", [good(is_stream)]))
    _, shared = await Crowd(engine, 2, is_stream=is_stream).answers()
    assert (shared.cache, shared.latency.total_ms) == (COALESCED, pytest.approx(2000))
    assert (shared.latency.upstream_ms, shared.latency.overhead_ms) == (pytest.approx(2000), pytest.approx(0))


async def test_coalescing_needs_no_store(is_stream: bool) -> None:
    """Where the cache cannot be asked the call is shared all the same, and one look with it."""
    store = FarStore(loop_clock().monotonic)
    store.is_down = True
    engine = CachedEngine(alpha := FakeProvider("alpha", [good(is_stream)]), store=store)
    assert results(await Crowd(engine, 20, is_stream=is_stream).answers()) == {BYPASS: 1, COALESCED: 19}
    assert (len(alpha.asked), store.looks) == (1, 1)


async def test_coalescing_shares_one_look_into_a_far_store(is_stream: bool) -> None:
    """And what it finds: a hit for all of them."""
    store = FarStore(loop_clock().monotonic)
    engine = CachedEngine(alpha := FakeProvider("alpha", [good(is_stream)]), store=store)
    assert results(await Crowd(engine, 3, is_stream=is_stream).answers()) == {MISS: 1, COALESCED: 2}
    await engine.wait(1)
    answers = await Crowd(engine, 20, is_stream=is_stream, name="s", tags=["x"]).answers()
    assert results(answers) == {HIT: 20}
    assert {one.cost.source for one in answers if one.cost is not None} == {"cache"}
    assert (len(alpha.asked), store.looks) == (1, 2)
    await engine.wait(1)
    await assert_nothing_is_left(engine, requests=23)


@pytest.mark.parametrize("finish", [FinishReason.LENGTH, FinishReason.CONTENT_FILTER])
async def test_coalescing_shares_what_is_not_kept(finish: FinishReason, is_stream: bool) -> None:
    """A cut answer is the answer of all who waited for it, and of nobody after them."""
    said = streams("cu", Finish(finish)) if is_stream else Says("cu", finish=finish)
    engine = CachedEngine(alpha := FakeProvider("alpha", [said, said]))
    answers = await Crowd(engine, 5, is_stream=is_stream).answers()
    assert ({one.finish_reason for one in answers}, len(alpha.asked)) == ({finish}, 1)
    assert (await engine.answer(is_stream=is_stream)).cache is MISS
    assert len(alpha.asked) == 2


@pytest.mark.parametrize("seconds", [0.0, 0.5, 1.5])
async def test_coalescing_outlives_who_began_it(seconds: float, is_stream: bool) -> None:
    """The first caller leaves, before or after the first content: 199 answers, at most two calls, all of it recorded.

    His record says that he left, with the whole usage and cost, once.
    """
    engine = CachedEngine(openai := paid(good(is_stream), good(is_stream)))
    crowd = Crowd(engine, 200, is_stream=is_stream)
    await settle()
    if seconds:
        await engine.wait(seconds)
    await left(crowd.tasks[0])
    outcomes = await crowd.outcomes()
    answers = [one for one in outcomes if isinstance(one, LLMResponse)]
    assert (len(answers), len(openai.asked)) == (199, 1)
    assert ({one.content for one in answers}, results(answers)) == ({"one two three"}, {COALESCED: 199})
    (mine,) = [one for one in engine.records.requests if one.request_id == "r0"]
    assert (mine.is_cancelled, mine.error_type, mine.usage, mine.cache) == (True, None, USAGE, MISS)
    assert mine.attempts == 1
    attempts = engine.records.attempts
    assert sum(one.cost_usd or 0 for one in engine.records.requests) == sum(one.cost_usd or 0 for one in attempts) > 0
    await assert_nothing_is_left(engine, requests=200)
    assert (await engine.answer(is_stream=is_stream)).cache is HIT


@pytest.mark.parametrize("seconds", [0.5, 1.5])
async def test_coalescing_ends_when_all_leave(seconds: float, is_stream: bool) -> None:
    """The vendor's work ends in that moment, the records say so, and what it had used is in one of them."""
    engine = CachedEngine(alpha := FakeProvider("alpha", [good(is_stream)]))
    crowd = Crowd(engine, 20, is_stream=is_stream)
    await engine.wait(seconds)
    await left(*crowd.tasks)
    assert alpha.asked[0].closed_at == engine.now()
    assert engine.now() - alpha.asked[0].at == pytest.approx(seconds)
    assert all(one.is_cancelled and one.error_type is None for one in engine.records.requests)
    assert engine.records.outcomes == [("alpha", "cancelled")]
    assert [one.request_id for one in engine.records.requests if one.usage is not None] == ["r0"]
    assert engine.routes.route("alpha", "alpha-1").breaker.failures == 0
    await assert_nothing_is_left(engine, requests=20)


async def test_coalescing_ends_with_the_last_one_to_leave(is_stream: bool) -> None:
    """They leave one after the other; the one who began it first."""
    engine = CachedEngine(alpha := FakeProvider("alpha", [Silent()]))
    crowd = Crowd(engine, 4, is_stream=is_stream)
    for task in crowd.tasks:
        assert engine.open_calls == (1 if task is not crowd.tasks[0] else 0)
        await engine.wait(0.1)
        await left(task)
    assert alpha.asked[0].closed_at == engine.now()
    await assert_nothing_is_left(engine, requests=4)


async def test_coalescing_newcomer_begins_anew_after_all_left(is_stream: bool) -> None:
    """What they gave up is none that he could join."""
    engine = CachedEngine(alpha := FakeProvider("alpha", [Silent(), good(is_stream)]))
    crowd = Crowd(engine, 2, is_stream=is_stream)
    await engine.wait(1)
    for task in crowd.tasks:
        task.cancel()
    late = Crowd(engine, 1, is_stream=is_stream)
    assert results(await late.answers()) == {MISS: 1}
    assert len(alpha.asked) == 2


async def test_coalescing_waits_once_in_a_full_line(is_stream: bool) -> None:
    """Where a row takes one call at a time, those who share take one place in its line."""
    alpha = FakeProvider("alpha", [good(is_stream), good(is_stream)])
    engine = CachedEngine(alpha, rows={"alpha": {"max_concurrency": 1, "max_queue": 1}})
    busy = Crowd(engine, 1, is_stream=is_stream, prompt="other")
    await engine.wait(0.5)
    shared = Crowd(engine, 20, is_stream=is_stream, name="s")
    assert results(await shared.answers()) == {MISS: 1, COALESCED: 19}
    assert results(await busy.answers()) == {MISS: 1}
    assert sum(one.cost_usd or 0 for one in engine.records.requests) == Decimal(0)
    await assert_nothing_is_left(engine, requests=21)
