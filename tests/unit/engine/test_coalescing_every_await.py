"""Is nothing left behind, and nobody else harmed, wherever one of those who share a call leaves it?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from contracts.errors import LLMProviderError, ShuttingDownError
from contracts.responses import LLMResponse
from contracts.streams import DoneEvent, StreamEvent
from tests.kit.answer_stores import FarStore
from tests.kit.cached_engine import CachedEngine, assert_nothing_is_left
from tests.kit.fake_provider import FakeProvider
from tests.kit.left_at import LeftAt
from tests.kit.script import Counted, Finish, Outcome, Pause, Says, Silent, limited, streams, unavailable, unreadable
from tests.kit.virtual_time import loop_clock, run

SHARERS = 3
BROKEN = streams("one two ", Pause(1), "three fo", unavailable())
WHOLE = streams(Pause(1), "one ", Pause(1), "two", Finish(), Counted())
REST = streams(Pause(1), " four ", Pause(1), "five", Finish(), Counted())
LONG = Says(after=5)
Ask = Callable[[CachedEngine, int], Awaitable[object]]


async def plain(engine: CachedEngine, number: int) -> object:
    """One caller of a plain call."""
    return await engine.ask(request_id=f"r{number}", timeout_seconds=40 + number)


async def streamed(engine: CachedEngine, number: int) -> object:
    """One reader of a stream."""
    return _last(await engine.events(request_id=f"r{number}", timeout_seconds=40 + number))


async def buffered(engine: CachedEngine, number: int) -> object:
    """One reader of a stream that is held back."""
    return _last(await engine.events(request_id=f"r{number}", stream_recovery="buffer"))


def _last(events: list[StreamEvent]) -> object:
    return events[-1].response if isinstance(events[-1], DoneEvent) else events[-1]


@dataclass(frozen=True)
class Case:
    """What is asked, of whom, and how many of those who stay are answered at the worst."""

    ask: Ask
    scripts: list[list[Outcome]]
    is_far: bool = False
    answered: int = SHARERS - 1
    config: dict[str, int] = field(default_factory=dict)


CASES = {
    "plain": Case(plain, [[LONG] * 2]),
    "plain far": Case(plain, [[LONG] * 2], is_far=True),
    "plain fallback": Case(plain, [[unreadable()] * 2, [LONG] * 2]),
    "plain retried": Case(plain, [[unavailable(after=1), limited(1), LONG, LONG]]),
    "plain taken over": Case(plain, [[unavailable(after=1), LONG, LONG]], answered=1, config={"max_retries": 0}),
    "plain in vain": Case(plain, [[unreadable()] * 9], answered=0),
    "stream": Case(streamed, [[WHOLE] * 2]),
    "stream far": Case(streamed, [[WHOLE] * 2], is_far=True),
    "stream fallback": Case(streamed, [[streams(Pause(1), unavailable())] * 2, [WHOLE] * 2]),
    "stream timed out": Case(streamed, [[Silent()] * 2, [WHOLE] * 2]),
    "stream taken over": Case(streamed, [[unavailable(after=1), WHOLE, WHOLE]], answered=1, config={"max_retries": 0}),
    "stream broken": Case(streamed, [[BROKEN] * 2], answered=0),
    "recovery": Case(streamed, [[BROKEN] * 2, [REST] * 2]),
    "buffered": Case(buffered, [[BROKEN] * 2, [WHOLE] * 2]),
}


def engine_of(case: Case) -> CachedEngine:
    """One with a row for each script, which takes one call at a time."""
    made = [FakeProvider(name, list(script)) for name, script in zip(("alpha", "beta"), case.scripts, strict=False)]
    rows = {provider.name: {"max_concurrency": 1} for provider in made}
    store = FarStore(loop_clock().monotonic) if case.is_far else None
    return CachedEngine(*made, rows=rows, store=store, **{"max_retries": 2, **case.config})


async def assert_all_is_well(engine: CachedEngine) -> None:
    """Nothing stays, each call and request was recorded once, and all that was billed was billed once."""
    await engine.wait(1)
    await assert_nothing_is_left(engine, requests=SHARERS)
    calls = sum(len(provider.asked) for provider in engine.given)
    assert len(engine.records.attempts) == calls
    assert sum(record.attempts for record in engine.records.requests) == calls
    for provider in engine.given:
        gate = engine.routes.row(provider.name).admission
        assert (gate.in_flight, gate.queued) == (0, 0)
        provider.script.clear()
    await engine.wait(400)
    assert (await engine.ask(prompt="another")).content == "hello"


async def steps_until_left(case: Case, engine: CachedEngine, leaver: int, step: int, *, is_late: bool) -> int:
    """The steps that the `leaver` took until it left; the others stay, and are answered."""
    task: asyncio.Task[object] | None = None

    def cancel() -> None:
        assert task is not None
        task.cancel()

    left = LeftAt(case.ask(engine, leaver), step, None if is_late else cancel)

    async def go() -> object:
        return await left

    works = [go() if number == leaver else _asked(case.ask, engine, number) for number in range(SHARERS)]
    tasks = [asyncio.create_task(work) for work in works]
    task = tasks[leaver]
    await asyncio.wait(tasks)
    outcomes = await asyncio.gather(*(one for one in tasks if one is not task), return_exceptions=True)
    assert not [one for one in outcomes if isinstance(one, BaseException) and not isinstance(one, LLMProviderError)]
    assert sum(isinstance(one, LLMResponse) for one in outcomes) >= case.answered
    if not task.cancelled():
        assert task.exception() is None or isinstance(task.exception(), LLMProviderError)
    return left.steps


async def _asked(ask: Ask, engine: CachedEngine, number: int) -> object:
    return await ask(engine, number)


@pytest.mark.parametrize("is_late", [False, True], ids=["early", "late"])
@pytest.mark.parametrize("leaver", range(SHARERS))
@pytest.mark.parametrize("name", CASES)
def test_shared_call_left_at_any_await_leaves_nothing(name: str, leaver: int, is_late: bool) -> None:
    """Whoever leaves, whenever: the others are served, nothing is open, each call and request is recorded once."""
    case = CASES[name]

    async def main(step: int) -> int:
        engine = engine_of(case)
        steps = await steps_until_left(case, engine, leaver, step, is_late=is_late)
        await assert_all_is_well(engine)
        return steps

    step = 1
    while run(main(step)) >= step:
        step += 1
    assert step > 1


@pytest.mark.parametrize("name", CASES)
def test_shared_call_left_by_all_at_any_moment_leaves_nothing(name: str) -> None:
    """All of them leave in the same turn of the loop: the vendor is left in that moment."""
    case = CASES[name]

    async def main(seconds: float, turns: int) -> int:
        engine = engine_of(case)
        tasks = [asyncio.create_task(_asked(case.ask, engine, number)) for number in range(SHARERS)]
        await passed(engine, seconds, turns)
        for task in tasks:
            task.cancel()
        left_at = engine.now()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert (engine.open_calls, engine.now()) == (0, left_at)
        await assert_all_is_well(engine)
        return sum(isinstance(one, asyncio.CancelledError) for one in outcomes)

    assert SHARERS in {run(main(*moment)) for moment in MOMENTS}


@pytest.mark.parametrize("name", CASES)
def test_shared_call_cut_by_the_end_of_the_service_leaves_nothing(name: str) -> None:
    """The service ends at any moment: everybody hears so, or was answered before, and nobody waits."""
    case = CASES[name]

    async def main(seconds: float, turns: int) -> int:
        engine = engine_of(case)
        tasks = [asyncio.create_task(_asked(case.ask, engine, number)) for number in range(SHARERS)]
        await passed(engine, seconds, turns)
        await engine.stop()
        assert engine.open_calls == 0
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert not [one for one in outcomes if isinstance(one, BaseException) and not isinstance(one, LLMProviderError)]
        await engine.wait(1)
        await assert_nothing_is_left(engine, requests=SHARERS)
        return sum(isinstance(one, ShuttingDownError) for one in outcomes)

    assert SHARERS in {run(main(*moment)) for moment in MOMENTS}


# Seconds, and turns of the loop after them, in which all that the scripts do comes to pass.
MOMENTS = [(seconds, turns) for seconds in (0, 0.01, 0.5, 1, 1.01, 2, 3, 5, 5.01) for turns in range(1, 12)]


async def passed(engine: CachedEngine, seconds: float, turns: int) -> None:
    """So much time, and so many turns."""
    if seconds:
        await engine.wait(seconds)
    for _ in range(turns):
        await asyncio.sleep(0)
