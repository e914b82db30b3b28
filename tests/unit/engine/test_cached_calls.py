"""What does a caller get whose answer is kept from before, and is it ever another's, a cut one or an old one?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from contracts.cache import CacheResult
from contracts.caller import IN_PROCESS_CALLER
from contracts.chat import FinishReason, Part, ReasoningPart, RefusalPart, TextPart, ToolCallPart
from contracts.deltas import ReasoningDelta, TextDelta, ToolCallDelta
from contracts.providers import ProviderType
from tests.kit.answer_stores import FarStore
from tests.kit.cached_engine import CachedEngine, done
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import (
    USAGE,
    Counted,
    Finish,
    Outcome,
    Says,
    Silent,
    Step,
    invalid,
    limited,
    refused_content,
    streams,
    unavailable,
    unreadable,
)
from tests.kit.speaking_provider import SpeakingProvider
from tests.kit.virtual_time import loop_clock

HIT, MISS, BYPASS = CacheResult.HIT, CacheResult.MISS, CacheResult.BYPASS
CALL = ToolCallPart(id="call", name="look", arguments='{"a": 1}')
ALL_PARTS = (ReasoningPart(text="hm", signature="s", provider="alpha"), TextPart(text="I look."), CALL)
ALL_STEPS = (
    ReasoningDelta(text="hm"),
    "I look.",
    ToolCallDelta(index=0, id="call", name="look", arguments='{"a"'),
    ToolCallDelta(index=0, arguments=": 1}"),
)


def paid() -> FakeProvider:
    """One whose answers cost."""
    return FakeProvider("openai", kind=ProviderType.OPENAI, default_model="gpt-6-luna")


@pytest.mark.parametrize("is_stream", [False, True])
async def test_cached_answer_is_the_callers_own(is_stream: bool) -> None:
    """The same answer under the ids of who asks now: nobody was called, nothing is used, nothing is billed."""
    engine = CachedEngine(openai := paid())
    first = await engine.answer(is_stream=is_stream, request_id="r1", correlation_id="c1")
    await engine.wait(5)
    second = await engine.answer(is_stream=is_stream, request_id="r2", correlation_id="c2", tags=["t"])
    assert (first.cache, first.cached, second.cache, second.cached) == (MISS, False, HIT, True)
    assert (second.request_id, second.correlation_id) == ("r2", "c2")
    assert (second.content, second.message, second.usage) == (first.content, first.message, first.usage)
    assert (second.provider, second.model, second.fallback_used) == (first.provider, first.model, False)
    assert (second.attempts, second.warnings, second.latency.upstream_ms) == ([], [], 0)
    assert second.created_at - first.created_at == timedelta(seconds=5)
    assert second.cost is not None
    assert (second.cost.usd, second.cost.source) == (Decimal(0), "cache")
    assert first.cost is not None
    assert first.cost.usd > 0
    bought, kept = engine.records.requests
    assert (bought.cost_usd, bought.usage, bought.cache, bought.attempts) == (first.cost.usd, USAGE, MISS, 1)
    assert (kept.cost_usd, kept.usage, kept.cache, kept.attempts) == (Decimal(0), None, HIT, 0)
    assert (kept.request_id, kept.provider, kept.tags, kept.error_type) == ("r2", "openai", ("t",), None)
    assert (len(openai.asked), len(engine.records.attempts)) == (1, 1)
    assert (engine.users, engine.open_calls, engine.under_way) == (0, 0, 0)


@pytest.mark.parametrize("is_stream", [False, True])
async def test_cached_answer_is_for_who_asks_for_it(is_stream: bool) -> None:
    """Who does not ask for it gets an answer of his own, which is not kept either."""
    engine = CachedEngine(alpha := FakeProvider("alpha"))
    results = [
        (await engine.answer(is_stream=is_stream, use_cache=use)).cache for use in (False, True, False, None, True)
    ]
    assert results == [BYPASS, MISS, BYPASS, BYPASS, HIT]
    assert len(alpha.asked) == 4
    assert [record.cache for record in engine.records.requests] == results


@pytest.mark.parametrize("is_stream", [False, True])
async def test_cached_answer_is_switched_off_with_the_cache(is_stream: bool) -> None:
    """Off, everybody bypasses it; on again, what was kept before is there."""
    engine = CachedEngine(FakeProvider("alpha"))
    results = [(await engine.answer(is_stream=is_stream)).cache]
    for enabled in (False, True):
        engine.reconfigure(cache={"enabled": enabled})
        results.append((await engine.answer(is_stream=is_stream)).cache)
    assert results == [MISS, BYPASS, HIT]


@pytest.mark.parametrize("first_is_stream", [False, True])
@pytest.mark.parametrize("second_is_stream", [False, True])
async def test_cached_parts_of_every_kind_are_given_again(first_is_stream: bool, second_is_stream: bool) -> None:
    """Thoughts, text and calls of tools, bought as a stream or whole, come back as a stream or whole."""
    speaking = SpeakingProvider(
        "alpha",
        ALL_PARTS,
        FinishReason.TOOL_CALLS,
        steps=ALL_STEPS if first_is_stream else (),
        warnings=("seed was left out",),
    )
    engine = CachedEngine(speaking)
    first = await engine.answer(is_stream=first_is_stream)
    assert (first.message.content, first.warnings) == (ALL_PARTS, ["seed was left out"])
    events = await engine.events() if second_is_stream else []
    second = done(events) if second_is_stream else await engine.ask()
    assert second.cache is HIT
    assert (second.message, second.finish_reason, second.warnings) == (first.message, "tool_calls", first.warnings)
    if second_is_stream:
        told = [event.model_dump(exclude={"response", "request_id", "correlation_id"}) for event in events]
        assert told == [
            {"type": "start", "provider": "alpha", "model": "alpha-1"},
            {"type": "warning", "message": "seed was left out"},
            {"type": "reasoning", "text": "hm"},
            {"type": "text", "text": "I look."},
            {"type": "tool_call", "index": 0, "id": "call", "name": "look", "arguments": '{"a": 1}'},
            {"type": "done"},
        ]
        assert events[0].model_dump()["request_id"] == second.request_id
    assert len(speaking.asked) == 1


async def test_cached_stream_says_so_at_once() -> None:
    """Its headers are known before its first event."""
    engine = CachedEngine(FakeProvider("alpha"))
    await engine.ask()
    async with await engine.open(request_id="r2") as stream:
        assert (stream.cache, stream.attempts, stream.provider, stream.request_id) == (HIT, 0, "alpha", "r2")
        assert len(engine.records.requests) == 2


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(
    "outcome",
    [
        Says(finish=FinishReason.LENGTH),
        Says(finish=FinishReason.CONTENT_FILTER),
        Says(text=""),
        Says(text="  "),
        unavailable(),
        unreadable(),
        invalid(),
        refused_content(),
        limited(),
    ],
    ids=["length", "content_filter", "empty", "blank", "503", "unreadable", "422", "content policy", "429"],
)
async def test_cached_answers_are_whole_ones(outcome: Outcome, is_stream: bool) -> None:
    """What was cut, filtered, empty or an error is never given again."""
    if is_stream and isinstance(outcome, Says):
        outcome = streams(outcome.text, Finish(outcome.finish), Counted())
    alpha = FakeProvider("alpha", [outcome, streams("good", Finish()) if is_stream else Says("good")])
    engine = CachedEngine(alpha, max_retries=0, circuit_breaker={"enabled": False})
    if isinstance(outcome, Says) or hasattr(outcome, "steps"):
        await engine.answer(is_stream=is_stream)
    else:
        failure = engine.failure_of_stream if is_stream else engine.failure
        assert (await failure()).status >= 400
    await engine.wait(61)
    second = await engine.answer(is_stream=is_stream)
    assert (second.content, second.cache, len(alpha.asked)) == ("good", MISS, 2)


@pytest.mark.parametrize("parts", [(RefusalPart(text="no"),), (TextPart(text="Well,"), RefusalPart(text="no"))])
async def test_cached_answers_are_no_refusals(parts: tuple[Part, ...]) -> None:
    """Neither whole ones nor streams that refuse."""
    speaking = SpeakingProvider("alpha", parts)
    engine = CachedEngine(speaking)
    assert [(await engine.ask()).cache for _ in range(2)] == [MISS, MISS]
    streaming = SpeakingProvider("alpha", parts, steps=(TextDelta(text="no", is_refusal=True),))
    engine = CachedEngine(streaming)
    assert [done(await engine.events()).cache for _ in range(2)] == [MISS, MISS]


async def test_cached_answers_are_no_unreadable_signals() -> None:
    """Where the signals could not be read the model is asked again the next time."""
    alpha = FakeProvider("alpha", [Says("{}", finish=FinishReason.LENGTH)] * 2)
    engine = CachedEngine(alpha)
    found = [await engine.ask(signal_type="score", max_tokens=1) for _ in range(2)]
    assert [(one.cache, one.signals) for one in found] == [(MISS, None)] * 2


@pytest.mark.parametrize("fault", [unavailable(), unreadable(), Silent()])
async def test_cached_answers_are_of_one_hand(fault: Step) -> None:
    """A stream that a second candidate finished is whole, but neither's: nobody gets it again."""
    rest = streams("three fo", "ur five", Finish(), Counted())
    alpha = FakeProvider("alpha", [streams("one two ", "three fo", fault), streams("alpha's own", Finish())])
    beta = FakeProvider("beta", [rest, rest])
    engine = CachedEngine(alpha, beta)
    first = done(await engine.events())
    assert (first.content, len(first.legs), first.cache) == ("one two three four five", 2, MISS)
    second = done(await engine.events())
    assert (second.content, second.cache) == ("alpha's own", MISS)


