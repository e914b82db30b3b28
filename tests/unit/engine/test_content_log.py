"""Is what was asked and answered written down once, however a request ends?"""

from __future__ import annotations

import asyncio

import pytest

from app.engine.content_log import LoggedAnswers
from app.engine.embedding_intake import take_in_texts
from app.engine.intake import Order
from app.engine.runtime import Runtime
from contracts import (
    EmbeddingRequest,
    EmbeddingResponse,
    Latency,
    LLMResponse,
    LLMTimeoutError,
    StoreUnavailableError,
    Usage,
)
from tests.kit.engine import Engine
from tests.kit.fake_books import FakeBooks
from tests.kit.fake_provider import FakeProvider
from tests.kit.logged_content import CALLER, CONFIG, RESPONSE, TIMEOUT, log_into, order_of, written
from tests.kit.virtual_time import EPOCH, elapse


@pytest.fixture
async def runtime() -> Runtime:
    """Any: the ways here look at none."""
    return Engine(FakeProvider("alpha")).snapshots.current


class Answers:
    """A way to one whole answer, or to an error."""

    def __init__(self, outcome: LLMResponse | BaseException) -> None:
        self.outcome = outcome

    async def answer(self, order: Order, runtime: Runtime) -> LLMResponse:
        """It."""
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome


async def test_content_of_an_answer_is_written(runtime: Runtime) -> None:
    """Who asked, what, of whom, and what came back."""
    books = FakeBooks()
    logged = LoggedAnswers(Answers(RESPONSE), log_into(books))
    order = order_of(system="Be brief.", model="fast", vendor_options={"openai": {"user": "u"}})
    assert await logged.answer(order, runtime) is RESPONSE
    (entry,) = written(books)
    assert (entry.action, entry.actor, entry.outcome) == ("request.content", "key-1", "success")
    assert (entry.request_id, entry.correlation_id) == ("r", "c")
    assert entry.target == f"{RESPONSE.provider}/{RESPONSE.model}"
    asked = [
        {"role": "system", "content": [{"text": "Be brief.", "type": "text"}]},
        {"role": "user", "content": [{"text": "Why?", "type": "text"}]},
    ]
    assert entry.before["conversation"]["messages"] == asked
    assert (entry.before["model"], entry.before["vendor_options"]) == ("fast", {"openai": {"user": "u"}})
    assert entry.after["message"]["content"] == [{"text": RESPONSE.content, "type": "text"}]
    assert "signals" not in entry.after


async def test_content_of_an_answer_with_signals_has_them(runtime: Runtime) -> None:
    """The typed JSON that was asked for."""
    books = FakeBooks()
    scored = RESPONSE.model_copy(update={"signals": {"score": 3}})
    await LoggedAnswers(Answers(scored), log_into(books)).answer(order_of(), runtime)
    assert written(books)[0].after["signals"] == {"score": 3}


async def test_content_of_a_failure_is_written(runtime: Runtime) -> None:
    """What was asked, and our own sentence of why it failed, never the vendor's."""
    books = FakeBooks()
    error = LLMTimeoutError(str(TIMEOUT), vendor_message="vendor words")
    with pytest.raises(LLMTimeoutError):
        await LoggedAnswers(Answers(error), log_into(books)).answer(order_of(), runtime)
    (entry,) = written(books)
    assert (entry.outcome, entry.after, entry.target) == ("timeout", {"error": str(TIMEOUT)}, None)
    assert "Why?" in str(entry.before)


@pytest.mark.parametrize(
    "stop,outcome", [(ZeroDivisionError(), "internal_error"), (asyncio.CancelledError(), "cancelled")]
)
async def test_content_of_what_broke_off_is_written(runtime: Runtime, stop: BaseException, outcome: str) -> None:
    """A defect, and a caller who left."""
    books = FakeBooks()
    with pytest.raises(type(stop)):
        await LoggedAnswers(Answers(stop), log_into(books)).answer(order_of(), runtime)
    assert [(entry.outcome, entry.after) for entry in written(books)] == [(outcome, None)]


async def test_content_of_vectors_is_their_size(runtime: Runtime) -> None:
    """The texts are kept, the numbers are not."""
    books = FakeBooks()
    vectors = EmbeddingResponse(
        request_id="r",
        correlation_id="c",
        embeddings=[[0.5, 0.25], [1.0, 0.0]],
        provider="openai",
        model="e",
        usage=Usage(),
        attempts=[],
        latency=Latency(total_ms=1, upstream_ms=1, overhead_ms=0, queue_ms=0),
        created_at=EPOCH,
    )

    class Vectors:
        async def answer(self, order: Order, runtime: Runtime) -> EmbeddingResponse:
            return vectors

    order = take_in_texts(EmbeddingRequest(input=("a", "b")), CALLER, now=EPOCH, config=CONFIG)
    assert await LoggedAnswers(Vectors(), log_into(books)).answer(order, runtime) is vectors
    (entry,) = written(books)
    assert entry.before == {"operation": "embeddings", "embedding": {"texts": ["a", "b"]}}
    assert entry.after == {"vectors": 2, "dimensions": 2}


async def test_content_strict_is_kept_before_the_answer_is_given(runtime: Runtime) -> None:
    """The caller waits for its entry."""
    books = FakeBooks(is_strict=True)
    answering = asyncio.ensure_future(LoggedAnswers(Answers(RESPONSE), log_into(books)).answer(order_of(), runtime))
    await elapse(1)
    assert not answering.done()
    books.commit()
    assert await answering is RESPONSE


async def test_content_strict_that_cannot_be_kept_is_not_given(runtime: Runtime) -> None:
    """The error carries the request's ids; a failure stays the failure that it was."""
    books = FakeBooks(is_strict=True)
    books.is_stuck = True
    with pytest.raises(StoreUnavailableError) as caught:
        await LoggedAnswers(Answers(RESPONSE), log_into(books)).answer(order_of(), runtime)
    assert (caught.value.request_id, caught.value.correlation_id) == ("r", "c")
    with pytest.raises(LLMTimeoutError):
        await LoggedAnswers(Answers(TIMEOUT), log_into(books)).answer(order_of(), runtime)
