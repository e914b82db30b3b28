"""Does every call carry what it cost, by whose figure, and what it may have cost though it brought nothing?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from app.ports import CallLimits
from contracts.calls import ModelCall, Reply
from contracts.chat import Usage, UsageSource
from contracts.errors import (
    LLMProviderError,
    LLMTimeoutError,
    ProviderProtocolError,
    ProviderUnavailableError,
    RateLimitExceededError,
    ServiceNotStartedError,
)
from contracts.providers import ProviderType
from contracts.responses import AttemptOutcome
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Counted, Fails, Outcome, Says, Silent, streams

LUNA = "gpt-6-luna"
PRICE = {"input": 1, "output": 2, "per_request_usd": 1}
USAGE = Usage(input_tokens=1_000_000, output_tokens=500_000, total_tokens=1_500_000)
WITH_AN_A = {"type": "json_schema", "json_schema": {"type": "object", "required": ["a"]}}


class Billing(FakeProvider):
    """Says what each answer costs."""

    def __init__(self, name: str, usd: str, answer: Says, *, model: str) -> None:
        super().__init__(name, [answer], kind=ProviderType.OPENROUTER, default_model=model)
        self._usd = Decimal(usd)

    async def complete(self, call: ModelCall, *, model: str, limits: CallLimits) -> Reply:
        """The answer, with the figure."""
        return replace(await super().complete(call, model=model, limits=limits), cost_usd=self._usd)


def unconnected() -> LLMProviderError:
    error = LLMTimeoutError("alpha did not accept a connection in 5 s")
    error.reached_vendor = False
    return error


async def test_price_of_the_configuration_is_charged() -> None:
    """To the answer, the call and the request alike, and with its version."""
    engine = Engine(
        FakeProvider("alpha", [Says(usage=USAGE)], kind=ProviderType.OPENAI, default_model=LUNA),
        prices={"alpha": PRICE},
    )
    response = await engine.ask()
    assert response.cost is not None
    assert (response.cost.usd, response.cost.source) == (Decimal(3), "config")
    assert str(response.cost.price_version).startswith("config ")
    (call,) = engine.records.attempts
    assert call.cost == response.cost
    assert engine.records.requests[0].cost_usd == Decimal(3)
    assert response.warnings == []


async def test_price_of_the_configuration_is_charged_for_streams() -> None:
    """A stream that breaks off is charged by it too, for the estimate of what was used."""
    broken = streams("Half an ", Fails(lambda: ProviderProtocolError("cut", upstream_status=200)))
    engine = Engine(FakeProvider("alpha", [broken]), prices={"alpha/alpha-1": PRICE})
    await engine.events(enable_fallback=False)
    (call,) = engine.records.attempts
    assert call.usage is not None
    assert call.cost is not None
    assert (call.usage.source, call.cost.source) == (UsageSource.ESTIMATED, "config")
    expected = 1 + (Decimal(call.usage.input_tokens) + 2 * call.usage.output_tokens) / 10**6
    assert call.cost.usd == expected


async def test_stream_that_is_cut_is_charged_what_its_vendor_had_counted() -> None:
    """Cached reads and writes at the beginning, and of the output what came: not an estimate from nothing."""
    begun = Usage(input_tokens=1000, output_tokens=1, total_tokens=1001, cached_input_tokens=900, cache_write_tokens=50)
    broken = streams(Counted(begun), "x" * 40, Fails(lambda: ProviderProtocolError("cut", upstream_status=200)))
    engine = Engine(FakeProvider("alpha", [broken]))
    await engine.events(enable_fallback=False)
    (call,) = engine.records.attempts
    assert call.usage == replace(begun, output_tokens=10, total_tokens=1010, source=UsageSource.ESTIMATED)


async def test_stream_whose_caller_leaves_is_charged_what_its_vendor_had_counted() -> None:
    """The same when nobody reads on."""
    begun = Usage(input_tokens=1000, output_tokens=30, total_tokens=1030, cached_input_tokens=900)
    engine = Engine(FakeProvider("alpha", [streams(Counted(begun), "x" * 40, Silent())]))
    async with await engine.open() as answer:
        async for event in answer:
            if event.type == "text":
                break
    (call,) = engine.records.attempts
    assert call.outcome is AttemptOutcome.CANCELLED
    assert call.usage == replace(begun, source=UsageSource.ESTIMATED)


@pytest.mark.parametrize(
    "outcome",
    [
        Silent(),
        Fails(lambda: LLMTimeoutError("alpha did not answer in time")),
        Fails(lambda: ProviderProtocolError("the reply of alpha ended before it was whole")),
        Fails(lambda: ProviderProtocolError("alpha's answer is no JSON", upstream_status=200)),
        Fails(lambda: ServiceNotStartedError("the service stopped before alpha had answered")),
    ],
)
@pytest.mark.parametrize("is_stream", [False, True])
async def test_call_cut_off_is_charged_its_input(outcome: Outcome, is_stream: bool) -> None:
    """The vendor was at work, so it may bill: an estimate, marked as one."""
    alpha = FakeProvider("alpha", [outcome], kind=ProviderType.OPENAI, default_model=LUNA)
    engine = Engine(alpha, max_retries=0)
    ask = engine.failure_of_stream if is_stream else engine.failure
    await ask(prompt="x" * 4_000, enable_fallback=False, timeout_seconds=10)
    (call,) = engine.records.attempts
    assert call.outcome is AttemptOutcome.FAILED
    assert call.usage is not None
    assert (call.usage.input_tokens, call.usage.output_tokens) == (1_004, 0)
    assert call.usage.source is UsageSource.ESTIMATED
    assert call.cost is not None
    assert call.cost.usd == Decimal("0.0001004")


@pytest.mark.parametrize(
    "error",
    [
        unconnected,
        lambda: ProviderUnavailableError("alpha refused the connection"),
        lambda: RateLimitExceededError("wait", upstream_status=429),
        lambda: LLMTimeoutError("alpha answered 504", upstream_status=504),
        lambda: ProviderProtocolError("alpha answered 302, a redirect", upstream_status=302),
        lambda: ProviderUnavailableError("alpha is overloaded", upstream_status=200),
    ],
)
async def test_call_that_was_refused_or_reached_nobody_is_charged_nothing(
    error: Callable[[], LLMProviderError],
) -> None:
    """There is nothing to estimate: no usage, no cost, and it is no call of unknown price."""
    alpha = FakeProvider("alpha", [Fails(error)], kind=ProviderType.OPENAI, default_model=LUNA)
    engine = Engine(alpha, max_retries=0)
    await engine.failure(enable_fallback=False)
    (call,) = engine.records.attempts
    assert (call.usage, call.cost) == (None, None)


async def test_call_whose_caller_left_is_charged_its_input() -> None:
    """Estimated as well; and the request says that it was cancelled."""
    alpha = FakeProvider("alpha", [Silent()], kind=ProviderType.OPENAI, default_model=LUNA)
    engine = Engine(alpha)
    asking = asyncio.ensure_future(engine.ask(prompt="x" * 4_000, use_cache=False))
    await engine.wait(1)
    asking.cancel()
    await asyncio.wait({asking})
    (call,) = engine.records.attempts
    assert call.outcome is AttemptOutcome.CANCELLED
    assert call.cost is not None
    assert call.cost.usd == Decimal("0.0001004")
    assert engine.records.requests[0].is_cancelled


async def test_request_is_billed_the_sum_of_its_calls() -> None:
    """An answer's cost is its own; a wrong answer of another vendor before it stands in its call."""
    alpha = FakeProvider("alpha", [Says("no JSON", usage=USAGE)] * 2, kind=ProviderType.OPENAI)
    beta = FakeProvider("beta", [Says('{"a": 1}', usage=USAGE)], kind=ProviderType.OPENAI)
    prices = {"alpha": PRICE, "beta": {"input": 10, "output": 0}}
    engine = Engine(alpha, beta, prices=prices)
    response = await engine.ask(response_format=WITH_AN_A)
    assert response.cost is not None
    assert (response.provider, response.cost.usd, response.usage) == ("beta", Decimal(10), USAGE)
    (record,) = engine.records.requests
    assert (record.cost_usd, record.usage) == (Decimal(10), USAGE)
    assert [(call.provider, call.cost_usd) for call in record.calls] == [
        ("alpha", Decimal(3)),
        ("alpha", Decimal(3)),
        ("beta", Decimal(10)),
    ]


