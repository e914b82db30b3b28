"""Who learns of a request, and what must be kept of it? Its limiter, its observers, and the books."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from app.engine.events import Events
from app.engine.told_models import ToldModels
from app.engine.trace import Trace
from app.ports import AttemptRecord, Limiter, Observer, RequestRecord
from app.ports.books import Books, Entry
from app.ports.records import StartRecord
from app.resilience.clock import Clock
from contracts.calls import ModelCall
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
    `told_models` are names of models as they are written down. An observer whose `sees_calls` is False is told of
    requests only; a limiter whose `limits` is False, which admits everybody, of nothing: then `admits` is None.
    """

    observers: Sequence[Observer]
    limiter: Limiter
    clock: Clock
    books: Books | None = None
    events: Events | None = None
    keeps_usage: Callable[[], bool] = _yes
    knows_model: Callable[[str], bool] = _no
    told_models: ToldModels = field(init=False, repr=False)
    admits: Callable[[ModelCall], Awaitable[None] | None] | None = field(init=False, repr=False)
    told_of_requests: tuple[Callable[[RequestRecord], None], ...] = field(init=False, repr=False)
    told_of_calls: tuple[Callable[[AttemptRecord], None], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """What each request looks at is found out once."""
        limiter = self.limiter if getattr(self.limiter, "limits", True) else None
        settling = (limiter.settle,) if limiter is not None else ()
        object.__setattr__(self, "admits", limiter.admit if limiter is not None else None)
        told = (*settling, *(observer.request_ended for observer in self.observers))
        object.__setattr__(self, "told_of_requests", told)
        seeing = (observer for observer in self.observers if getattr(observer, "sees_calls", True))
        object.__setattr__(self, "told_of_calls", tuple(observer.attempt_ended for observer in seeing))
        object.__setattr__(self, "told_models", ToldModels(self.knows_model))

    def began(self, record: StartRecord) -> None:
        """A request begins: only its event is of interest."""
        if self.events is not None and self.books is not None:
            self.books.append(Entry(events=(self.events.started(record),)))

    def request_ended(self, record: RequestRecord) -> Awaitable[None] | None:
        """One request has ended. What to wait for before its caller is told so; None: nothing."""
        for tell in self.told_of_requests:
            tell(record)
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
