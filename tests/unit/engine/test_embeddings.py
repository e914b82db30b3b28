"""Does a request for vectors end with one for each text, or one clear error, by the same loop as a plain call?"""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from app.ports import AttemptRecord
from contracts.calls import Operation
from contracts.chat import UsageSource
from contracts.errors import (
    AuthenticationError,
    InvalidRequestError,
    LLMTimeoutError,
    ProviderProtocolError,
    ProviderUnavailableError,
    RateLimitExceededError,
)
from contracts.providers import CircuitState, ProviderType
from contracts.responses import AttemptOutcome
from tests.kit.embedding_engine import EmbeddingEngine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import USAGE, Fails, Outcome, Says, Silent, broken, limited, unauthorized, unavailable, unreadable
from tests.kit.script import invalid as refused


def maker(name: str = "alpha", *script: Outcome, kind: ProviderType = ProviderType.MOCK) -> FakeProvider:
    """A row that makes vectors with `e-1`."""
    return FakeProvider(name, script, kind=kind, embeds=["e-1"])


async def test_vectors_come_with_who_made_them() -> None:
    """One for each text, with usage, cost, ids and the one attempt; nothing is estimated that was reported."""
    engine = EmbeddingEngine(maker("alpha", Says(after=0.25)))
    response = await engine.embed("a", "bcd", tags=["t"], request_id="req-1", correlation_id="corr-1")
    assert response.embeddings == [[1.0, 1.0], [3.0, 1.0]]
    assert (response.provider, response.model, response.usage) == ("alpha", "e-1", USAGE)
    assert (response.request_id, response.correlation_id, response.fallback_used) == ("req-1", "corr-1", False)
    assert response.cost is not None
    assert (response.cost.usd, response.cost.source, response.warnings) == (Decimal(0), "free", [])
    assert (response.latency.total_ms, response.latency.upstream_ms) == (250, 250)
    (attempt,) = response.attempts
    assert (attempt.provider, attempt.model, attempt.status) == ("alpha", "e-1", 200)
    assert engine.users == 0


async def test_vectors_are_recorded_as_embeddings() -> None:
    """One record for the request and one for the attempt, and the allowance is settled."""
    engine = EmbeddingEngine(maker())
    await engine.embed("a", model="e-1", tags=["t", "t"])
    (record,) = engine.records.requests
    assert (record.operation, record.provider, record.model) == (Operation.EMBEDDINGS, "alpha", "e-1")
    assert (record.requested_model, record.tags, record.is_stream, record.usage) == ("e-1", ("t",), False, USAGE)
    assert engine.records.settled == [record]
    assert engine.records.outcomes == [("alpha", "success")]


async def test_provider_gets_texts_and_what_shall_become_of_them() -> None:
    """With the caller's options for it, and a connect limit."""
    alpha = maker()
    await EmbeddingEngine(alpha).embed("a", "b", dimensions=4, purpose="query", vendor_options={"alpha": {"user": "u"}})
    (asked,) = alpha.asked
    assert asked.call.embedding is not None
    assert (asked.call.embedding.texts, asked.call.embedding.dimensions) == (("a", "b"), 4)
    assert (asked.call.embedding.purpose, asked.call.vendor_options) == ("query", {"alpha": {"user": "u"}})
    assert (asked.model, asked.limits.connect_timeout_seconds) == ("e-1", 5.0)


async def test_usage_that_is_not_reported_is_estimated() -> None:
    """Four characters a token, rounded up for each text, and marked."""
    response = await EmbeddingEngine(maker("alpha", Says(usage=None))).embed("abcde", "f")
    assert (response.usage.input_tokens, response.usage.output_tokens, response.usage.total_tokens) == (3, 0, 3)
    assert response.usage.source is UsageSource.ESTIMATED


async def test_cost_is_that_of_the_price_list() -> None:
    """Ten input tokens of OpenAI's small model; its output is no text and costs nothing."""
    openai = FakeProvider("openai", kind=ProviderType.OPENAI, embeds=["text-embedding-3-small"])
    engine = EmbeddingEngine(openai)
    response = await engine.embed()
    assert response.cost is not None
    assert response.cost.source == "prices"
    assert response.cost.usd == Decimal("0.0000002")
    assert engine.records.requests[0].cost_usd == response.cost.usd


