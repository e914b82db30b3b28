"""Are vectors that somebody wants kept bought once, and never those of others?"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.engine.embeddings import EmbeddingCalls
from app.engine.surface_intake import take_in_surface
from app.ports import CachedVectors
from contracts.cache import CacheConfig, CacheResult
from contracts.caller import IN_PROCESS_CALLER
from contracts.calls import Source, Wire
from contracts.embeddings import EmbeddingInput
from contracts.errors import ProviderUnavailableError
from contracts.requests import Candidate
from contracts.steering import Steering
from contracts.surfaces import EmbeddingCompletion
from tests.kit.answers import answer, vectors
from tests.kit.cached_vectors import cached, far, is_kept, maker
from tests.kit.embedding_engine import EmbeddingEngine
from tests.kit.script import USAGE, Says, unavailable
from tests.kit.surface_engine import surface_request

HIT, MISS, BYPASS, COALESCED = CacheResult.HIT, CacheResult.MISS, CacheResult.BYPASS, CacheResult.COALESCED
BODY = '{"data": [{"embedding": [1.50]}, {"embedding": [2.0]}]}'
TEXTS = EmbeddingInput(texts=("a", "b"))
OPENAI = Wire.OPENAI_EMBEDDINGS


async def at_surface(
    engine: EmbeddingEngine, body: bytes = b"{}", asked: EmbeddingInput = TEXTS
) -> EmbeddingCompletion:
    """The same of a caller of the drop-in surface."""
    source = Source(wire=OPENAI, body=body, read_as=asked)
    request = surface_request(source=source, steering=Steering(use_cache=True))
    with engine.snapshots.taken() as runtime:
        order = take_in_surface(request, IN_PROCESS_CALLER, now=engine.clock.now(), config=runtime.config)
        return await engine.embeddings.completion(order, runtime)


@pytest.mark.parametrize("make_store", [lambda: None, far])
@pytest.mark.parametrize("word", ["use_cache", "enable_caching"])
async def test_vectors_that_are_kept_cost_nothing(make_store: Any, word: str) -> None:
    """The same vectors, usage of then, no call, and a record that says so."""
    alpha = maker()
    engine = EmbeddingEngine(alpha, store=make_store())
    first = await engine.embed("a", "bcd", **{word: True})
    await is_kept(engine)
    second = await engine.embed("a", "bcd", **{word: True})
    assert (first.cache, second.cache, len(alpha.asked)) == (MISS, HIT, 1)
    assert second.embeddings == first.embeddings == [[1.0, 1.0], [3.0, 1.0]]
    assert (second.provider, second.model, second.usage, second.attempts) == ("alpha", "e-1", USAGE, [])
    assert second.cost is not None
    assert (second.cost.usd, second.cost.source, second.warnings) == (Decimal(0), "cache", [])
    record = engine.records.requests[-1]
    assert (record.cache, record.usage, record.cost_usd) == (HIT, None, Decimal(0))
    stats = await engine.cache.stats(CacheConfig())
    assert (stats.keys, stats.hits, stats.misses) == (1, 1, 1)


async def test_vectors_are_kept_for_those_who_ask_for_it() -> None:
    """Not for others, and for nobody where the cache is switched off."""
    alpha = maker()
    engine = EmbeddingEngine(alpha)
    assert [(await engine.embed("a")).cache for _ in range(2)] == [BYPASS] * 2
    off = EmbeddingEngine(alpha, cache={"enabled": False})
    assert [(await cached(off, "a")).cache for _ in range(2)] == [BYPASS] * 2
    assert len(alpha.asked) == 4


@pytest.mark.parametrize(
    "other",
    [
        {"input": ("a", "c")},
        {"input": ("ab",)},
        {"input": ("b", "a")},
        {"input": ("a",)},
        {"dimensions": 2},
        {"purpose": "query"},
        {"vendor_options": {"alpha": {"user": "u"}}},
        {"model": "e-2"},
        {"preferred_provider": "beta"},
        {"caller": replace(IN_PROCESS_CALLER, tenant="others")},
    ],
    ids=lambda other: next(iter(other)),
)
async def test_vectors_of_another_request_are_another_entry(other: dict[str, Any]) -> None:
    """Every text, its place, and all that is asked of them."""
    engine = EmbeddingEngine(maker("alpha", embeds=("e-1", "e-2")), maker("beta"))
    assert (await cached(engine, "a", "b")).cache is MISS
    texts = other.pop("input", ("a", "b")) if "input" in other else ("a", "b")
    assert (await cached(engine, *texts, **other)).cache is MISS


async def test_vectors_of_the_same_request_are_one_entry() -> None:
    """Whatever its ids, tags, and times are."""
    engine = EmbeddingEngine(maker())
    await cached(engine, "a", request_id="r1", tags=["x"], user_id="u")
    assert (await cached(engine, "a", request_id="r2", timeout_seconds=7, model="e-1")).cache is HIT


async def test_vectors_live_as_long_as_the_cache_says() -> None:
    """And no longer."""
    engine = EmbeddingEngine(maker(), cache={"ttl_seconds": 60})
    await cached(engine)
    await engine.wait(59)
    assert (await cached(engine)).cache is HIT
    await engine.wait(1)
    assert (await cached(engine)).cache is MISS


async def test_vectors_too_large_are_not_kept() -> None:
    """They are given all the same."""
    engine = EmbeddingEngine(maker(), cache={"max_bytes": 2000})
    assert [(await cached(engine, *"abcdefgh" * 8)).cache for _ in range(2)] == [MISS] * 2


@pytest.mark.parametrize(
    "cleared,left",
    [((None, None), MISS), (("alpha", None), MISS), ((None, "e-1"), MISS), (("beta", None), HIT), ((None, "e-2"), HIT)],
)
async def test_vectors_are_cleared_with_the_rest(cleared: tuple[str | None, str | None], left: CacheResult) -> None:
    """All, a provider's, a model's."""
    engine = EmbeddingEngine(maker())
    await cached(engine)
    await engine.cache.clear(provider=cleared[0], model=cleared[1])
    assert (await cached(engine)).cache is left


async def test_vectors_of_another_model_stand_in_for_nobody_unasked() -> None:
    """Those that are kept neither: a row that fails has its error, unless the caller named the other."""
    alpha, beta = maker("alpha"), maker("beta", embeds=("e-2",))
    engine = EmbeddingEngine(alpha, beta, max_retries=0)
    await cached(engine, "a", model="e-2")
    alpha.afterwards = unavailable()
    with pytest.raises(ProviderUnavailableError):
        await cached(engine, "a", model="e-1")
    other = Candidate(provider="beta", model="e-2")
    made = await cached(engine, "a", model="e-1", fallback_providers=[other])
    assert (made.cache, made.model, made.fallback_used, len(beta.asked)) == (HIT, "e-2", True, 1)
    assert "these vectors are of e-2: they cannot be compared with those of e-1" in made.warnings


async def test_vectors_of_another_row_serve_when_its_own_limit_is_used_up() -> None:
    """The same model, kept from before, as for answers."""
    alpha, beta = maker("alpha"), maker("beta")
    engine = EmbeddingEngine(alpha, beta)
    await cached(engine, "a", preferred_provider="beta")
    engine.routes.route("alpha", "e-1").cooldown.spare(60)
    made = await cached(engine, "a")
    assert (made.cache, made.provider, made.fallback_used) == (HIT, "beta", True)


@pytest.mark.parametrize("make_store", [lambda: None, far])
async def test_vectors_relayed_are_kept_to_the_letter(make_store: Any) -> None:
    """The vendor's own body is given again at the surface, to the same bytes only."""
    alpha = maker("alpha", Says(raw=BODY), Says(raw=BODY))
    engine = EmbeddingEngine(alpha, store=make_store())
    first = await at_surface(engine)
    await is_kept(engine)
    second = await at_surface(engine)
    assert [first.account.cache, second.account.cache] == [MISS, HIT]
    assert (second.reply.raw, second.reply.vectors, second.reply.usage) == (BODY, (), USAGE)
    assert (await at_surface(engine, b'{"encoding_format":"base64"}')).account.cache is MISS
    assert (await cached(engine, "a", "b")).cache is MISS


