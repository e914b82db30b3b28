"""What a caller of a stream reads: the events, and the handle that gives them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, Field, PrivateAttr

from contracts.cache import CacheResult
from contracts.chat import Usage
from contracts.deltas import Delta, ReasoningDelta, RelayedEvent, TextDelta
from contracts.errors import LLMProviderError
from contracts.problem import problem_of
from contracts.responses import Cost, LLMResponse, Problem


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


class RefusalTextEvent(TextEvent):
    """More text, of a refusal: on the wire a text like any other."""


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
    _error: LLMProviderError | None = PrivateAttr(default=None)

    @classmethod
    def of(cls, error: LLMProviderError, *, usage: Usage | None = None, cost: Cost | None = None) -> ErrorEvent:
        """The event for `error`; `usage` and `cost` are what was billed all the same."""
        problem = problem_of(error)
        if usage is not None or cost is not None:
            problem = problem.model_copy(update={"usage": usage, "cost": cost})
        event = cls(problem=problem)
        event._error = error
        return event

    @property
    def error(self) -> LLMProviderError | None:
        """The error itself, for callers in the same process."""
        return self._error


# A `relayed` event comes at the drop-in surfaces only.
StreamEvent = Annotated[
    StartEvent | TextEvent | ReasoningEvent | ToolCallEvent | WarningEvent | RelayedEvent | DoneEvent | ErrorEvent,
    Field(discriminator="type"),
]


# `TextEvent(text=…)` with one call less: there is one for each token.
_text_event = TextEvent.__pydantic_validator__.validate_python


def event_of(delta: Delta) -> TextEvent | ReasoningEvent | ToolCallEvent:
    """The event that tells of `delta`."""
    if isinstance(delta, TextDelta):
        return RefusalTextEvent(text=delta.text) if delta.is_refusal else _text_event({"text": delta.text})
    if isinstance(delta, ReasoningDelta):
        return ReasoningEvent(text=delta.text)
    return ToolCallEvent(index=delta.index, id=delta.id, name=delta.name, arguments=delta.arguments)


class AnswerStream(Protocol):
    """An open answer: iterate its events, then close it. Closing early ends the vendor's work within 100 ms.

    Where a vendor of the caller's own dialect answers at a drop-in surface, its events come as `relayed` ones; else
    the events are `start`, then any of `text`, `reasoning`, `tool_call`, `warning`, then exactly one `done` or
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
