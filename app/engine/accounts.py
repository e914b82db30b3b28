"""Who learns of a request, and what must be kept of it? Its limiter, its observers, and the books."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from app.engine.events import Events
from app.engine.intake import Order
from app.engine.told_models import shown
from app.engine.trace import Trace
from app.ports import AttemptRecord, Limiter, Observer, RequestRecord
from app.ports.books import Books, Entry
from app.ports.records import StartRecord
from app.pricing import Prices
from app.resilience.clock import Clock
from contracts.errors import StoreUnavailableError
from contracts.streams import DoneEvent, ErrorEvent


def _yes() -> bool:
    return True


def _no(name: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Where records go. Without `books` nothing is kept; `events` are written with a request's row, if there are any.

    `keeps_usage` says whether rows are wanted now; `knows_model` whether the name of a model is nobody's invention.
    """

    observers: Sequence[Observer]
    limiter: Limiter
    clock: Clock
    books: Books | None = None
    events: Events | None = None
    keeps_usage: Callable[[], bool] = _yes
    knows_model: Callable[[str], bool] = _no

    def request(self, order: Order, prices: Prices) -> Trace:
        """A context manager around one request, its calls at `prices`."""
        return Trace(order, self, prices)

    def model_told(self, name: str) -> str:
        """The name of a model as it is written down: without keys, unless it is known."""
        told = shown(name)
        return name if told == name or self.knows_model(name) else told

    def began(self, record: StartRecord) -> None:
        """A request begins: only its event is of interest."""
        if self.events is not None and self.books is not None:
            self.books.append(Entry(events=(self.events.started(record),)))

    def attempt_ended(self, record: AttemptRecord) -> None:
        """One upstream call has ended."""
        for observer in self.observers:
            observer.attempt_ended(record)

    def request_ended(self, record: RequestRecord) -> Awaitable[None] | None:
        """One request has ended. What to wait for before its caller is told so; None: nothing."""
        self.limiter.settle(record)
        for observer in self.observers:
            observer.request_ended(record)
        if self.books is None:
            return None
        events = self.events.ended(record) if self.events is not None else ()
        row = record if self.keeps_usage() else None
        return self.books.append(Entry(request=row, events=events)) if row is not None or events else None


async def last_event(trace: Trace, event: DoneEvent | ErrorEvent) -> DoneEvent | ErrorEvent:
    """A stream's last event, once what must be kept of it is; an answer that cannot be kept is none."""
    if trace.receipt is None:
        return event
    if isinstance(event, ErrorEvent):
        # It failed already, and its caller is told why.
        with suppress(StoreUnavailableError):
            await trace.kept()
        return event
    try:
        await trace.kept()
    except StoreUnavailableError as error:
        error.request_id, error.correlation_id = event.response.request_id, event.response.correlation_id
        return ErrorEvent.of(error)
    return event
