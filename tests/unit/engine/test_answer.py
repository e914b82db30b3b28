"""Does the answer say who served, what it used and cost, and what the caller should know?"""

from __future__ import annotations

import copy
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.engine.accounts import Accounts
from app.engine.answer import answer, weigh
from app.engine.intake import Order, take_in
from app.engine.selection import Plan, Target
from app.engine.trace import Trace
from app.pricing import Prices
from contracts import (
    IN_PROCESS_CALLER,
    Cost,
    FinishReason,
    LLMRequest,
    LLMResponse,
    Message,
    ProviderType,
    ReasoningPart,
    RefusalPart,
    Reply,
    Role,
    TextPart,
    ToolCallPart,
    Usage,
    UsageSource,
)
from contracts.config import LLMProviderConfig
from tests.kit.engine import Records
from tests.kit.fake_provider import FakeProvider
from tests.kit.virtual_time import EPOCH, HandClock

USAGE = Usage(input_tokens=10, output_tokens=5, total_tokens=15)
MOCK = Target(provider=FakeProvider("alpha"), model="m")
PAID = Target(provider=FakeProvider("openai", kind=ProviderType.OPENAI), model="gpt-6-luna")
UNPRICED = Target(provider=PAID.provider, model="no-such-model")


def order(**fields: Any) -> Order:
    """An order for an answer."""
    request = LLMRequest.model_validate({"prompt": "x" * 40, "request_id": "r", **fields})
    return take_in(request, IN_PROCESS_CALLER, now=EPOCH, is_stream=False, config=LLMProviderConfig())


def reply(text: str = "hello", **fields: Any) -> Reply:
    """A vendor's whole reply."""
    message = Message(role=Role.ASSISTANT, content=(TextPart(text=text),))
    return Reply(**{"message": message, "finish_reason": FinishReason.STOP, "usage": USAGE, **fields})


def answered(target: Target, given: Reply, asked: Order, *planned: str) -> LLMResponse:
    """The answer after a second, four fifths of it upstream."""
    hand = HandClock()
    records = Records()
    trace = Trace(asked, Accounts(observers=(records,), limiter=records, clock=hand.clock), Prices())
    attempt = trace.attempt(target, is_retry=False)
    hand.advance(0.8)
    whole = weigh(target, given, asked, Prices())
    attempt.succeeded(whole.usage, whole.cost)
    hand.advance(0.2)
    plan = Plan(targets=(target,), warnings=planned)
    return answer(asked, plan, trace, target=target, whole=whole, fallback_used=True)


def test_answer_says_who_served_and_what_it_took() -> None:
    """The model is the one that the vendor says answered."""
    made = answered(MOCK, reply(model="m-2026"), order())
    assert (made.request_id, made.correlation_id, made.provider, made.model) == ("r", "r", "alpha", "m-2026")
    assert (made.content, made.finish_reason, made.usage) == ("hello", FinishReason.STOP, USAGE)
    assert (made.cost, made.fallback_used, made.cached) == (Cost(usd=Decimal(0), source="free"), True, False)
    assert (made.latency.total_ms, made.latency.upstream_ms, made.latency.overhead_ms) == (1000.0, 800.0, 200.0)
    assert [attempt.provider for attempt in made.attempts] == ["alpha"]
    assert (made.created_at, made.warnings, made.signals) == (EPOCH, [], None)


@pytest.mark.parametrize(
    "made",
    [
        answered(MOCK, reply(model="m-2026"), order(tags=["a"])),
        answered(UNPRICED, reply("no JSON", usage=None, warnings=("w",)), order(signal_type="score"), "of the plan"),
        answered(
            PAID, reply('{"score": 5, "justification": "x"}', cost_usd=Decimal("0.25")), order(signal_type="score")
        ),
    ],
)
def test_answer_is_the_same_as_one_whose_values_were_looked_at(made: LLMResponse) -> None:
    """Nobody can tell by its fields, their types or what is written of them that the engine vouched for its values."""
    checked = LLMResponse.model_validate(dict(made), strict=True)
    assert (made, made.model_dump(), made.model_dump_json()) == (
        checked,
        checked.model_dump(),
        checked.model_dump_json(),
    )
    assert list(vars(made)) == list(LLMResponse.model_fields)
    assert (made.model_fields_set, made.model_extra) == (checked.model_fields_set, checked.model_extra)
    assert made.model_copy(update={"model": "n"}) == checked.model_copy(update={"model": "n"})
    assert (repr(made), copy.deepcopy(made)) == (repr(checked), checked)


def test_answer_names_the_model_that_was_asked_when_the_vendor_names_none() -> None:
    """Better than nothing."""
    assert answered(MOCK, reply(), order()).model == "m"


def test_usage_is_estimated_where_the_vendor_gives_none() -> None:
    """From what was sent and what came, tool calls included, and marked."""
    call = ToolCallPart(id="1", name="look", arguments="x" * 12)
    message = Message(role=Role.ASSISTANT, content=(TextPart(text="x" * 8), call))
    made = answered(MOCK, reply(message=message, usage=None), order())
    assert made.usage.source is UsageSource.ESTIMATED
    assert (made.usage.input_tokens, made.usage.output_tokens) == (14, 5)


