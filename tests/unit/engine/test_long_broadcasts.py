"""Does a long shared stream keep the pace of who reads it, instead of piling up?"""

from __future__ import annotations

import asyncio

from app.engine.broadcast import LARGEST_HELD
from contracts.cache import CacheResult
from contracts.deltas import TextDelta
from contracts.streams import AnswerStream, DoneEvent, StreamEvent
from tests.kit.cached_engine import CachedEngine, text
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Counted, Finish, Pause, Says, Streams

PIECE = "x" * 50_000
PIECES = 2 * LARGEST_HELD // len(PIECE)
# It pauses after its first piece, so that others can join.
LONG = Streams((TextDelta(text=PIECE), Pause(1), *[TextDelta(text=PIECE)] * (PIECES - 1), Finish(), Counted()))


async def read_some(stream: AnswerStream, events: int) -> list[StreamEvent]:
    """The next events."""
    source = aiter(stream)
    return [await anext(source) for _ in range(events)]


async def test_long_stream_waits_for_its_slowest_reader() -> None:
    """Both have all of it in the end; while one does not read, the vendor is not read on."""
    alpha = FakeProvider("alpha", [LONG])
    engine = CachedEngine(alpha)
    slow = await engine.open(request_id="slow")
    quick = asyncio.create_task(engine.events(request_id="quick"))
    await read_some(slow, 2)
    await engine.wait(2)
    assert (quick.done(), engine.open_calls) == (False, 1)
    async with slow:
        rest = [event async for event in slow]
    assert text(await quick) == PIECE * PIECES
    assert len(text(rest)) == (PIECES - 1) * len(PIECE)
    assert (len(alpha.asked), engine.users, engine.open_calls) == (1, 0, 0)


async def test_long_stream_goes_on_when_its_slow_reader_leaves() -> None:
    """Who is gone is waited for no more."""
    alpha = FakeProvider("alpha", [LONG])
    engine = CachedEngine(alpha)
    slow = await engine.open()
    quick = asyncio.create_task(engine.events())
    await read_some(slow, 2)
    await engine.wait(2)
    await slow.aclose()
    assert text(await quick) == PIECE * PIECES


async def test_long_stream_takes_nobody_who_comes_late() -> None:
    """Its beginning is held no more: who asks then has a call of his own."""
    alpha = FakeProvider("alpha", [LONG, Says("short")])
    engine = CachedEngine(alpha)
    first = await engine.open()
    await read_some(first, PIECES - 2)
    late = await engine.events()
    assert isinstance(late[-1], DoneEvent)
    assert (late[-1].response.content, late[-1].response.cache) == ("short", CacheResult.MISS)
    await first.aclose()
    assert (len(alpha.asked), engine.users, engine.under_way) == (2, 0, 0)
