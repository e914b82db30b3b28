"""Is every request written once, before its caller is told, and nothing begun that could not be written?"""

from __future__ import annotations

import asyncio

import pytest

from app.engine.events import Events
from contracts.cache import CacheResult
from contracts.deltas import TextDelta
from contracts.errors import RateLimitExceededError, StoreUnavailableError
from contracts.streams import DoneEvent, ErrorEvent
from tests.kit.engine import Engine
from tests.kit.fake_books import FakeBooks
from tests.kit.fake_provider import FakeProvider
from tests.kit.gate import settle
from tests.kit.script import Fails, Says, Streams, unreadable


def engine_with(books: FakeBooks, *script: Says | Fails, events: bool = False) -> tuple[Engine, FakeProvider]:
    """An engine of one provider whose books are `books`."""
    alpha = FakeProvider("alpha", script)
    return Engine(alpha, books=books, events=Events("t") if events else None, max_retries=0), alpha


async def test_request_is_written_once_with_its_calls() -> None:
    """Answered, kept, shared and failed ones; what a kept answer took is billed to nobody again."""
    books = FakeBooks()
    engine, _ = engine_with(books, Says("hi"), unreadable())
    await engine.ask(use_cache=True)
    await engine.ask(use_cache=True)
    await engine.failure(prompt="other")
    rows = [(row.outcome, row.cache, len(row.calls), row.usage is None) for row in books.requests]
    assert rows == [
        ("success", CacheResult.MISS, 1, False),
        ("success", CacheResult.HIT, 0, True),
        ("provider_protocol", CacheResult.BYPASS, 1, True),
    ]


async def test_request_that_is_refused_is_written_too() -> None:
    """One that no limiter lets in has a row without calls."""
    books = FakeBooks()
    engine, alpha = engine_with(books)
    engine.records.refusal = RateLimitExceededError("wait")
    await engine.failure()
    assert ([row.outcome for row in books.requests], alpha.asked) == (["rate_limit_exceeded"], [])


async def test_request_is_not_begun_while_there_is_no_room() -> None:
    """Back-pressure is felt before a vendor is asked, not after."""
    books = FakeBooks()
    engine, alpha = engine_with(books)
    books.free_room.clear()
    asking = asyncio.create_task(engine.ask())
    await settle()
    assert alpha.asked == []
    books.free_room.set()
    assert (await asking).content == "hello"


@pytest.mark.parametrize("use_cache", [False, True])
async def test_strict_answer_waits_until_it_is_durable(use_cache: bool) -> None:
    """Its caller is told nothing before its row is committed."""
    books = FakeBooks(is_strict=True)
    engine, _ = engine_with(books)
    asking = asyncio.create_task(engine.ask(use_cache=use_cache))
    await settle()
    assert (asking.done(), books.waiting) == (False, 1)
    books.commit()
    assert (await asking).content == "hello"


@pytest.mark.parametrize("use_cache", [False, True])
async def test_strict_stream_waits_before_its_last_event(use_cache: bool) -> None:
    """The text comes at once, `done` when its row is committed."""
    books = FakeBooks(is_strict=True)
    engine, _ = engine_with(books)
    reading = asyncio.create_task(engine.events(use_cache=use_cache))
    await settle()
    assert (reading.done(), books.waiting) == (False, 1)
    books.commit()
    assert isinstance((await reading)[-1], DoneEvent)


async def test_strict_answer_that_cannot_be_kept_is_none() -> None:
    """The vendor was asked, but what cannot be accounted for is not handed out; streams say so in their last event."""
    books = FakeBooks(is_strict=True)
    books.is_stuck = True
    engine, _ = engine_with(books)
    assert isinstance(await engine.failure(), StoreUnavailableError)
    last = (await engine.events())[-1]
    assert isinstance(last, ErrorEvent)
    assert (last.problem.error_type, last.problem.request_id is not None) == ("store_unavailable", True)


async def test_strict_failure_of_a_stream_is_told_as_it_was() -> None:
    """A stream that broke off is not told differently because its row could not be kept; a plain one is."""
    books = FakeBooks(is_strict=True)
    books.is_stuck = True
    cut = Streams((TextDelta(text="half"), unreadable()))
    engine = Engine(FakeProvider("alpha", [cut, unreadable()]), books=books, max_retries=0)
    last = (await engine.events())[-1]
    assert isinstance(last, ErrorEvent)
    assert last.problem.error_type == "provider_protocol"
    assert (await engine.failure()).error_type == "store_unavailable"


async def test_events_are_written_with_the_row() -> None:
    """One started before the call, failures and one completed with the row; none without Kafka."""
    books = FakeBooks()
    engine, _ = engine_with(books, Says("hi"), unreadable(), events=True)
    await engine.ask()
    await engine.failure()
    assert books.topics == ["request_started", "request_completed", "request_started", "failure", "request_completed"]
    silent = FakeBooks()
    engine, _ = engine_with(silent)
    await engine.ask()
    assert silent.topics == []
