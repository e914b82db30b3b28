"""Is what goes through the drop-in surfaces written down where the audit keeps content?"""

from __future__ import annotations

from typing import Any

from app.engine.content_log import LoggedCompletions, LoggedStreams
from app.engine.intake import Order
from app.engine.runtime import Runtime
from app.engine.surface_intake import take_in_surface
from contracts.deltas import ReasoningDelta, RelayedEvent, ToolCallDelta
from contracts.streams import AnswerStream
from contracts.surfaces import Completion
from tests.kit.fake_books import FakeBooks
from tests.kit.fake_provider import FakeProvider
from tests.kit.logged_content import CALLER, CONFIG, log_into, written
from tests.kit.script import Says, streams, unreadable
from tests.kit.surface_engine import SurfaceEngine, relayed, surface_request
from tests.kit.virtual_time import EPOCH

THOUGHT = RelayedEvent(event="message", data="<t>", deltas=(ReasoningDelta(text="hm"),))
CALLED = RelayedEvent(event="message", data="<c>", deltas=(ToolCallDelta(index=0, id="c", name="f", arguments="{}"),))


class LoggedEngine(SurfaceEngine):
    """Writes down what is asked and answered."""

    def __init__(self, *providers: FakeProvider, books: FakeBooks) -> None:
        super().__init__(*providers)
        log = log_into(books)
        self.logged = LoggedCompletions(self._plain, log)
        self.logged_streams = LoggedStreams(self._streamed, log)

    async def answered(self) -> Completion:
        """A whole answer."""
        with self.snapshots.taken() as runtime:
            return await self.logged.completion(_order(runtime), runtime)

    async def opened(self) -> AnswerStream:
        """An open one."""
        runtime = self.snapshots.take()
        return await self.logged_streams.open(_order(runtime), runtime, lambda: self.snapshots.give_back(runtime))


def _order(runtime: Runtime) -> Order:
    return take_in_surface(surface_request(), CALLER, now=EPOCH, config=CONFIG)


def answer_of(books: FakeBooks) -> Any:
    """What the one entry says of the answer."""
    (entry,) = written(books)
    return entry.after


async def test_surface_answer_is_written_down() -> None:
    """As the same answer of /process would be."""
    books = FakeBooks()
    completion = await LoggedEngine(FakeProvider("alpha", [Says("hello", raw="{}")]), books=books).answered()
    assert completion.reply.raw == "{}"
    assert answer_of(books)["message"]["content"] == [{"type": "text", "text": "hello"}]


async def test_surface_relayed_stream_that_breaks_is_written_as_far_as_it_came() -> None:
    """Its thoughts, its text and its calls."""
    books = FakeBooks()
    alpha = FakeProvider("alpha", [streams(THOUGHT, relayed("hel"), CALLED, unreadable())])
    async with await LoggedEngine(alpha, books=books).opened() as stream:
        events = [event async for event in stream]
    assert events[-1].type == "error"
    assert answer_of(books) == {"reasoning": "hm", "text": "hel", "tool_call 0": "f{}"}
