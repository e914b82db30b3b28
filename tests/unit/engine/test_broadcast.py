"""Does each reader of a shared stream read the whole of it, at its own pace, under its own ids, and leave nothing?"""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from contracts.cache import CacheResult
from contracts.deltas import ReasoningDelta, ToolCallDelta
from contracts.streams import AnswerStream, StartEvent, StreamEvent
from tests.kit.cached_engine import CachedEngine, Crowd, assert_nothing_is_left, done, left, results, text
from tests.kit.fake_provider import FakeProvider
from tests.kit.gate import settle
from tests.kit.script import (
    USAGE,
    Counted,
    Finish,
    Outcome,
    Pause,
    Silent,
    Step,
    Streams,
)

MISS, COALESCED, HIT = CacheResult.MISS, CacheResult.COALESCED, CacheResult.HIT
PIECES = ("one ", "two ", "three ", "four")


def slowly(*steps: Step) -> Streams:
    """A second between one step and the next."""
    paced = [piece for step in steps for piece in (step, Pause(1))]
    return Streams(tuple(paced))


def whole() -> Streams:
    """Four pieces, in four seconds."""
    return Streams((*slowly(*PIECES).steps, Finish(), Counted()))


async def read(stream: AnswerStream, *, pause: float = 0.0, engine: CachedEngine | None = None) -> list[StreamEvent]:
    """All its events, with a pause before each."""
    events = []
    async with stream:
        async for event in stream:
            events.append(event)
            if engine is not None:
                await engine.wait(pause)
    return events


async def two_readers(*script: Outcome, recovery: str = "continue") -> tuple[CachedEngine, AnswerStream, AnswerStream]:
    """One who began a stream, and one who shares it."""
    engine = CachedEngine(FakeProvider("alpha", script))
    opened = [await engine.open(request_id=f"r{number}", stream_recovery=recovery) for number in range(2)]
    return engine, opened[0], opened[1]


async def test_broadcast_tells_each_reader_all_of_it() -> None:
    """Every kind of event, in order; only the ids are each one's own."""
    steps = (
        ReasoningDelta(text="hm"),
        "I look.",
        ToolCallDelta(index=0, id="call", name="look"),
        ToolCallDelta(index=0, arguments="{}"),
        Finish(),
        Counted(),
    )
    engine = CachedEngine(FakeProvider("alpha", [Streams(steps)]))
    crowd = Crowd(engine, 3, is_stream=True)
    assert results(await crowd.answers()) == {MISS: 1, COALESCED: 2}
    for name, events in crowd.events.items():
        kinds = ["start", "reasoning", "text", "tool_call", "tool_call", "done"]
        assert [event.type for event in events] == kinds
        start = events[0]
        assert isinstance(start, StartEvent)
        assert (start.request_id, start.correlation_id) == (name, f"c{name[1:]}")
        assert (start.provider, start.model, done(events).request_id) == ("alpha", "alpha-1", name)
    assert crowd.events["r0"][1:-1] == crowd.events["r1"][1:-1] == crowd.events["r2"][1:-1]
    await assert_nothing_is_left(engine, requests=3)


async def test_broadcast_is_known_at_its_first_event() -> None:
    """Who shares made no attempt, and is told so before he reads."""
    engine, first, second = await two_readers(whole())
    assert [stream.cache for stream in (first, second)] == [MISS, COALESCED]
    assert [stream.attempts for stream in (first, second)] == [1, 0]
    assert [stream.request_id for stream in (first, second)] == ["r0", "r1"]
    assert (second.correlation_id, second.provider, second.model) == ("r1", "alpha", "alpha-1")
    await first.aclose()
    await second.aclose()
    await assert_nothing_is_left(engine, requests=2)


async def test_broadcast_late_reader_reads_from_the_beginning() -> None:
    """What came before him he gets at once, the rest as it comes."""
    engine = CachedEngine(alpha := FakeProvider("alpha", [whole()]))
    first = Crowd(engine, 1, is_stream=True)
    await engine.wait(2.5)
    came = engine.now()
    stream = await engine.open(request_id="late")
    assert engine.now() == came
    events = aiter(stream)
    pieces = [await anext(events) for _ in range(4)]
    assert (text(pieces), engine.now()) == ("one two three ", came)
    async with stream:
        rest = [event async for event in events]
    assert (text(rest), done(rest).content, done(rest).cache) == ("four", "one two three four", COALESCED)
    assert engine.now() - came == pytest.approx(1.5)
    assert results(await first.answers()) == {MISS: 1}
    assert len(alpha.asked) == 1
    await assert_nothing_is_left(engine, requests=2)


