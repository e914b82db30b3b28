"""Is the cheapest first for this very request, and nothing quietly free before a vendor?"""

from __future__ import annotations

from typing import Any

import pytest

from app.engine.embedding_intake import take_in_texts
from app.engine.strategies.least_cost import ORDINARY_OUTPUT_TOKENS, LeastCost, expected_usage
from app.engine.strategies.strategy import Choice
from contracts.caller import IN_PROCESS_CALLER
from contracts.chat import Usage
from contracts.embeddings import EmbeddingRequest
from contracts.providers import ProviderType
from tests.kit.virtual_time import EPOCH
from tests.unit.engine.strategies.picks import CONFIG, choice, firsts, order

GEMINI = choice("gemini/gemini-2.5-pro", kind=ProviderType.GEMINI)
OPENAI = choice("openai/gpt-4o-mini")
ANTHROPIC = choice("anthropic/claude-opus-4-1", kind=ProviderType.ANTHROPIC)
UNKNOWN = choice("mine/my-own-model")
OLLAMA = choice("ollama/llama3", kind=ProviderType.OLLAMA)
LOCAL = choice("local/smollm2", kind=ProviderType.LOCAL)
MOCK = choice("mock/mock-echo", kind=ProviderType.MOCK)


def ordered(*among: Choice, **fields: Any) -> list[Choice]:
    return LeastCost().ordered(among, order(**fields))


def usd(one: Choice, usage: Usage) -> Any:
    cost = one.tariff.cost_of(usage, at=EPOCH)
    assert cost is not None
    return cost.usd


def test_least_cost_orders_by_price() -> None:
    """The cheapest first, the dearest last, whatever the configuration's order; thousands of requests alike."""
    expected = [OPENAI, GEMINI, ANTHROPIC]
    usage = expected_usage(order())
    assert sorted(expected, key=lambda one: usd(one, usage)) == expected
    assert ordered(ANTHROPIC, GEMINI, OPENAI) == expected
    assert firsts(LeastCost(), [ANTHROPIC, GEMINI, OPENAI], 200) == OPENAI.name * 200


def test_least_cost_depends_on_the_request() -> None:
    """Of one that is cheap to read and dear to write for, and one the other way round, each wins its own request."""
    reads_cheaply = choice("gemini/gemini-2.5-flash", kind=ProviderType.GEMINI)
    writes_cheaply = choice("openai/gpt-4.1-mini")
    both = [reads_cheaply, writes_cheaply]
    assert ordered(*both, max_tokens=500)[0] == writes_cheaply
    assert ordered(*reversed(both), prompt="word " * 40_000, max_tokens=1)[0] == reads_cheaply


def test_least_cost_puts_unknown_prices_and_stand_ins_last() -> None:
    """A model without a price comes after all with one; what is free because it is no vendor comes after that."""
    assert ordered(LOCAL, MOCK, UNKNOWN, ANTHROPIC, OLLAMA) == [OLLAMA, ANTHROPIC, UNKNOWN, LOCAL, MOCK]


def test_least_cost_equals_keep_the_configurations_order() -> None:
    """Two rows of the same model cost the same: the first of them is first."""
    first, second = choice("one/gpt-4o-mini"), choice("two/gpt-4o-mini")
    assert ordered(second, first) == [second, first]
    assert ordered(first, second) == [first, second]


def test_least_cost_moves_on_when_the_cheapest_is_away() -> None:
    """The next cheapest takes all its requests."""
    assert ordered(ANTHROPIC, GEMINI)[0] == GEMINI


@pytest.mark.parametrize("asked,output", [(None, ORDINARY_OUTPUT_TOKENS), (20, 20), (100_000, ORDINARY_OUTPUT_TOKENS)])
def test_expected_usage_is_the_request_and_an_ordinary_answer(asked: int | None, output: int) -> None:
    """Not longer than allowed; a generous limit is not what will be used."""
    usage = expected_usage(order(prompt="x" * 400, max_tokens=asked))
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (104, output, 104 + output)


def test_expected_usage_of_vectors_has_no_output() -> None:
    """Only what is sent counts."""
    asked = take_in_texts(EmbeddingRequest(input=("abcd",)), IN_PROCESS_CALLER, now=EPOCH, config=CONFIG)
    assert (expected_usage(asked).input_tokens, expected_usage(asked).output_tokens) == (1, 0)
