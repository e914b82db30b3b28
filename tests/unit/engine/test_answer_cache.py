"""Which answers are kept, whose answer serves first, and what does the report say?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from app.engine.answer import Whole
from app.engine.answer_cache import AnswerCache, Recalled, is_worth_keeping
from app.engine.answer_key import AnswerKeys
from app.engine.selection import select
from app.ports import CachedAnswer
from app.stores.memory_cache import MemoryCache
from contracts.cache import CacheConfig, CacheResult
from contracts.calls import Reply
from contracts.chat import (
    FinishReason,
    Message,
    Part,
    RawPart,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
)
from contracts.errors import StoreUnavailableError
from contracts.responses import Cost
from tests.kit.answer_stores import FarStore
from tests.kit.cached_engine import CachedEngine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import USAGE, Says, limited, unavailable
from tests.kit.virtual_time import EPOCH

CALL = ToolCallPart(id="call", name="look", arguments="{}")
SCORE = '{"score": 0.5, "justification": "good"}'
STOP, CUT = FinishReason.STOP, FinishReason.LENGTH


def whole(*parts: Part, finish: FinishReason = STOP) -> Whole:
    """An answer of these parts."""
    reply = Reply(message=Message(role=Role.ASSISTANT, content=parts), finish_reason=finish)
    return Whole(reply, USAGE, Cost(usd=Decimal(1), source="prices"))


@pytest.mark.parametrize(
    "parts,finish,is_kept",
    [
        ((TextPart(text="yes"),), STOP, True),
        ((CALL,), FinishReason.TOOL_CALLS, True),
        ((CALL,), STOP, True),
        ((ReasoningPart(text="hm"), TextPart(text="yes")), STOP, True),
        ((TextPart(text="yes"),), CUT, False),
        ((CALL,), CUT, False),
        ((TextPart(text="ye"),), FinishReason.CONTENT_FILTER, False),
        ((RefusalPart(text="no"),), STOP, False),
        ((TextPart(text="well"), RefusalPart(text="no")), STOP, False),
        ((), STOP, False),
        ((TextPart(text=" \n"),), STOP, False),
        ((ReasoningPart(text="hm"),), STOP, False),
        ((RawPart(provider="alpha", data={"a": 1}),), STOP, False),
    ],
)
async def test_answer_cache_keeps_whole_answers_only(
    parts: tuple[Part, ...], finish: FinishReason, is_kept: bool
) -> None:
    """Neither what was cut, filtered or refused, nor what says nothing."""
    engine = CachedEngine(FakeProvider("alpha"))
    assert is_worth_keeping(engine.order(), whole(*parts, finish=finish)) is is_kept


@pytest.mark.parametrize("text", ["{", "{}", "no JSON", "[]"])
async def test_answer_cache_keeps_no_signals_that_cannot_be_read(text: str) -> None:
    """What reads as the signals that were asked for is kept; anything else is asked for again."""
    engine = CachedEngine(FakeProvider("alpha"))
    order = engine.order(signal_type="score")
    assert not is_worth_keeping(order, whole(TextPart(text=text)))
    assert is_worth_keeping(engine.order(), whole(TextPart(text=text)))


async def test_answer_cache_keeps_signals_that_can_be_read() -> None:
    """They are given again."""
    engine = CachedEngine(FakeProvider("alpha", [Says(SCORE)]))
    first, second = await engine.ask(signal_type="score"), await engine.ask(signal_type="score")
    assert first.signals is not None
    assert (second.cache, second.signals) == (CacheResult.HIT, first.signals)


async def test_answer_cache_is_for_those_who_ask_for_it() -> None:
    """Who does not, and everybody where it is switched off, has no key."""
    engine = CachedEngine(FakeProvider("alpha"))
    order, runtime = engine.order(), engine.snapshots.current
    plan = select(order, runtime)
    assert engine.cache.keys_of(order, plan, runtime) is not None
    assert engine.cache.keys_of(replace(order, use_cache=False), plan, runtime) is None
    engine.reconfigure(cache={"enabled": False})
    assert engine.cache.keys_of(order, plan, engine.snapshots.current) is None


async def test_answer_cache_looks_up_sixteen_at_most() -> None:
    """A long plan is not looked up to its end; behind that many nobody waits for an answer that is free."""
    engine = CachedEngine(*(FakeProvider(f"p{number:02}") for number in range(20)))
    order, runtime = engine.order(), engine.snapshots.current
    plan = select(order, runtime)
    keys = AnswerKeys(order, runtime)
    for target in plan.targets[1:]:
        await engine.cache.keep(keys, order, target, whole(TextPart(text=target.name)))
    recalled = await engine.cache.recall(keys, order, plan)
    assert list(recalled.kept) == [f"p{number:02}/p{number:02}-1" for number in range(1, 16)]


async def test_answer_cache_in_memory_looks_no_further_than_the_first_that_has_one() -> None:
    """Nobody needs the second candidate's answer then, nor to know who that would be: no other row is judged."""
    providers = [FakeProvider(name) for name in ("alpha", "beta")]
    engine = CachedEngine(*providers)
    order, runtime = engine.order(), engine.snapshots.current
    keys = AnswerKeys(order, runtime)
    for target in select(order, runtime).targets:
        await engine.cache.keep(keys, order, target, whole(TextPart(text=target.name)))
    plan = select(order, runtime)
    recalled = await engine.cache.recall(keys, order, plan)
    assert list(recalled.kept) == ["alpha/alpha-1"]
    assert [target.name for target in plan.judged] == ["alpha/alpha-1"]
    assert [target.name for target in plan.targets] == ["alpha/alpha-1", "beta/beta-1"]


