"""What was asked of the models, and what did they answer? Entries of the audit, where the operator wants them.

The wrappers stand around the engine's ways to an answer only when they are wanted: otherwise nothing is built. Each
request leaves one entry, `request.content`: `before` is what was asked, `after` what was answered, both redacted and
cut (`excerpt`); the outcome is `success`, `cancelled` or the error_type.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar

from app.engine.auditing import CANCELLED, SUCCESS, Auditing, kept, unattended
from app.engine.content_stream import ContentStream
from app.engine.intake import Order
from app.engine.runtime import Runtime
from contracts.embeddings import EmbeddingAccount, EmbeddingResponse
from contracts.errors import InternalError, LLMProviderError, StoreUnavailableError
from contracts.responses import LLMResponse
from contracts.streams import AnswerStream
from contracts.surfaces import Completion, EmbeddingCompletion

ACTION = "request.content"
Answered = LLMResponse | EmbeddingAccount
_Answer = TypeVar("_Answer", bound=Answered)
_Answer_co = TypeVar("_Answer_co", bound=Answered, covariant=True)
_Given = TypeVar("_Given")


class Whole(Protocol[_Answer_co]):
    """A way to whole answers."""

    async def answer(self, order: Order, runtime: Runtime) -> _Answer_co:
        """The answer to `order`."""
        ...


class Complete(Whole[LLMResponse], Protocol):
    """A way to whole answers to conversations, which the drop-in surfaces take too."""

    async def completion(self, order: Order, runtime: Runtime) -> Completion:
        """The answer to `order`, with the reply that it was made of."""
        ...


class MakeVectors(Whole[EmbeddingResponse], Protocol):
    """A way to vectors, which the drop-in surfaces take too."""

    async def completion(self, order: Order, runtime: Runtime) -> EmbeddingCompletion:
        """The answer to `order`, with the reply that it was made of."""
        ...


class Open(Protocol):
    """A way to streamed answers."""

    async def open(self, order: Order, runtime: Runtime, on_close: Callable[[], None]) -> AnswerStream:
        """The open answer."""
        ...


class ContentLog:
    """Writes the entries."""

    def __init__(self, auditing: Auditing) -> None:
        self._auditing = auditing

    def write(
        self, order: Order, outcome: str, *, target: str | None = None, answer: Mapping[str, Any] | None = None
    ) -> Awaitable[None] | None:
        """`order` has ended; strict: what to wait for."""
        call = order.call
        entry = self._auditing.entry(
            ACTION,
            outcome,
            target=target,
            before=_asked(order),
            after=answer,
            actor=call.caller.key_id,
            ids=(call.request_id, call.correlation_id),
        )
        return self._auditing.write(entry)

    async def answered(self, order: Order, answer: Answered) -> None:
        """It was answered whole. Strict: waits, until that is kept.

        Raises StoreUnavailableError, since an answer that cannot be kept is not given.
        """
        target = f"{answer.provider}/{answer.model}"
        try:
            await kept(self.write(order, SUCCESS, target=target, answer=_answered(answer, order)))
        except StoreUnavailableError as error:
            error.request_id, error.correlation_id = order.call.request_id, order.call.correlation_id
            raise

    async def failed(self, order: Order, error: LLMProviderError) -> None:
        """It failed, and its caller is told why, also where that cannot be kept."""
        with suppress(StoreUnavailableError):
            await kept(self.write(order, error.error_type, answer={"error": str(error)}))

    def broken_off(self, order: Order, stop: BaseException) -> None:
        """It ended by a defect, or because nobody waits for it any more."""
        is_cancelled = isinstance(stop, asyncio.CancelledError)
        unattended(self.write(order, CANCELLED if is_cancelled else InternalError.error_type))


class LoggedAnswers(Generic[_Answer]):
    """Whole answers, each written down (implements `Whole`, around another)."""

    def __init__(self, inner: Whole[_Answer], log: ContentLog) -> None:
        self._inner = inner
        self._log = log

    async def answer(self, order: Order, runtime: Runtime) -> _Answer:
        """What the inner way answers, or raises; and StoreUnavailableError."""
        answer = await _noted(self._inner.answer(order, runtime), order, self._log)
        await self._log.answered(order, answer)
        return answer


class LoggedCompletions(LoggedAnswers[LLMResponse]):
    """Whole answers to conversations, each written down (implements `Complete`, around another)."""

    def __init__(self, inner: Complete, log: ContentLog) -> None:
        super().__init__(inner, log)
        self._completing = inner

    async def completion(self, order: Order, runtime: Runtime) -> Completion:
        """What the inner way answers, or raises; and StoreUnavailableError."""
        completion = await _noted(self._completing.completion(order, runtime), order, self._log)
        await self._log.answered(order, completion.response)
        return completion


class LoggedVectors(LoggedAnswers[EmbeddingResponse]):
    """Vectors, of which each request is written down (implements `MakeVectors`, around another)."""

    def __init__(self, inner: MakeVectors, log: ContentLog) -> None:
        super().__init__(inner, log)
        self._completing = inner

    async def completion(self, order: Order, runtime: Runtime) -> EmbeddingCompletion:
        """What the inner way answers, or raises; and StoreUnavailableError."""
        completion = await _noted(self._completing.completion(order, runtime), order, self._log)
        await self._log.answered(order, completion.account)
        return completion


class LoggedStreams:
    """Streamed answers, each written down at its end (implements `Open`, around another)."""

    def __init__(self, inner: Open, log: ContentLog) -> None:
        self._inner = inner
        self._log = log

    async def open(self, order: Order, runtime: Runtime, on_close: Callable[[], None]) -> AnswerStream:
        """What the inner way opens, or raises."""
        stream = await _noted(self._inner.open(order, runtime, on_close), order, self._log)
        return ContentStream(stream, order, self._log)


async def _noted(work: Awaitable[_Given], order: Order, log: ContentLog) -> _Given:
    try:
        return await work
    except LLMProviderError as error:
        await log.failed(order, error)
        raise
    except BaseException as stop:
        log.broken_off(order, stop)
        raise


def _asked(order: Order) -> dict[str, Any]:
    call = order.call
    asked = {
        "operation": call.operation,
        "model": order.model,
        "provider": order.preferred,
        "conversation": call.conversation if call.embedding is None else None,
        "embedding": call.embedding,
        "vendor_options": call.vendor_options or None,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _answered(answer: Answered, order: Order) -> dict[str, Any]:
    # Vectors say nothing to a reader, and are large.
    if isinstance(answer, EmbeddingResponse):
        return {"vectors": len(answer.embeddings), "dimensions": len(answer.embeddings[0])}
    if isinstance(answer, EmbeddingAccount):
        return {"vectors": order.call.embedding.count if order.call.embedding else 0}
    told = {"message": answer.message, "finish_reason": answer.finish_reason}
    return {**told, "signals": answer.signals} if answer.signals is not None else told
