"""Is nothing left behind, wherever a request is left? At each of its awaits, and as what it awaits is here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum

import pytest

from app.resilience.breaker import Breaker
from contracts.errors import LLMProviderError, ProviderUnavailableError
from contracts.requests import StreamRecovery
from contracts.streams import AnswerStream
from tests.kit.embedding_engine import EmbeddingEngine
from tests.kit.fake_provider import FakeProvider
from tests.kit.left_at import LeftAt
from tests.kit.script import (
    Counted,
    Finish,
    Outcome,
    Pause,
    Says,
    Silent,
    limited,
    streams,
    unavailable,
    unreadable,
)
from tests.kit.virtual_time import run

Work = Callable[[EmbeddingEngine], Awaitable[object]]
BROKEN = streams("one two ", Pause(1), "three fo", unavailable())
REST = streams(Pause(1), " four ", Pause(1), "five", Finish(), Counted())
LONG = Says(after=5)


class Leaving(Enum):
    """How the caller leaves: while something is awaited, as it has come, or by closing from another task."""

    EARLY = "early"
    LATE = "late"
    BY_CLOSING = "by closing"


async def plain(engine: EmbeddingEngine) -> object:
    return await engine.ask(timeout_seconds=40)


async def streamed(engine: EmbeddingEngine) -> object:
    return await engine.events()


async def buffered(engine: EmbeddingEngine) -> object:
    return await engine.events(stream_recovery=StreamRecovery.BUFFER)


async def vectors(engine: EmbeddingEngine) -> object:
    return await engine.embed()


CASES: dict[str, tuple[Work, list[list[Outcome]]]] = {
    "plain": (plain, [[LONG]]),
    "plain retried": (plain, [[unavailable(after=1), limited(1), LONG]]),
    "plain fallback": (plain, [[unreadable()], [LONG]]),
    "stream": (streamed, [[REST]]),
    "stream retried": (streamed, [[unavailable(after=1), REST]]),
    "stream fallback": (streamed, [[streams(Pause(1), unavailable())], [REST]]),
    "stream timed out": (streamed, [[Silent()], [REST]]),
    "recovery": (streamed, [[BROKEN], [REST]]),
    "recovery that fails": (streamed, [[BROKEN], [unavailable(after=1)], [streams(Pause(1), unavailable())]]),
    "recovery twice": (streamed, [[BROKEN], [streams(Pause(1), " four ", unavailable())], [REST]]),
    "buffered": (buffered, [[BROKEN], [REST]]),
    "vectors": (vectors, [[unavailable(after=1), Says("x", after=1)]]),
}


def engine_of(scripts: list[list[Outcome]]) -> EmbeddingEngine:
    given = zip(("alpha", "beta", "gamma"), scripts, strict=False)
    made = [FakeProvider(name, script, embeds=["vectors-1"]) for name, script in given]
    limits = {provider.name: {"max_concurrency": 1, "requests_per_minute": 600} for provider in made}
    return EmbeddingEngine(*made, rows=limits, max_retries=2)


async def idle(engine: EmbeddingEngine) -> None:
    """Nothing else happens."""


async def full(engine: EmbeddingEngine) -> None:
    """Every row has its one call under way for three seconds: whoever comes waits in the line."""
    for provider in engine.given:
        place = engine.routes.row(provider.name).admission.enter_at_once()
        assert place is not None
        asyncio.get_running_loop().call_later(3, place.release)


async def half_open(engine: EmbeddingEngine) -> None:
    """Every circuit is due for its probe."""
    for provider in engine.given:
        for model in (provider.default_model, "vectors-1"):
            route = engine.routes.route(provider.name, model)
            for permit in [route.admit() for _ in range(5)]:
                permit.fail(ProviderUnavailableError("down", upstream_status=503))
            assert route.refusal() is not None
    await engine.wait(6)


def breakers(engine: EmbeddingEngine) -> list[Breaker]:
    rows = [engine.routes.row(provider.name) for provider in engine.given]
    return [breaker for row in rows for breaker in (row.breaker, *(route.breaker for route in row.routes.values()))]


async def assert_nothing_is_left(engine: EmbeddingEngine) -> None:
    assert (engine.open_calls, engine.users) == (0, 0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    (request,) = engine.records.requests
    calls = sum(len(provider.asked) for provider in engine.given)
    assert request.attempts == len(engine.records.attempts) == calls
    await engine.wait(5)
    for provider in engine.given:
        gate = engine.routes.row(provider.name).admission
        assert (gate.in_flight, gate.queued) == (0, 0)
        provider.script.clear()
    # None is being probed: either closed, or it says when the next probe is due.
    assert all(breaker.outage is None or breaker.until_probe() is not None for breaker in breakers(engine))
    await engine.wait(400)
    assert (await engine.ask()).provider == "alpha"
    assert (await engine.embed()).provider == "alpha"


async def steps_until_left(work: Work, engine: EmbeddingEngine, step: int, leaving: Leaving) -> int:
    """The steps that were taken by a request that was left at its `step`."""
    task: asyncio.Task[object] | None = None

    def cancel() -> None:
        assert task is not None
        task.cancel()

    left = LeftAt(work(engine), step, None if leaving is Leaving.LATE else cancel)

    async def go() -> object:
        return await left

    task = asyncio.create_task(go())
    await asyncio.wait({task})
    if not task.cancelled():
        assert task.exception() is None or isinstance(task.exception(), LLMProviderError)
    return left.steps


async def steps_until_closed(engine: EmbeddingEngine, step: int) -> int:
    """The steps that were taken by a reader whose stream another task closed at his `step`."""
    stream: AnswerStream = await engine.open()
    closing: list[asyncio.Task[None]] = []

    async def read() -> None:
        async for _ in stream:
            pass

    left = LeftAt(read(), step, lambda: closing.append(asyncio.create_task(stream.aclose())))
    await left
    await asyncio.gather(stream.aclose(), *closing)
    return left.steps


@pytest.mark.parametrize("leaving", [Leaving.EARLY, Leaving.LATE])
@pytest.mark.parametrize("state", [idle, full, half_open])
@pytest.mark.parametrize("case", CASES)
def test_request_left_at_any_await_leaves_nothing(case: str, state: Work, leaving: Leaving) -> None:
    """Nothing open, no place or probe kept, one record for each request and call; the next request is served."""
    work, scripts = CASES[case]

    async def main(step: int) -> int:
        engine = engine_of(scripts)
        await state(engine)
        steps = await steps_until_left(work, engine, step, leaving)
        await assert_nothing_is_left(engine)
        return steps

    step = 1
    while run(main(step)) >= step:
        step += 1
    assert step > 1


@pytest.mark.parametrize("case", ["stream", "recovery", "recovery that fails", "recovery twice"])
def test_stream_closed_from_another_task_leaves_nothing(case: str) -> None:
    """The same of a stream whose reader waits at any point while somebody else closes it."""

    async def main(step: int) -> int:
        engine = engine_of(CASES[case][1])
        steps = await steps_until_closed(engine, step)
        await assert_nothing_is_left(engine)
        return steps

    step = 1
    while run(main(step)) >= step:
        step += 1
    assert step > 1
