"""What does a caller see of a row that takes only so many calls or tokens in a minute?"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from contracts.chat import Usage
from contracts.requests import Priority
from tests.kit.embedding_engine import EmbeddingEngine
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Says, limited, streams, unavailable

TWENTY = {"alpha": {"requests_per_minute": 20}}
APART = 60 / 19


def used(tokens: int) -> Says:
    """An answer whose vendor says that it took so many tokens."""
    return Says(usage=Usage(input_tokens=tokens, output_tokens=0, total_tokens=tokens))


async def test_paced_row_is_waited_for_when_it_is_the_only_one() -> None:
    """Two go at once, the rest at its pace: the vendor has nothing to refuse."""
    alpha = FakeProvider("alpha")
    engine = Engine(alpha, rows=TWENTY)
    answers = await asyncio.gather(*(engine.ask() for _ in range(5)))
    assert alpha.times == [pytest.approx(n * APART, abs=1e-3) for n in (0, 0, 1, 2, 3)]
    assert answers[4].latency.queue_ms == pytest.approx(3 * APART * 1000, abs=1)


async def test_paced_row_is_passed_over_for_one_that_is_ready() -> None:
    """Its wait is longer than the patience, and known: nobody waits."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    engine = Engine(alpha, beta, rows=TWENTY)
    began = engine.now()
    assert [(await engine.ask()).provider for _ in range(4)] == ["alpha", "alpha", "beta", "beta"]
    assert engine.now() == began
    await engine.wait(APART + 0.01)
    assert (await engine.ask()).provider == "alpha"


async def test_paced_row_is_waited_for_within_the_patience() -> None:
    """Though another candidate is ready."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    engine = Engine(alpha, beta, rows=TWENTY, retry_after_patience_seconds=4)
    assert [(await engine.ask()).provider for _ in range(4)] == ["alpha"] * 4


async def test_pace_beyond_the_deadline_is_429_with_the_time() -> None:
    """At once, before anything was sent, and the soonest of the candidates' times."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    engine = Engine(alpha, beta, rows={"alpha": {"requests_per_minute": 1}, "beta": {"requests_per_minute": 1}})
    await engine.ask()
    await engine.wait(10)
    await engine.ask()
    began = engine.now()
    error = await engine.failure()
    assert (error.status, error.error_type, error.attempts) == (429, "rate_limit_exceeded", ())
    assert (error.retry_after, error.retry_is_pointless) == (pytest.approx(50), False)
    assert engine.now() == began
    assert (len(alpha.asked), len(beta.asked)) == (1, 1)


async def test_pace_counts_retries() -> None:
    """Each attempt is a call to the vendor; a row out of calls passes the request on, and keeps its good name."""
    alpha, beta = FakeProvider("alpha", [unavailable()] * 3), FakeProvider("beta")
    engine = Engine(alpha, beta, rows={"alpha": {"requests_per_minute": 10}})
    answer = await engine.ask()
    assert (answer.provider, len(alpha.asked)) == ("beta", 1)
    assert [attempt.error_type for attempt in answer.attempts] == ["provider_unavailable", None]
    assert engine.routes.route("alpha", "alpha-1").refusal() is None


async def test_pace_counts_no_call_that_was_not_made() -> None:
    """A route that rests refuses before anything is taken."""
    alpha, beta = FakeProvider("alpha", [limited(30)]), FakeProvider("beta")
    engine = Engine(alpha, beta, rows=TWENTY)
    for _ in range(5):
        assert (await engine.ask()).provider == "beta"
    await engine.wait(30.1)
    assert [(await engine.ask()).provider for _ in range(2)] == ["alpha", "alpha"]


async def test_tokens_are_estimated_before_and_corrected_after() -> None:
    """The caller's `max_tokens` is taken first; what was not used is given back at the end."""
    alpha = FakeProvider("alpha", [used(10), used(10), used(20_000), used(10)])
    engine = Engine(alpha, rows={"alpha": {"tokens_per_minute": 60_000}}, fallback_timeout_seconds=100)
    began = engine.now()
    for _ in range(3):
        await engine.ask(max_tokens=5900)
    assert engine.now() == pytest.approx(began, abs=0.02)
    waited = (await engine.ask(max_tokens=5900)).latency.queue_ms
    assert waited == pytest.approx(20_000 / (54_001 / 60) * 1000, rel=0.05)


@pytest.mark.parametrize("fields,tokens", [({"max_tokens": 7}, 4 + 3 + 7), ({}, 4 + 3 + 500)], ids=["said", "not said"])
async def test_tokens_of_an_answer_that_nobody_limits_are_guessed(fields: dict[str, Any], tokens: int) -> None:
    """Until it is here, an answer is taken to need 500."""
    alpha = FakeProvider("alpha", [Says(after=20), Says()])
    engine = Engine(alpha, rows={"alpha": {"tokens_per_minute": 10 * tokens}})
    first = asyncio.create_task(engine.ask(prompt="twelve chars", **fields))
    await engine.wait(0)
    second = await engine.ask(prompt="twelve chars", **fields)
    await first
    per_second = (9 * tokens + 1) / 60
    assert second.latency.queue_ms == pytest.approx(tokens / per_second * 1000, rel=0.01)


async def test_tokens_of_a_stream_are_corrected_at_its_end() -> None:
    """By its usage; while it is open the estimate stands."""
    alpha = FakeProvider("alpha", [streams("a", "b"), Says()])
    engine = Engine(alpha, rows={"alpha": {"tokens_per_minute": 60_000}})
    row = engine.routes.row("alpha").admission
    async with await engine.open(max_tokens=5900) as stream:
        assert row.refusal(Priority.NORMAL, 3000) is not None
        async for _ in stream:
            pass
    assert row.refusal(Priority.NORMAL, 3000) is None


async def test_tokens_of_texts_for_vectors_have_no_answer() -> None:
    """Only what is sent counts."""
    alpha = FakeProvider("alpha", [Says(usage=None)] * 2, embeds=["vectors-1"])
    engine = EmbeddingEngine(alpha, rows={"alpha": {"tokens_per_minute": 100}})
    began = engine.now()
    await engine.embed("x" * 16)
    await engine.embed("x" * 16)
    assert engine.now() == began


async def test_tokens_are_estimated_alike_for_every_row() -> None:
    """A request that goes on takes as much of the next row's tokens."""
    alpha, beta = FakeProvider("alpha", [unavailable()]), FakeProvider("beta", [Says(usage=None)])
    tokens = {"tokens_per_minute": 10_000}
    engine = Engine(alpha, beta, rows={"alpha": tokens, "beta": tokens}, max_retries=0)
    stream = await engine.open(max_tokens=990)
    assert stream.provider == "beta"
    refused = [engine.routes.row(name).admission.refusal(Priority.NORMAL, 10) for name in ("alpha", "beta")]
    assert [refusal is None for refusal in refused] == [False, False]
    await stream.aclose()