@pytest.mark.parametrize("forged", [vectors((1.0,)), vectors(raw=BODY), answer()])
async def test_vectors_that_others_wrote_are_judged(forged: CachedVectors) -> None:
    """A store that is not our own may hold anything: what is not fit is a miss."""
    store, alpha = far(), maker()
    engine = EmbeddingEngine(alpha, store=store)
    await cached(engine, "a", "b")
    await is_kept(engine)
    await store.keep(store.kept[0], forged)
    assert ((await cached(engine, "a", "b")).cache, len(alpha.asked)) == (MISS, 2)


async def test_vectors_are_bought_when_the_cache_is_down() -> None:
    """It costs nobody an error."""
    store = far()
    engine = EmbeddingEngine(maker(), store=store)
    store.is_down = True
    for _ in range(2):
        assert (await cached(engine, "a")).cache is BYPASS
        await is_kept(engine)


async def test_vectors_of_texts_that_no_json_can_say_have_no_name() -> None:
    """Half of a surrogate pair in a vendor's options: asked, not kept."""
    engine = EmbeddingEngine(maker())
    order = engine.order("a", use_cache=True)
    order = replace(order, call=replace(order.call, vendor_options={"alpha": {"a": "\ud800"}}))
    calls: EmbeddingCalls = engine.embeddings
    assert (await calls.answer(order, engine.snapshots.current)).cache is BYPASS