@pytest.mark.parametrize("is_stream", [False, True])
async def test_cached_answer_of_another_tenant_is_never_given(is_stream: bool) -> None:
    """Two tenants who ask the same are two customers; two keys of one tenant are one."""
    engine = CachedEngine(alpha := FakeProvider("alpha"))
    callers = [replace(IN_PROCESS_CALLER, tenant=tenant, key_id=key) for tenant, key in (("a", "1"), ("b", "2"))]
    same = replace(IN_PROCESS_CALLER, tenant="a", key_id="3")
    order = [*callers, IN_PROCESS_CALLER, same]
    if is_stream:
        streams_ = [await engine.open(caller=caller) for caller in order]
        results = [stream.cache for stream in streams_[:3]]
        for stream in streams_:
            async with stream:
                assert [event.type async for event in stream][-1] == "done"
    else:
        results = [(await engine.ask(caller=caller)).cache for caller in order[:3]]
        assert (await engine.ask(caller=same)).cache is HIT
    assert results == [MISS, MISS, MISS]
    assert len(alpha.asked) == 3


async def test_cached_answer_of_a_row_that_changed_is_not_given() -> None:
    """Another address behind the same name is another vendor; back again, its answers are its own."""
    engine = CachedEngine(FakeProvider("alpha"))
    results = [(await engine.ask()).cache]
    for row in ({"base_url": "https://b.test"}, {"base_url": None}, {"headers": {"x-b": "1"}}, {"weight": 7}):
        engine.reconfigure({"alpha": row})
        results.append((await engine.ask()).cache)
    assert results == [MISS, MISS, HIT, MISS, HIT]


