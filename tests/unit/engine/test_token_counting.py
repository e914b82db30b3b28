"""How is a request counted, and what is told of a count that is none?"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.engine.surface_intake import take_in_surface
from app.engine.token_counting import TokenCounting
from contracts.caller import IN_PROCESS_CALLER
from contracts.calls import Operation
from contracts.chat import Conversation, Tool
from contracts.errors import (
    ContentPolicyError,
    ContextLengthExceededError,
    InvalidRequestError,
    LLMProviderError,
    ModelNotFoundError,
)
from contracts.surfaces import SurfaceRequest, TokenCount
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Fails, Outcome, Says, Silent, unavailable
from tests.kit.surface_engine import SAID, SOURCE, SurfaceEngine, surface_request

ESTIMATE = 7


class CountingEngine(SurfaceEngine):
    """An engine that also counts."""

    async def count(self, request: SurfaceRequest | None = None) -> TokenCount:
        """The count of `request`."""
        counting = TokenCounting(self.accounts)
        with self.snapshots.taken() as runtime:
            taken = request or surface_request()
            order = take_in_surface(taken, IN_PROCESS_CALLER, now=self.clock.now(), config=runtime.config)
            return await counting.answer(order, runtime)


def counter(name: str, *script: Outcome, model: str = "m") -> FakeProvider:
    """A row whose vendor counts."""
    made = FakeProvider(name, script, default_model=model)
    made.counts_tokens = True
    return made


async def test_count_is_the_vendors() -> None:
    """Asked once, for nothing but the count; it costs nothing, and is in the records as what it is."""
    alpha = counter("alpha", Says("x"))
    engine = CountingEngine(alpha)
    count = await engine.count()
    assert (count.provider, count.model, count.is_estimated, count.warnings) == ("alpha", "m", False, ())
    assert count.input_tokens > 0
    assert count.request_id is not None
    (asked,) = alpha.asked
    assert asked.call.operation is Operation.COUNT_TOKENS
    (record,) = engine.records.requests
    assert (record.operation, record.cost_usd, record.error_type) == (Operation.COUNT_TOKENS, Decimal(0), None)
    assert record.usage is not None
    assert record.usage.total_tokens == 0
    assert [one.cost.usd for one in record.calls if one.cost is not None] == [Decimal(0)]


async def test_count_of_a_row_without_a_counter_is_estimated_and_says_so() -> None:
    """Nobody is asked."""
    alpha = FakeProvider("alpha")
    engine = CountingEngine(alpha)
    count = await engine.count()
    assert (count.input_tokens, count.is_estimated) == (ESTIMATE, True)
    assert count.warnings == ("input_tokens is an estimate, of 4 characters a token: alpha/alpha-1 has no counter",)
    assert alpha.asked == []
    assert [record.error_type for record in engine.records.requests] == [None]


async def test_counter_that_fails_is_stood_in_for_by_one_of_the_same_model() -> None:
    """Another model cuts the text in another way, so its count would be of something else."""
    other, beta = counter("other", model="n"), counter("beta")
    count = await CountingEngine(counter("alpha", unavailable()), other, beta, max_retries=0).count()
    assert (count.provider, count.is_estimated) == ("beta", False)
    assert other.asked == []


@pytest.mark.parametrize("outcome", [unavailable(), Silent()])
async def test_count_that_no_vendor_gives_is_estimated(outcome: Outcome) -> None:
    """It is for budgeting; the failed calls stand in the records, and nothing of them is billed."""
    engine = CountingEngine(counter("alpha", outcome), max_retries=0)
    count = await engine.count()
    assert (count.input_tokens, count.is_estimated) == (ESTIMATE, True)
    assert "no vendor could count" in count.warnings[-1]
    (record,) = engine.records.requests
    assert record.cost_usd == 0
    assert [(one.usage, one.error_type is None) for one in record.calls] == [(None, False)]


@pytest.mark.parametrize("kind", [InvalidRequestError, ContextLengthExceededError, ContentPolicyError])
async def test_request_that_the_vendor_refuses_is_refused(kind: type[LLMProviderError]) -> None:
    """It would be when it is asked, too."""
    with pytest.raises(kind):
        await CountingEngine(counter("alpha", Fails(lambda: kind("no")))).count()


async def test_model_that_nobody_offers_is_refused() -> None:
    """There is nothing that could be counted."""
    with pytest.raises(ModelNotFoundError):
        await CountingEngine(counter("alpha")).count(surface_request(model="nobodys"))


async def test_estimate_counts_the_tools_that_are_offered() -> None:
    """They are sent like the words."""
    tool = Tool(name="look", description="looks", parameters={"type": "object"})
    asked = replace(SAID, tools=(tool,))
    count = await CountingEngine(FakeProvider("alpha")).count(surface_request(source=replace(SOURCE, read_as=asked)))
    assert isinstance(asked, Conversation)
    assert count.input_tokens > ESTIMATE
