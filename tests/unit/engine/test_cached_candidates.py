"""Whose kept answer serves when there are several who could, and some of them cannot?"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from contracts.cache import CacheResult
from contracts.providers import CircuitState, ProviderType
from tests.kit.cached_engine import CachedEngine, done
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import (
    unavailable,
    unreadable,
)
from tests.kit.virtual_time import EPOCH

HIT, MISS, BYPASS = CacheResult.HIT, CacheResult.MISS, CacheResult.BYPASS


@pytest.mark.parametrize("is_stream", [False, True])
async def test_cached_answer_of_the_first_candidate_only(is_stream: bool) -> None:
    """The first candidate has none and can serve: it is asked, whatever is kept of the second."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    engine = CachedEngine(alpha, beta)
    await engine.answer(is_stream=is_stream, provider="beta")
    second = await engine.answer(is_stream=is_stream)
    assert (second.provider, second.cache, len(alpha.asked)) == ("alpha", MISS, 1)
    third = await engine.answer(is_stream=is_stream, provider="beta")
    assert (third.provider, third.cache, len(beta.asked)) == ("beta", HIT, 1)


@pytest.mark.parametrize("is_stream", [False, True])
async def test_cached_answer_of_the_second_saves_a_failing_first(is_stream: bool) -> None:
    """The first fails, the second's kept answer serves with no call: the failed attempt is told, nothing is billed."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    engine = CachedEngine(alpha, beta, max_retries=0)
    await engine.answer(is_stream=is_stream, provider="beta")
    alpha.script = [unavailable()]
    response = await engine.answer(is_stream=is_stream)
    assert (response.provider, response.cache, response.cached, response.fallback_used) == ("beta", HIT, True, True)
    assert [(one.provider, one.outcome) for one in response.attempts] == [("alpha", "failed")]
    assert response.cost is not None
    assert (response.cost.usd, response.cost.source) == (Decimal(0), "cache")
    assert (len(alpha.asked), len(beta.asked)) == (1, 1)
    record = engine.records.requests[-1]
    assert (record.cache, record.provider, record.attempts, record.fallback_used) == (HIT, "beta", 1, True)
    assert (engine.users, engine.open_calls, engine.under_way) == (0, 0, 0)


async def test_cached_answer_of_the_second_finds_buffered_streams_too() -> None:
    """A stream that is held back until it is whole goes the same way."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    engine = CachedEngine(alpha, beta, max_retries=0)
    await engine.ask(provider="beta")
    alpha.script = [unavailable()]
    response = done(await engine.events(stream_recovery="buffer"))
    assert (response.provider, response.cache, len(beta.asked)) == ("beta", HIT, 1)


@pytest.mark.parametrize("is_stream", [False, True])
async def test_cached_answer_is_given_behind_an_open_circuit(is_stream: bool) -> None:
    """A vendor that is down has answered this before: nobody calls it, and the circuit stays as it is."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    engine = CachedEngine(alpha, beta, max_retries=0)
    await engine.answer(is_stream=is_stream)
    alpha.script = [unavailable()] * 3
    for number in range(3):
        await engine.answer(is_stream=is_stream, prompt=f"other {number}")
    assert engine.circuit("alpha", "alpha-1") is CircuitState.OPEN
    calls = (len(alpha.asked), len(beta.asked))
    response = await engine.answer(is_stream=is_stream)
    assert (response.provider, response.cache, response.fallback_used) == ("alpha", HIT, False)
    assert (len(alpha.asked), len(beta.asked)) == calls
    assert engine.circuit("alpha", "alpha-1") is CircuitState.OPEN
    assert (await engine.answer(is_stream=is_stream, prompt="other 0")).provider == "beta"


@pytest.mark.parametrize("is_stream", [False, True])
async def test_cached_answer_is_given_where_the_limit_is_spent(is_stream: bool) -> None:
    """A row that comes last for its limit still serves what it said before, and is not asked."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    engine = CachedEngine(alpha, beta)
    alpha.spent["alpha-1"] = EPOCH + timedelta(seconds=600)
    await engine.answer(is_stream=is_stream)
    kept = await engine.answer(is_stream=is_stream)
    assert (kept.provider, kept.cache) == ("alpha", HIT)
    other = await engine.answer(is_stream=is_stream, prompt="other")
    assert (other.provider, other.cache) == ("beta", MISS)
    again = await engine.answer(is_stream=is_stream, prompt="other")
    assert (again.provider, again.cache, again.fallback_used) == ("beta", HIT, True)
    assert (len(alpha.asked), len(beta.asked)) == (1, 1)


@pytest.mark.parametrize("is_stream", [False, True])
async def test_cached_answer_stands_under_the_one_that_served(is_stream: bool) -> None:
    """The second served for the first: the next caller gets the first's answer, and the second's own stays."""
    alpha, beta = FakeProvider("alpha", [unavailable()]), FakeProvider("beta")
    engine = CachedEngine(alpha, beta, max_retries=0)
    assert (await engine.answer(is_stream=is_stream)).provider == "beta"
    second = await engine.answer(is_stream=is_stream, provider="beta")
    assert (second.provider, second.cache) == ("beta", HIT)
    third = await engine.answer(is_stream=is_stream)
    assert (third.provider, third.cache, len(alpha.asked)) == ("alpha", MISS, 2)


@pytest.mark.parametrize("is_stream", [False, True])
async def test_cached_answer_under_another_name_says_so(is_stream: bool) -> None:
    """Whom another row's own name for the model served reads it in the warnings, bought or kept."""
    openai = FakeProvider("openai", [unreadable()] * 9, kind=ProviderType.OPENAI, default_model="gpt-6-luna")
    behind = FakeProvider("openrouter", kind=ProviderType.OPENROUTER, default_model="openai/gpt-6-luna")
    engine = CachedEngine(openai, behind)
    found = [await engine.answer(is_stream=is_stream, model="gpt-6-luna") for _ in range(2)]
    assert [(one.provider, one.cache) for one in found] == [("openrouter", MISS), ("openrouter", HIT)]
    told = "openrouter was asked for gpt-6-luna by its name openai/gpt-6-luna"
    assert [one.warnings for one in found] == [[told]] * 2