@pytest.mark.parametrize("is_stream", [False, True])
async def test_cached_answer_without_its_store_is_bought(is_stream: bool) -> None:
    """Nothing fails, everybody bypasses it, and it is used again when it is back."""
    store = FarStore(loop_clock().monotonic)
    engine = CachedEngine(alpha := FakeProvider("alpha"), store=store)
    results = []
    for is_down in (False, False, True, False):
        store.is_down = is_down
        results.append((await engine.answer(is_stream=is_stream)).cache)
        await engine.wait(1)
    assert results == [MISS, HIT, BYPASS, HIT]
    assert (len(alpha.asked), store.looks) == (2, 4)
    assert [record.cache for record in engine.records.requests] == results
    assert (engine.users, engine.open_calls, engine.under_way) == (0, 0, 0)


async def test_cached_answer_is_not_kept_twice() -> None:
    """A hit in a far store is not written back: its time runs from when it was bought."""
    store = FarStore(loop_clock().monotonic)
    engine = CachedEngine(FakeProvider("alpha"), store=store)
    for _ in range(3):
        await engine.ask()
        await engine.wait(1)
    assert len(store.kept) == 1


async def test_cached_answers_of_many_questions_are_never_mixed_up() -> None:
    """A hundred questions, each asked twice, in two orders: each gets its own answer."""
    alpha = FakeProvider("alpha", [Says(f"answer {number}") for number in range(100)])
    engine = CachedEngine(alpha)
    first = [(await engine.ask(prompt=f"{'question ' * 50}{number}")).content for number in range(100)]
    second = [(await engine.ask(prompt=f"{'question ' * 50}{number}")).content for number in reversed(range(100))]
    assert first == second[::-1] == [f"answer {number}" for number in range(100)]
    assert len(alpha.asked) == 100
