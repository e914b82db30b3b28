"""What did a streamed answer say? It is read along, and written down when it ends, whoever ends it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from app.engine.auditing import CANCELLED, kept, unattended
from app.engine.excerpt import EXCERPT_BYTES
from app.engine.intake import Order
from contracts.deltas import RelayedEvent
from contracts.errors import InternalError, LLMProviderError, StoreUnavailableError
from contracts.streams import (
    AnswerStream,
    DoneEvent,
    ErrorEvent,
    ReasoningEvent,
    StreamEvent,
    TextEvent,
    ToolCallEvent,
    event_of,
)

if TYPE_CHECKING:
    from app.engine.content_log import ContentLog


class ContentStream:
    """An open answer around another (implements `contracts.AnswerStream`)."""

    def __init__(self, inner: AnswerStream, order: Order, log: ContentLog) -> None:
        self._inner = inner
        self._events = aiter(inner)
        self._order = order
        self._log = log
        self._said = Said()
        self._is_written = False
        self.request_id, self.correlation_id = inner.request_id, inner.correlation_id
        self.provider, self.model = inner.provider, inner.model
        self.attempts, self.cache = inner.attempts, inner.cache

    async def __aenter__(self) -> ContentStream:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    def __aiter__(self) -> AsyncIterator[StreamEvent]:
        return self

    async def __anext__(self) -> StreamEvent:
        """The next event; the last one when the entry is written, and kept where that is waited for."""
        try:
            event = await anext(self._events)
        except LLMProviderError as error:
            unattended(self._write(error.error_type))
            raise
        except StopAsyncIteration:
            raise
        except Exception:
            unattended(self._write(InternalError.error_type))
            raise
        if isinstance(event, DoneEvent):
            return await self._done(event)
        if isinstance(event, ErrorEvent):
            # It failed already, and its caller is told why.
            with suppress(StoreUnavailableError):
                await kept(self._write(event.problem.error_type))
        self._said.note(event)
        return event

    async def aclose(self) -> None:
        """Closes the inner answer; one that has not ended was left by its caller."""
        unattended(self._write(CANCELLED))
        await self._inner.aclose()

    async def _done(self, event: DoneEvent) -> DoneEvent | ErrorEvent:
        self._is_written = True
        try:
            await self._log.answered(self._order, event.response)
        except StoreUnavailableError as error:
            return ErrorEvent.of(error)
        return event

    def _write(self, outcome: str) -> Awaitable[None] | None:
        if self._is_written:
            return None
        self._is_written = True
        target = f"{self.provider}/{self.model}"
        return self._log.write(self._order, outcome, target=target, answer=self._said.so_far())


class Said:
    """What was sent of an answer that did not end well: as much of it as an entry can hold."""

    def __init__(self) -> None:
        self._pieces: dict[str, list[str]] = {}
        self._left = EXCERPT_BYTES

    def note(self, event: StreamEvent) -> None:
        """One more event was sent."""
        if isinstance(event, RelayedEvent):
            for delta in event.deltas:
                self.note(event_of(delta))
        elif isinstance(event, TextEvent | ReasoningEvent):
            self._add(event.type, event.text)
        elif isinstance(event, ToolCallEvent):
            self._add(f"tool_call {event.index}", event.name or "")
            self._add(f"tool_call {event.index}", event.arguments)

    def so_far(self) -> dict[str, Any]:
        """By kind, what was said. It is joined before it is redacted: a key may have come in pieces."""
        return {kind: "".join(pieces) for kind, pieces in self._pieces.items()}

    def _add(self, kind: str, text: str) -> None:
        # One piece past the limit, so that the excerpt knows that it cuts.
        if text and self._left >= 0:
            self._left -= len(text)
            self._pieces.setdefault(kind, []).append(text)