async def test_cost_that_nobody_knows_is_said_to_be_unknown() -> None:
    """Never a silent zero."""
    response = await EmbeddingEngine(maker("alpha", kind=ProviderType.OPENAI)).embed()
    assert response.cost is None
    assert response.warnings == ["cost is unknown: no price is known for alpha/e-1"]


async def test_passing_fault_is_tried_again() -> None:
    """On the same route, as for a plain call."""
    engine = EmbeddingEngine(maker("alpha", unavailable(), Says()))
    response = await engine.embed()
    assert [attempt.outcome for attempt in response.attempts] == [AttemptOutcome.FAILED, AttemptOutcome.SUCCESS]
    assert [record.is_retry for record in engine.records.attempts] == [False, True]


@pytest.mark.parametrize(
    "fault,error",
    [
        (refused(), InvalidRequestError),
        (unreadable(), ProviderProtocolError),
        (unauthorized(), AuthenticationError),
        (limited(retry_after=90), RateLimitExceededError),
        (unavailable(), ProviderUnavailableError),
        (Silent(), LLMTimeoutError),
    ],
)
async def test_failure_is_the_vendors_with_its_attempts(fault: Outcome, error: type[Exception]) -> None:
    """The error carries ids and attempts, the record its type."""
    alpha = maker()
    alpha.afterwards = fault
    engine = EmbeddingEngine(alpha)
    caught = await engine.refusal(request_id="req-1")
    assert type(caught) is error
    assert (caught.request_id, caught.provider, caught.model) == ("req-1", "alpha", "e-1")
    assert len(caught.attempts) == len(alpha.asked) > 0
    (record,) = engine.records.requests
    assert (record.error_type, record.operation) == (caught.error_type, Operation.EMBEDDINGS)


async def test_silence_ends_with_the_limit_of_a_plain_call() -> None:
    """Streaming limits never apply, not even to a row whose plain calls are streamed."""
    engine = EmbeddingEngine(maker("alpha", Silent()), rows={"alpha": {"stream_upstream": True}})
    error = await engine.refusal()
    assert str(error) == "alpha gave no answer in 30.0 s"
    assert engine.open_calls == 0


async def test_timeout_of_the_caller_counts() -> None:
    """Two seconds, not thirty."""
    engine = EmbeddingEngine(maker("alpha", Silent()))
    before = engine.now()
    await engine.refusal(timeout_seconds=2)
    assert engine.now() - before == pytest.approx(2.0)


async def test_faults_open_the_circuit_of_the_embedding_model_only() -> None:
    """The chat model of the same row is another route."""
    alpha = maker()
    alpha.afterwards = unavailable()
    engine = EmbeddingEngine(alpha, max_retries=0, circuit_breaker={"failure_threshold": 2})
    for _ in range(2):
        await engine.refusal()
    assert engine.circuit("alpha", "e-1") is CircuitState.OPEN
    assert engine.circuit("alpha", "alpha-1") is CircuitState.CLOSED


async def test_caller_who_leaves_ends_the_call() -> None:
    """The upstream call is cancelled, and what was sent is recorded as an estimate."""
    alpha = maker("alpha", Silent())
    engine = EmbeddingEngine(alpha)
    asking = asyncio.create_task(engine.embed("abcdefgh"))
    await engine.wait(1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert alpha.asked[0].cancelled_at == alpha.asked[0].at + 1
    (record,) = engine.records.requests
    assert record.is_cancelled
    assert _estimate(engine.records.attempts[0]) == 2
    assert engine.users == 0


async def test_defect_of_ours_is_recorded() -> None:
    """As an internal error, and raised as it is."""
    engine = EmbeddingEngine(maker("alpha", broken()))
    with pytest.raises(KeyError):
        await engine.embed()
    assert [record.error_type for record in engine.records.requests] == ["internal_error"]


async def test_limiter_is_asked_first() -> None:
    """A refused request reaches nobody and is recorded."""
    alpha = maker()
    engine = EmbeddingEngine(alpha)
    engine.records.refusal = RateLimitExceededError("too many requests")
    assert await engine.refusal() is engine.records.refusal
    assert (alpha.asked, len(engine.records.requests)) == ([], 1)


async def test_error_names_no_text() -> None:
    """What was sent never stands in an error."""
    alpha = maker("alpha", Fails(lambda: ProviderProtocolError("alpha answered nothing")))
    assert "secret" not in repr(await EmbeddingEngine(alpha, max_retries=0).refusal("secret words"))


def _estimate(record: AttemptRecord) -> int | None:
    return record.usage.input_tokens if record.usage else None