async def test_answer_cache_recalls_nothing_where_it_cannot_ask() -> None:
    """A store that is down is no store without the answer: nobody can say that it was a miss."""
    engine = CachedEngine(FakeProvider("alpha"))
    store = FarStore(engine.now)
    cache, order, runtime = AnswerCache(store), engine.order(), engine.snapshots.current
    plan, keys = select(order, runtime), AnswerKeys(order, runtime)
    assert await cache.recall(keys, order, plan) == Recalled(was_asked=True)
    store.is_down = True
    assert await cache.recall(keys, order, plan) == Recalled(was_asked=False)


async def test_answer_cache_gives_what_costs_nothing_now() -> None:
    """The answer as it was, with the usage of then and no cost."""
    engine = CachedEngine(FakeProvider("alpha"))
    (target,) = select(engine.order(), engine.snapshots.current).targets
    bought = whole(TextPart(text="yes"))
    answer = CachedAnswer(reply=bought.reply, usage=USAGE, cost=bought.cost)
    kept = Recalled(was_asked=True, kept={target.name: answer}).of(target)
    assert kept is not None
    assert (kept.reply, kept.usage, kept.cost) == (bought.reply, USAGE, Cost(usd=Decimal(0), source="cache"))
    assert Recalled().of(target) is None


@pytest.mark.parametrize(
    "kept,spent,first",
    [
        ((), (), None),
        (("alpha",), (), "alpha"),
        (("beta",), (), None),
        (("alpha", "beta"), (), "alpha"),
        (("alpha",), ("alpha",), "alpha"),
        (("beta",), ("alpha",), "beta"),
        (("gamma",), ("alpha",), None),
        (("gamma",), ("alpha", "beta"), "gamma"),
        ((), ("alpha", "beta", "gamma"), None),
    ],
)
async def test_answer_cache_serves_in_the_plan_order(
    kept: tuple[str, ...], spent: tuple[str, ...], first: str | None
) -> None:
    """Whoever would be asked first serves from before; only those whose limit is used up are passed over."""
    engine = CachedEngine(*(FakeProvider(name) for name in ("alpha", "beta", "gamma")))
    plan = select(engine.order(), engine.snapshots.current)
    answer = CachedAnswer(reply=whole(TextPart(text="yes")).reply, usage=USAGE, cost=None)
    for name in spent:
        engine.routes.route(name, f"{name}-1").cooldown.spare(60)
    recalled = Recalled(was_asked=True, kept={f"{name}/{name}-1": answer for name in kept})
    found = recalled.first(plan, engine.routes)
    assert (found.provider.name if found else None) == first


