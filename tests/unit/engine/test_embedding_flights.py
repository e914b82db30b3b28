"""Do callers who want the same vectors at once share one call, and only those who may?"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from contracts.cache import CacheConfig, CacheResult
from contracts.caller import IN_PROCESS_CALLER
from contracts.errors import ProviderUnavailableError, ShuttingDownError
from tests.kit.cached_vectors import cached, far, is_kept, maker
from tests.kit.embedding_engine import EmbeddingEngine
from tests.kit.gate import settle
from tests.kit.script import USAGE, Says, Silent, unavailable

HIT, MISS, COALESCED = CacheResult.HIT, CacheResult.MISS, CacheResult.COALESCED


@pytest.mark.parametrize("make_store", [lambda: None, far])
async def test_vectors_under_way_are_shared(make_store: Any) -> None:
    """Fifty callers, one call, billed to who began it."""
    alpha = maker("alpha", Says(after=2))
    engine = EmbeddingEngine(alpha, store=make_store())
    made = await asyncio.gather(*(cached(engine, "a", request_id=f"r{number}") for number in range(50)))
    assert len(alpha.asked) == 1
    assert [one.cache for one in made] == [MISS] + [COALESCED] * 49
    assert [one.request_id for one in made] == [f"r{number}" for number in range(50)]
    assert {tuple(map(tuple, one.embeddings)) for one in made} == {((1.0, 1.0),)}
    assert [one.cost and one.cost.source for one in made] == ["free"] + ["shared"] * 49
    assert {one.latency.overhead_ms < 50 for one in made} == {True}
    await is_kept(engine)
    billed = [record.usage for record in engine.records.requests if record.usage is not None]
    assert (billed, len(engine.records.requests)) == ([USAGE], 50)
    assert (await cached(engine, "a")).cache is HIT
    await settle()
    assert (len(engine.embeddings.flights), engine.users, engine.open_calls) == (0, 0, 0)


async def test_vectors_of_callers_with_other_limits_are_not_shared() -> None:
    """What one may not use does not answer him."""
    alpha = maker("alpha", Says(after=2), Says(after=2))
    engine = EmbeddingEngine(alpha)
    narrow = replace(IN_PROCESS_CALLER, models=frozenset({"e-1"}))
    made = await asyncio.gather(cached(engine, "a"), cached(engine, "a", caller=narrow))
    assert ([one.cache for one in made], len(alpha.asked)) == ([MISS, MISS], 2)


async def test_vectors_shared_outlive_who_began_the_call() -> None:
    """He is recorded with what it took; the last one who leaves ends it."""
    alpha = maker("alpha", Says(after=5), Silent())
    engine = EmbeddingEngine(alpha)
    owner, other = (asyncio.create_task(cached(engine, "a", request_id=name)) for name in ("owner", "other"))
    await engine.wait(1)
    owner.cancel()
    assert (await other).cache is COALESCED
    (left,) = [record for record in engine.records.requests if record.request_id == "owner"]
    assert (left.is_cancelled, left.usage) == (True, USAGE)
    alone = asyncio.create_task(cached(engine, "b"))
    await engine.wait(1)
    alone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await alone
    assert alpha.asked[1].cancelled_at is not None
    assert (engine.users, len(engine.embeddings.flights)) == (0, 0)


async def test_vectors_that_fail_are_not_kept() -> None:
    """Each is told; the next one asks again."""
    alpha = maker("alpha", *[unavailable(after=1)] * 2)
    engine = EmbeddingEngine(alpha, max_retries=0)
    failed = await asyncio.gather(*(cached(engine, "a") for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in failed] == [ProviderUnavailableError] * 3
    assert ((await cached(engine, "a")).cache, len(alpha.asked)) == (MISS, 3)


async def test_vectors_under_way_while_the_cache_is_cleared_are_not_kept() -> None:
    """Who asks after the clearing shares no call of before."""
    alpha = maker("alpha", Says(after=5), Says(after=5))
    engine = EmbeddingEngine(alpha)
    before = asyncio.create_task(cached(engine, "a"))
    await engine.wait(1)
    await engine.cache.clear(provider=None, model=None)
    after = asyncio.create_task(cached(engine, "a"))
    await before
    stats = await engine.cache.stats(CacheConfig())
    assert (stats.keys, (await after).cache, len(alpha.asked)) == (0, MISS, 2)


async def test_vectors_under_way_end_with_the_service() -> None:
    """Nobody is left waiting."""
    engine = EmbeddingEngine(maker("alpha", Silent()))
    waiting = asyncio.create_task(cached(engine, "a"))
    await engine.wait(1)
    await engine.embeddings.aclose()
    with pytest.raises(ShuttingDownError):
        await waiting
    assert (engine.users, engine.open_calls) == (0, 0)