@pytest.mark.parametrize("usd,model,listed", [("0.5", "openai/gpt-4o-mini", "0.45"), ("0.5", "nobody/nothing", None)])
async def test_figure_of_the_vendor_is_kept_beside_the_librarys(usd: str, model: str, listed: str | None) -> None:
    """The vendor's is what was charged; what the library says, if it says anything, is there to hold it against."""
    engine = Engine(Billing("router", usd, Says(usage=USAGE), model=model))
    response = await engine.ask()
    assert response.cost is not None
    assert (response.cost.usd, response.cost.source) == (Decimal(usd), "vendor")
    (call,) = engine.records.attempts
    assert call.cost == response.cost
    assert call.listed_usd == (None if listed is None else Decimal(listed))


async def test_figure_is_held_against_nothing_where_nobody_counted() -> None:
    """An estimate says nothing of the vendor's arithmetic."""
    engine = Engine(Billing("router", "0.5", Says(usage=None), model="openai/gpt-4o-mini"))
    await engine.ask()
    assert engine.records.attempts[0].listed_usd is None


async def test_price_that_changed_holds_for_the_requests_after() -> None:
    """A request is charged by the configuration that it came in under."""
    before = Engine(FakeProvider("alpha", [Says(usage=USAGE)]), prices={"alpha": PRICE})
    after = Engine(FakeProvider("alpha", [Says(usage=USAGE)]), prices={"alpha": {"input": 0, "output": 0}})
    costs = [(await engine.ask()).cost for engine in (before, after)]
    assert [cost.usd for cost in costs if cost] == [Decimal(3), Decimal(0)]


async def test_least_cost_goes_by_the_price_of_the_configuration() -> None:
    """A contract of one's own makes the dearer vendor the cheaper."""
    rows = [
        FakeProvider(name, kind=ProviderType.OPENAI, default_model=model)
        for name, model in (("alpha", "gpt-6-luna"), ("beta", "gpt-6-sol"))
    ]
    listed = Engine(*rows, selection_strategy="least-cost")
    assert (await listed.ask()).provider == "alpha"
    agreed = Engine(*rows, selection_strategy="least-cost", prices={"beta": {"input": "0.01", "output": "0.01"}})
    assert (await agreed.ask()).provider == "beta"
