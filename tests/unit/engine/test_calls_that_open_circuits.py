"""Does a record say which call opened a circuit? Only the one after which it was open, and was not before."""

from __future__ import annotations

from tests.kit.engine import Engine
from tests.kit.fake_books import FakeBooks
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Says, unreadable


async def test_call_that_opened_the_circuit_is_marked() -> None:
    """The third failure in a row opens it; the next request is refused without a call."""
    books = FakeBooks()
    engine = Engine(FakeProvider("alpha", [unreadable()] * 4), books=books, max_retries=0)
    for _ in range(3):
        await engine.failure()
    assert [[call.circuit_breaker_opened for call in row.calls] for row in books.requests] == [[False], [False], [True]]


async def test_call_on_an_open_circuit_marks_nothing() -> None:
    """A probe that fails finds it open; one that succeeds closes it."""
    books = FakeBooks()
    engine = Engine(FakeProvider("alpha", [*[unreadable()] * 4, Says("hi")]), books=books, max_retries=0)
    for _ in range(3):
        await engine.failure()
    await engine.wait(7)
    await engine.failure()
    await engine.wait(15)
    await engine.ask()
    marks = [[call.circuit_breaker_opened for call in row.calls] for row in books.requests]
    assert marks[3:] == [[False], [False]]
