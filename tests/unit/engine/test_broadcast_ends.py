"""What does each reader of a shared stream get that breaks off, goes on by another hand, or is ended?"""

from __future__ import annotations

import asyncio

import pytest

from contracts.cache import CacheResult
from contracts.errors import InternalError, ShuttingDownError
from contracts.responses import Problem
from contracts.streams import AnswerStream, ErrorEvent, StreamEvent
from tests.kit.cached_engine import CachedEngine, Crowd, assert_nothing_is_left, left, text
from tests.kit.fake_provider import FakeProvider
from tests.kit.gate import settle
from tests.kit.script import (
    Counted,
    Fails,
    Finish,
    Outcome,
    Pause,
    Silent,
    Step,
    Streams,
    streams,
    unavailable,
    unreadable,
)

MISS, COALESCED, HIT = CacheResult.MISS, CacheResult.COALESCED, CacheResult.HIT


def problem(events: list[StreamEvent]) -> Problem:
    """The problem at the end."""
    assert isinstance(events[-1], ErrorEvent), events[-1]
    return events[-1].problem


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


@pytest.mark.parametrize("fault", [unavailable(), unreadable(), Silent(), None])
@pytest.mark.parametrize("recovery", ["error", "continue"])
async def test_broadcast_that_breaks_off_tells_each_reader(fault: Step | None, recovery: str) -> None:
    """Each one's last event is an error under its own ids, each request is refused, and the bill is the first one's."""
    steps = ("one ", Pause(1), *([fault] if fault else []))
    engine, first, second = await two_readers(Streams(steps), recovery=recovery)
    third = await engine.open(request_id="r2", stream_recovery=recovery)
    told = [await read(stream) for stream in (first, second, third)]
    problems = [problem(events) for events in told]
    assert [text(events) for events in told] == ["one "] * 3
    assert [one.request_id for one in problems] == ["r0", "r1", "r2"]
    assert len({(one.status, one.error_type, one.detail) for one in problems}) == 1
    assert [len(one.attempts) for one in problems] == [1, 0, 0]
    assert problems[0].usage is not None
    assert [(one.usage, one.cost) for one in problems[1:]] == [(None, None)] * 2
    by_id = {record.request_id: record for record in engine.records.requests}
    assert {record.error_type for record in by_id.values()} == {problems[0].error_type}
    assert [by_id[f"r{n}"].usage is None for n in range(3)] == [False, True, True]
    await assert_nothing_is_left(engine, requests=3)
    assert (await engine.ask()).cache is MISS


async def test_broadcast_that_breaks_off_is_told_to_a_late_reader() -> None:
    """A slow reader learns of it when he has read what came before."""
    engine, first, second = await two_readers(Streams(("one ", Pause(1), unavailable())), recovery="error")
    assert problem(await read(first)).request_id == "r0"
    await engine.wait(60)
    events = await read(second)
    assert (text(events), problem(events).request_id) == ("one ", "r1")
    await assert_nothing_is_left(engine, requests=2)


async def test_broadcast_recovers_for_all() -> None:
    """Another candidate goes on: each reads the same text and who wrote it; who shares is charged for no part of it."""
    alpha = FakeProvider("alpha", [Streams(("one two ", "three fo", Pause(1), unavailable()))])
    beta = FakeProvider("beta", [streams(" fo", "ur five", Finish(), Counted())])
    engine = CachedEngine(alpha, beta)
    crowd = Crowd(engine, 4, is_stream=True)
    answers = await crowd.answers()
    assert {text(events) for events in crowd.events.values()} == {"one two three four five"}
    assert {one.content for one in answers} == {"one two three four five"}
    assert {(one.provider, one.fallback_used) for one in answers} == {("beta", True)}
    legs = [[(leg.provider, leg.recovered_at, leg.usage) for leg in one.legs] for one in answers]
    assert [leg[:2] for leg in legs[0]] == [("alpha", 0), ("beta", 16)]
    assert legs == [legs[0]] * 4
    costs = [[leg.cost.source for leg in one.legs if leg.cost is not None] for one in answers]
    assert costs == [["free", "free"], *[["shared", "shared"]] * 3]
    assert sum(len(one.attempts) for one in answers) == 2
    await assert_nothing_is_left(engine, requests=4)
    assert (await engine.ask()).cache is MISS


async def test_broadcast_leaves_a_recovery_under_way() -> None:
    """All leave while the second candidate is being asked: both calls are closed."""
    alpha = FakeProvider("alpha", [Streams(("one two ", unavailable()))])
    engine = CachedEngine(alpha, FakeProvider("beta", [Silent()]))
    crowd = Crowd(engine, 3, is_stream=True)
    await engine.wait(1)
    assert engine.open_calls == 1
    await left(*crowd.tasks)
    await assert_nothing_is_left(engine, requests=3)
    assert [record.attempts for record in engine.records.requests if record.attempts] == [2]


async def test_broadcast_defect_is_told_to_each_reader(caplog: pytest.LogCaptureFixture) -> None:
    """A defect of ours in the middle: each reader's request ends with it, under its own ids, and it is in the log."""
    engine, first, second = await two_readers(Streams(("one ", Pause(1), Fails(lambda: RuntimeError("a prompt")))))
    for number, stream in enumerate((first, second)):
        with pytest.raises(InternalError) as raised:
            await read(stream)
        assert raised.value.request_id == f"r{number}"
    assert {record.error_type for record in engine.records.requests} == {"internal_error"}
    assert not any(record.is_cancelled for record in engine.records.requests)
    await settle()
    assert ["RuntimeError" in caplog.text, "a prompt" in caplog.text] == [True, False]
    await assert_nothing_is_left(engine, requests=2)


async def test_broadcast_ends_with_the_service() -> None:
    """The service stops in the middle: the vendor is left, and each reader hears why."""
    engine, first, second = await two_readers(Streams(("one ", Silent())))
    reading = [asyncio.create_task(read(stream)) for stream in (first, second)]
    await engine.wait(1)
    await engine.stop()
    assert (engine.open_calls, engine.under_way) == (0, 0)
    outcomes = await asyncio.gather(*reading, return_exceptions=True)
    assert [type(one) for one in outcomes] == [ShuttingDownError] * 2
    assert [record.is_cancelled for record in engine.records.requests] == [True, False]
    await assert_nothing_is_left(engine, requests=2)