async def test_broadcast_readers_do_not_wait_for_each_other() -> None:
    """One reads slowly, one at once; the vendor is done when he is done, whoever reads."""
    engine, slow, fast = await two_readers(whole())
    began = engine.now()
    slow_one = asyncio.create_task(read(slow, pause=10, engine=engine))
    assert text(await read(fast)) == "one two three four"
    assert engine.now() - began == pytest.approx(4)
    await settle()
    assert (engine.open_calls, engine.under_way) == (0, 0)
    assert (await engine.ask()).cache is HIT
    assert text(await slow_one) == "one two three four"
    assert engine.now() - began == pytest.approx(60)
    await assert_nothing_is_left(engine, requests=3)


@pytest.mark.parametrize("leaver", [0, 1])
async def test_broadcast_goes_on_for_who_stays(leaver: int) -> None:
    """One closes in the middle, and again; the other reads on to the end."""
    engine, *both = await two_readers(whole())
    leaving, staying = both[leaver], both[1 - leaver]
    events = aiter(leaving)
    assert [(await anext(events)).type for _ in range(3)] == ["start", "text", "text"]
    await leaving.aclose()
    await leaving.aclose()
    assert (engine.open_calls, engine.under_way) == (1, 1)
    assert text(await read(staying)) == "one two three four"
    by_id = {record.request_id: record for record in engine.records.requests}
    assert by_id[f"r{leaver}"].is_cancelled
    assert not by_id[f"r{1 - leaver}"].is_cancelled
    assert [by_id[name].usage for name in ("r0", "r1")] == [USAGE, None]
    await assert_nothing_is_left(engine, requests=2)
    assert (await engine.ask()).cache is HIT


async def test_broadcast_is_closed_with_its_last_reader() -> None:
    """At that moment; what had come is estimated, once, and nothing of it is kept."""
    engine, first, second = await two_readers(Streams(("x" * 20, Silent())), whole())
    await engine.wait(1)
    await first.aclose()
    assert engine.open_calls == 1
    await second.aclose()
    assert (engine.open_calls, engine.given[0].asked[0].closed_at) == (0, engine.now())
    usages = [record.usage for record in engine.records.requests if record.usage is not None]
    assert [(usage.source, usage.output_tokens) for usage in usages] == [("estimated", 5)]
    assert all(record.is_cancelled for record in engine.records.requests)
    await assert_nothing_is_left(engine, requests=2)
    assert results(await Crowd(engine, 1, is_stream=True, name="s").answers()) == {MISS: 1}


@pytest.mark.parametrize("is_last", [False, True])
async def test_broadcast_closed_from_another_task_ends_its_reader(is_last: bool) -> None:
    """What is met after closing is nobody's failure: the reader's events just end."""
    engine, first, second = await two_readers(Streams(("one ", Pause(5), "two", Finish(), Counted())))
    reading = asyncio.create_task(_events_of(second))
    await engine.wait(1)
    if is_last:
        await first.aclose()
    await second.aclose()
    assert [event.type for event in await reading] == ["start", "text"]
    if not is_last:
        assert text(await read(first)) == "one two"
    await assert_nothing_is_left(engine, requests=2)


async def _events_of(stream: AnswerStream) -> list[StreamEvent]:
    return [event async for event in stream]


async def test_broadcast_reader_who_is_cancelled_leaves() -> None:
    """While he waits for more; the other reads on."""
    engine, first, second = await two_readers(whole())
    reading = asyncio.create_task(read(second))
    await engine.wait(1.5)
    await left(reading)
    assert text(await read(first)) == "one two three four"
    assert [record.is_cancelled for record in engine.records.requests] == [True, False]
    await assert_nothing_is_left(engine, requests=2)


@pytest.mark.parametrize("readers", [1, 5])
async def test_broadcast_buffered_answer_is_shared_whole(readers: int) -> None:
    """What is held back until it is whole is held back for all, and told to each."""
    steps = (*slowly("one ", "two").steps, Finish(), Counted())
    engine = CachedEngine(alpha := FakeProvider("alpha", [Streams(steps)]))
    crowd = Crowd(engine, readers, is_stream=True, stream_recovery="buffer")
    answers = await crowd.answers()
    assert results(answers) == {MISS: 1, **({COALESCED: readers - 1} if readers > 1 else {})}
    assert [[event.type for event in events] for events in crowd.events.values()] == [
        ["start", "text", "done"]
    ] * readers
    assert sum(one.cost.usd for one in answers if one.cost is not None) == Decimal(0)
    assert len(alpha.asked) == 1
    await assert_nothing_is_left(engine, requests=readers)


async def test_broadcast_never_read_is_closed_all_the_same() -> None:
    """Opened by two and read by none."""
    engine, first, second = await two_readers(whole())
    await settle()
    await second.aclose()
    await first.aclose()
    await assert_nothing_is_left(engine, requests=2)
    assert all(record.is_cancelled for record in engine.records.requests)
