"""A streamed answer that is whole already, held back or kept from before: its events, one for each part."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator

from contracts.chat import Part, ReasoningPart, RefusalPart, TextPart, ToolCallPart
from contracts.responses import LLMResponse
from contracts.streams import (
    DoneEvent,
    ReasoningEvent,
    RefusalTextEvent,
    StartEvent,
    StreamEvent,
    TextEvent,
    ToolCallEvent,
    WarningEvent,
)


class BufferedAnswer:
    """An answer that is whole already (implements `contracts.AnswerStream`)."""

    def __init__(self, response: LLMResponse, on_close: Callable[[], None]) -> None:
        self._response = response
        self._on_close = on_close
        self._is_closed = False
        self._events = self._run()
        self.request_id = response.request_id
        self.correlation_id = response.correlation_id
        self.provider = response.provider
        self.model = response.model
        self.attempts = len(response.attempts)
        self.cache = response.cache

    async def __aenter__(self) -> BufferedAnswer:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    def __aiter__(self) -> AsyncIterator[StreamEvent]:
        return self._events

    async def aclose(self) -> None:
        """Nothing is open any more but the generator. Idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        self._on_close()
        if not getattr(self._events, "ag_running", False):
            await self._events.aclose()

    async def _run(self) -> AsyncGenerator[StreamEvent, None]:
        response = self._response
        yield StartEvent(
            request_id=self.request_id, correlation_id=self.correlation_id, provider=self.provider, model=self.model
        )
        for warning in response.warnings:
            yield WarningEvent(message=warning)
        for event in _events(response.message.content):
            yield event
        yield DoneEvent(response=response)


def _events(parts: tuple[Part, ...]) -> Iterator[StreamEvent]:
    calls = 0
    for part in parts:
        if isinstance(part, ReasoningPart) and part.text:
            yield ReasoningEvent(text=part.text)
        elif isinstance(part, TextPart):
            yield TextEvent(text=part.text)
        elif isinstance(part, RefusalPart):
            yield RefusalTextEvent(text=part.text)
        elif isinstance(part, ToolCallPart):
            yield ToolCallEvent(index=calls, id=part.id, name=part.name, arguments=part.arguments)
            calls += 1
