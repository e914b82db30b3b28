"""Is what a stream said written down once, whoever ends it, and does its reader notice nothing?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from app.engine.content_log import LoggedStreams
from app.engine.content_stream import Said
from app.engine.intake import Order
from app.engine.runtime import Runtime
from contracts import (
    AnswerStream,
    CacheResult,
    DoneEvent,
    ErrorEvent,
    LLMProviderError,
    LLMTimeoutError,
    ReasoningEvent,
    StartEvent,
    StreamEvent,
    TextEvent,
    ToolCallEvent,
)
from contracts.problem import problem_of
from tests.kit.engine import Engine
from tests.kit.fake_books import FakeBooks
from tests.kit.fake_provider import FakeProvider
from tests.kit.logged_content import RESPONSE, TIMEOUT, log_into, order_of, written

START = StartEvent(request_id="r", correlation_id="c", provider="local", model="m")


@pytest.fixture
async def runtime() -> Runtime:
    """Any: the ways here look at none."""
    return Engine(FakeProvider("alpha")).snapshots.current


class Events:
    """An open answer of these events (implements `AnswerStream`); an exception among them is raised."""

    request_id, correlation_id, provider, model = "r", "c", "local", "m"
    attempts, cache = 1, CacheResult.BYPASS

    def __init__(self, *events: StreamEvent | BaseException) -> None:
        self.events = events
        self.closed = 0

    async def __aenter__(self) -> Events:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def __aiter__(self) -> AsyncIterator[StreamEvent]:
        for event in self.events:
            if isinstance(event, BaseException):
                raise event
            yield event

    async def aclose(self) -> None:
        """Counts."""
        self.closed += 1


class Streams:
    """A way to one open answer, or to an error."""

    def __init__(self, outcome: Events | LLMProviderError) -> None:
        self.outcome = outcome

    async def open(self, order: Order, runtime: Runtime, on_close: Callable[[], None]) -> AnswerStream:
        """It."""
        if isinstance(self.outcome, LLMProviderError):
            raise self.outcome
        return self.outcome


async def opened(
    books: FakeBooks, runtime: Runtime, *events: StreamEvent | BaseException
) -> tuple[AnswerStream, Events]:
    """The logged stream, and the one within."""
    inner = Events(*events)
    return await LoggedStreams(Streams(inner), log_into(books)).open(order_of(), runtime, lambda: None), inner


async def read(stream: AnswerStream) -> list[StreamEvent]:
    """To its end, and closed."""
    async with stream:
        return [event async for event in stream]


async def test_content_of_a_stream_is_written_at_its_end(runtime: Runtime) -> None:
    """Before its last event is given, and once; the events are those of the stream within."""
    books = FakeBooks()
    events: list[StreamEvent] = [START, TextEvent(text="Bec"), TextEvent(text="ause."), DoneEvent(response=RESPONSE)]
    stream, inner = await opened(books, runtime, *events)
    async with stream:
        seen = [(event, len(written(books))) async for event in stream]
    assert seen == [*((event, 0) for event in events[:-1]), (events[-1], 1)]
    (entry,) = written(books)
    assert (entry.outcome, entry.after["message"]["content"][0]["text"]) == ("success", RESPONSE.content)
    assert inner.closed == 1


async def test_content_of_a_stream_looks_like_the_stream(runtime: Runtime) -> None:
    """Headers are made of what the handle says."""
    stream, inner = await opened(FakeBooks(), runtime, START)
    for name in ("request_id", "correlation_id", "provider", "model", "attempts", "cache"):
        assert getattr(stream, name) == getattr(inner, name)


async def test_content_of_a_stream_that_failed_is_what_was_said(runtime: Runtime) -> None:
    """Joined, by kind, with the error_type."""
    books = FakeBooks()
    key = "sk-proj-abcDEF0123456789"
    said: list[StreamEvent] = [
        ReasoningEvent(text="Hm. "),
        TextEvent(text=f"Use {key[:9]}"),
        TextEvent(text=key[9:]),
        ToolCallEvent(index=0, id="t", name="look"),
        ToolCallEvent(index=0, arguments="{}"),
    ]
    stream, _ = await opened(books, runtime, START, *said, ErrorEvent(problem=problem_of(TIMEOUT)))
    assert (await read(stream))[-1].type == "error"
    (entry,) = written(books)
    assert (entry.outcome, entry.target) == ("timeout", "local/m")
    assert entry.after == {"reasoning": "Hm. ", "text": "Use [redacted]", "tool_call 0": "look{}"}


@pytest.mark.parametrize("stop,outcome", [(TIMEOUT, "timeout"), (ZeroDivisionError(), "internal_error")])
async def test_content_of_a_stream_that_raises_is_written(runtime: Runtime, stop: Exception, outcome: str) -> None:
    """Once, with what was said."""
    books = FakeBooks()
    stream, _ = await opened(books, runtime, START, TextEvent(text="Bec"), stop)
    with pytest.raises(type(stop)):
        await read(stream)
    assert [(entry.outcome, entry.after) for entry in written(books)] == [(outcome, {"text": "Bec"})]


async def test_content_of_a_stream_that_was_left_is_what_was_said(runtime: Runtime) -> None:
    """Its caller closed it in the middle; closing it again changes nothing."""
    books = FakeBooks()
    stream, inner = await opened(books, runtime, START, TextEvent(text="Bec"), TextEvent(text="ause."))
    events = aiter(stream)
    await anext(events)
    await anext(events)
    await stream.aclose()
    await stream.aclose()
    assert [(entry.outcome, entry.after) for entry in written(books)] == [("cancelled", {"text": "Bec"})]
    assert inner.closed == 2


async def test_content_of_a_stream_is_remembered_up_to_a_size(runtime: Runtime) -> None:
    """A stream without end fills no memory, and its entry tells that it is cut."""
    books, said = FakeBooks(), Said()
    many = [TextEvent(text="word " * 1000)] * 100
    for event in many:
        said.note(event)
    assert len(said.so_far()["text"]) < 25_000
    stream, _ = await opened(books, runtime, START, *many)
    await read(stream)
    (entry,) = written(books)
    assert entry.after["cut"] is True
    assert len(entry.after["text"]) < 17_000


async def test_content_of_a_stream_that_never_opened_is_written(runtime: Runtime) -> None:
    """As a failure."""
    books = FakeBooks()
    with pytest.raises(LLMTimeoutError):
        await LoggedStreams(Streams(TIMEOUT), log_into(books)).open(order_of(), runtime, lambda: None)
    assert [(entry.outcome, entry.after) for entry in written(books)] == [("timeout", {"error": str(TIMEOUT)})]


async def test_content_strict_of_a_stream_that_cannot_be_kept_is_an_error(runtime: Runtime) -> None:
    """Its last event says so, with the request's ids; a stream that failed ends as it would."""
    books = FakeBooks(is_strict=True)
    books.is_stuck = True
    stream, _ = await opened(books, runtime, START, DoneEvent(response=RESPONSE))
    last = (await read(stream))[-1]
    assert isinstance(last, ErrorEvent)
    assert (last.problem.error_type, last.problem.request_id) == ("store_unavailable", "r")
    stream, _ = await opened(books, runtime, START, ErrorEvent(problem=problem_of(TIMEOUT)))
    last = (await read(stream))[-1]
    assert isinstance(last, ErrorEvent)
    assert last.problem.error_type == "timeout"
