"""Who shares a call with whom, and who does not?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from contracts.cache import CacheResult
from contracts.caller import IN_PROCESS_CALLER
from contracts.errors import LLMProviderError
from contracts.responses import LLMResponse
from tests.kit.cached_engine import CachedEngine, Crowd, assert_nothing_is_left, results
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import (
    Counted,
    Finish,
    Outcome,
    Pause,
    Says,
    streams,
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


async def test_coalescing_is_for_those_who_ask_for_the_cache(is_stream: bool) -> None:
    """Who wants an answer of his own gets one, while the same is under way for others."""
    alpha = FakeProvider("alpha", [good(is_stream)] * 3)
    engine = CachedEngine(alpha)
    shared = Crowd(engine, 3, is_stream=is_stream)
    alone = Crowd(engine, 2, is_stream=is_stream, use_cache=False)
    assert results(await alone.answers()) == {BYPASS: 2}
    assert results(await shared.answers()) == {MISS: 1, COALESCED: 2}
    assert len(alpha.asked) == 3


async def test_coalescing_is_off_with_the_cache(is_stream: bool) -> None:
    """Nothing is shared then."""
    alpha = FakeProvider("alpha", [good(is_stream)] * 3)
    engine = CachedEngine(alpha, cache={"enabled": False})
    assert results(await Crowd(engine, 3, is_stream=is_stream).answers()) == {BYPASS: 3}
    assert len(alpha.asked) == 3


@pytest.mark.parametrize(
    "other",
    [
        {"prompt": "Say hello!"},
        {"temperature": 0.5},
        {"max_tokens": 7},
        {"provider": "beta"},
        {"model": "alpha-1"},
        {"enable_fallback": False},
        {"fallback_providers": ["beta"]},
        {"vendor_options": {"alpha": {"a": 1}}},
        {"stream_recovery": "error"},
        {"signal_type": "generation"},
    ],
    ids=lambda other: next(iter(other)),
)
async def test_coalescing_is_of_the_same_only(other: dict[str, Any], is_stream: bool) -> None:
    """Whoever asks for anything else, of anybody else, or otherwise, has a call of his own."""
    given = [FakeProvider(name, [good(is_stream)] * 2) for name in ("alpha", "beta")]
    engine = CachedEngine(*given, circuit_breaker={"enabled": False}, max_retries=0)
    crowds = [Crowd(engine, 2, is_stream=is_stream), Crowd(engine, 2, is_stream=is_stream, **other)]
    outcomes = [await crowd.outcomes() for crowd in crowds]
    assert [one.cache for one in outcomes[0] if isinstance(one, LLMResponse)] == [MISS, COALESCED]
    assert len(given[0].asked) + len(given[1].asked) >= 2


async def test_coalescing_is_whoever_is_in_a_hurry(is_stream: bool) -> None:
    """Ids, tags, metadata, users, priority and patience tell nobody apart."""
    alpha = FakeProvider("alpha", [good(is_stream)])
    engine = CachedEngine(alpha)
    own: list[dict[str, Any]] = [
        {},
        {"tags": ["a"]},
        {"metadata": {"a": 1}},
        {"user_id": "u"},
        {"priority": "urgent"},
        {"timeout_seconds": 9},
        {"prompt_cache_key": "k"},
    ]
    answers = await asyncio.gather(*(engine.answer(is_stream=is_stream, **fields) for fields in own))
    assert results(answers) == {MISS: 1, COALESCED: 6}
    assert [record.tags for record in engine.records.requests].count(("a",)) == 1
    await assert_nothing_is_left(engine, requests=7)


async def test_coalescing_never_crosses_tenants(is_stream: bool) -> None:
    """Two customers who ask the same at once: two calls."""
    alpha = FakeProvider("alpha", [good(is_stream), good(is_stream)])
    engine = CachedEngine(alpha)
    crowds = [
        Crowd(engine, 3, is_stream=is_stream, caller=replace(IN_PROCESS_CALLER, tenant=tenant)) for tenant in "ab"
    ]
    assert [results(await crowd.answers()) for crowd in crowds] == [{MISS: 1, COALESCED: 2}] * 2
    assert len(alpha.asked) == 2


async def test_coalescing_ends_at_a_change_of_configuration(is_stream: bool) -> None:
    """Who comes after it is served by what holds now; those before stay with theirs, and its rows stay open."""
    alpha = FakeProvider("alpha", [good(is_stream), good(is_stream)])
    engine = CachedEngine(alpha)
    before = engine.snapshots.current
    first = Crowd(engine, 2, is_stream=is_stream)
    await engine.wait(0.5)
    engine.reconfigure(max_retries=0)
    second = Crowd(engine, 2, is_stream=is_stream, name="s")
    await engine.wait(0.5)
    assert before.users > 0
    assert [results(await crowd.answers()) for crowd in (first, second)] == [{MISS: 1, COALESCED: 1}] * 2
    assert (len(alpha.asked), before.users) == (2, 0)
    await assert_nothing_is_left(engine, requests=4)


async def test_coalescing_refused_caller_shares_nothing(is_stream: bool) -> None:
    """Whoever may not spend does not get it by asking what others ask."""
    engine = CachedEngine(alpha := FakeProvider("alpha", [good(is_stream)]))
    crowd = Crowd(engine, 2, is_stream=is_stream)
    await engine.wait(0.5)
    engine.records.refusal = LLMProviderError("no")
    (told,) = errors(await Crowd(engine, 1, is_stream=is_stream).outcomes())
    assert str(told) == "no"
    assert results(await crowd.answers()) == {MISS: 1, COALESCED: 1}
    assert len(alpha.asked) == 1
