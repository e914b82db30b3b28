"""What a caller of a stream reads: the events, and the handle that gives them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, Field

from contracts.cache import CacheResult
from contracts.responses import LLMResponse, Problem


class StartEvent(BaseModel):
    """First event of a stream: who answers."""

    type: Literal["start"] = "start"
    request_id: str
    correlation_id: str
    provider: str
    model: str


class TextEvent(BaseModel):
    """More text."""

    type: Literal["text"] = "text"
    text: str = Field(repr=False)


class ReasoningEvent(BaseModel):
    """More of what the model thinks."""

    type: Literal["reasoning"] = "reasoning"
    text: str = Field(repr=False)


class ToolCallEvent(BaseModel):
    """More of tool call number `index`: its first event carries `id` and `name`; `arguments` are fragments to join."""

    type: Literal["tool_call"] = "tool_call"
    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = Field(default="", repr=False)


class WarningEvent(BaseModel):
    """Something that the caller asked for was changed or left out."""

    type: Literal["warning"] = "warning"
    message: str


class DoneEvent(BaseModel):
    """Last event of a whole answer."""

    type: Literal["done"] = "done"
    response: LLMResponse


class ErrorEvent(BaseModel):
    """Last event of a failed stream."""

    type: Literal["error"] = "error"
    problem: Problem


StreamEvent = Annotated[
    StartEvent | TextEvent | ReasoningEvent | ToolCallEvent | WarningEvent | DoneEvent | ErrorEvent,
    Field(discriminator="type"),
]


class AnswerStream(Protocol):
    """An open answer: iterate its events, then close it. Closing early ends the vendor's work within 100 ms.

    The events are `start`, then any of `text`, `reasoning`, `tool_call`, `warning`, then exactly one `done` or
    `error`. It is an async context manager; `async with await service.process_stream(request) as stream`.
    """

    request_id: str
    correlation_id: str
    provider: str
    model: str
    attempts: int
    cache: CacheResult

    def __aiter__(self) -> AsyncIterator[StreamEvent]: ...

    async def aclose(self) -> None:
        """Closes the upstream connection and records what was used."""
        ...

    async def __aenter__(self) -> AnswerStream: ...

    async def __aexit__(self, *exc: object) -> None: ...