async def test_answer_cache_reports() -> None:
    """How much is kept, what became of requests, and of how many of those that looked."""
    engine = CachedEngine(FakeProvider("alpha", [Says("a"), Says("b"), Says("c")]))
    empty = await engine.cache.stats(CacheConfig())
    assert (empty.backend, empty.state, empty.detail, empty.hit_rate) == ("memory", "ok", None, None)
    for prompt in ("a", "b", "a", "a"):
        await engine.ask(prompt=prompt)
    await engine.ask(prompt="a", use_cache=False)
    found = await engine.cache.stats(CacheConfig(enabled=False))
    assert (found.keys, found.hits, found.misses, found.hit_rate, found.coalesced) == (2, 2, 2, 50.0, 0)
    assert (found.enabled, found.evictions) == (False, 0)
    assert (found.bytes or 0) > 0


async def test_answer_cache_reports_requests_that_failed() -> None:
    """One that was looked for, and asked for in vain, was a miss too."""
    engine = CachedEngine(FakeProvider("alpha", [unavailable()]), max_retries=0)
    await engine.failure(use_cache=True)
    stats = await engine.cache.stats(CacheConfig())
    assert (stats.hits, stats.misses) == (0, 1)


async def test_answer_cache_report_without_its_store() -> None:
    """It says why, and what only the store knows is null; what this process counted stays."""
    engine = CachedEngine(FakeProvider("alpha"))
    store = FarStore(engine.now)
    store.is_down = True
    stats = await AnswerCache(store).stats(CacheConfig())
    assert (stats.backend, stats.state, stats.detail) == ("redis", "down", "Redis at test:1 cannot be reached")
    assert (stats.keys, stats.bytes, stats.evictions, stats.hits) == (None, None, None, 0)


async def test_answer_cache_is_emptied_by_name() -> None:
    """Of a provider, of a model, of all; without its store that is an error."""
    engine = CachedEngine(FakeProvider("alpha"), FakeProvider("beta"))
    for provider in ("alpha", "beta"):
        await engine.ask(provider=provider)
    assert (await engine.cache.clear(provider="alpha", model="other")).cleared == 0
    cleared = await engine.cache.clear(provider="alpha", model=None)
    assert (cleared.cleared, cleared.provider, cleared.model) == (1, "alpha", None)
    assert (await engine.cache.clear(provider=None, model=None)).cleared == 1
    assert (await engine.ask()).cache is CacheResult.MISS
    store = FarStore(engine.now)
    store.is_down = True
    with pytest.raises(StoreUnavailableError):
        await AnswerCache(store).clear(provider=None, model=None)


async def test_answer_cache_forgets_after_its_time() -> None:
    """An answer is given again until `ttl_seconds` after it was bought, however often it was given meanwhile."""
    engine = CachedEngine(FakeProvider("alpha"), cache={"ttl_seconds": 60})
    results = [(await engine.ask()).cache]
    for _ in range(4):
        await engine.wait(20)
        results.append((await engine.ask()).cache)
    assert [result.value for result in results] == ["miss", "hit", "hit", "miss", "hit"]


async def test_answer_cache_takes_a_limit_that_passed_for_passed() -> None:
    """A row that was spent comes first again once its limit is reset."""
    alpha, beta = FakeProvider("alpha", [limited(1)]), FakeProvider("beta")
    engine = CachedEngine(alpha, beta, max_retries=0)
    alpha.spent["alpha-1"] = EPOCH + timedelta(seconds=30)
    assert (await engine.ask()).provider == "beta"
    assert [((one := await engine.ask()).provider, one.cache) for _ in range(1)] == [("beta", CacheResult.HIT)]
    alpha.spent.clear()
    await engine.wait(60)
    assert (await engine.ask()).cache is CacheResult.MISS
    assert len(alpha.asked) == 2


def test_answer_cache_in_memory_is_at_hand() -> None:
    """A look into this process costs nothing, so nobody shares one; a look elsewhere is shared."""
    assert AnswerCache(MemoryCache(CacheConfig())).is_at_hand
    assert not AnswerCache(FarStore(lambda: 0.0)).is_at_hand