@pytest.mark.parametrize(
    "told,input_tokens,output_tokens",
    [
        (Usage(input_tokens=100, total_tokens=100, cached_input_tokens=90), 100, 2),
        (Usage(output_tokens=7, total_tokens=7), 14, 7),
        (Usage(), 14, 2),
        (Usage(input_tokens=100, output_tokens=1, total_tokens=101, source=UsageSource.ESTIMATED), 100, 2),
        (Usage(input_tokens=100, output_tokens=9, total_tokens=109, source=UsageSource.ESTIMATED), 100, 9),
    ],
)
def test_usage_of_nothing_is_estimated_where_there_was_something(
    told: Usage, input_tokens: int, output_tokens: int
) -> None:
    """Never a silent zero: what the vendor counted stays, the rest is estimated, and it is said."""
    made = answered(PAID, reply(usage=told), order())
    assert (made.usage.input_tokens, made.usage.output_tokens) == (input_tokens, output_tokens)
    assert made.usage.total_tokens == input_tokens + output_tokens
    assert made.usage.cached_input_tokens == told.cached_input_tokens
    assert made.usage.source is UsageSource.ESTIMATED
    # What was told and is not the last word was warned of by who read it.
    is_news = told.source is UsageSource.REPORTED
    assert made.warnings == ["openai counted no tokens of what was sent or said: they were estimated"] * is_news


@pytest.mark.parametrize(
    "part,is_said",
    [
        (TextPart(text=""), False),
        (ToolCallPart(id="1", name="look", arguments="{}"), True),
        (RefusalPart(text="No."), True),
        (ReasoningPart(text="Hm."), True),
    ],
)
def test_usage_without_output_is_true_of_an_answer_without_any(part: Any, is_said: bool) -> None:
    """Calls, refusals and thoughts are said as well as text is."""
    message = Message(role=Role.ASSISTANT, content=(part,))
    made = answered(MOCK, reply(message=message, usage=Usage(input_tokens=9, total_tokens=9)), order())
    assert (made.usage.output_tokens > 0) is is_said
    assert (made.usage.source is UsageSource.ESTIMATED) is is_said


def test_cost_of_the_vendor_wins() -> None:
    """Its own figure is what will be billed."""
    whole = weigh(PAID, reply(cost_usd=Decimal("0.25")), order(), Prices())
    assert whole.cost == Cost(usd=Decimal("0.25"), source="vendor")


@pytest.mark.parametrize("nothing", [Decimal("0E-8"), Decimal("1E-1000000")])
def test_cost_of_nothing_for_what_has_a_price_is_not_taken(nothing: Decimal) -> None:
    """The list price is, and it is said; for what is free, and for what nobody lists, nothing holds."""
    routed = FakeProvider("router", kind=ProviderType.OPENROUTER)
    priced = Target(provider=routed, model="anthropic/claude-haiku-4.5")
    made = answered(priced, reply(cost_usd=nothing), order())
    assert made.cost is not None
    assert made.cost.source == "prices"
    assert made.cost.usd > 0
    assert made.warnings == ["the cost of 0 USD that router gave was not taken: the list price was"]
    free = [replace(priced, model=model) for model in ("anthropic/claude-haiku-4.5:free", "nobody/knows")]
    for target in free:
        given = answered(target, reply(cost_usd=nothing), order())
        assert given.cost == Cost(usd=Decimal(0), source="vendor")
        assert given.warnings == []


def test_cost_beyond_any_call_is_unknown_for_its_counts() -> None:
    """It is not the price that is missing."""
    many = Usage(input_tokens=10**10, output_tokens=1, total_tokens=10**10 + 1)
    made = answered(PAID, reply(usage=many), order())
    assert made.cost is None
    assert made.warnings == ["cost is unknown: the token counts of openai cannot be priced"]


def test_unknown_price_is_no_cost_and_a_warning() -> None:
    """Null, never zero."""
    made = answered(UNPRICED, reply(), order())
    assert made.cost is None
    assert made.warnings == ["cost is unknown: no price is known for openai/no-such-model"]


def test_warnings_come_in_the_order_they_arose() -> None:
    """The plan's, the vendor's, then the answer's own."""
    made = answered(UNPRICED, reply("no JSON", warnings=("of the reply",)), order(signal_type="score"), "of the plan")
    assert made.warnings[:2] == ["of the plan", "of the reply"]
    assert [warning.partition(":")[0] for warning in made.warnings[2:]] == ["signals", "cost is unknown"]
    assert made.signals is None


def test_signals_are_filled() -> None:
    """The text stays as it came."""
    text = '{"score": 5, "justification": "x"}'
    made = answered(MOCK, reply(text), order(signal_type="score"))
    assert (made.signals, made.content) == ({"score": 5.0, "justification": "x"}, text)


def test_whole_answer_keeps_its_words_out_of_repr() -> None:
    """It may be logged."""
    assert "PRIVATE" not in repr(weigh(MOCK, reply("PRIVATE"), order(), Prices()))
