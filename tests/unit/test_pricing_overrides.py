"""Does a price of the configuration go before all others, and is it exact?"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.pricing import Prices
from contracts.chat import Usage
from contracts.config import LLMProviderConfig, config_from_json
from contracts.prices import TokenPrices
from contracts.providers import ProviderType
from contracts.responses import Cost

NOW = datetime(2026, 11, 21, 20, 45, tzinfo=UTC)
MILLION = Usage(input_tokens=1_000_000, output_tokens=1_000_000, total_tokens=2_000_000)
RATE = st.decimals(0, 10_000, places=9)


def configured(prices: dict[str, Any]) -> LLMProviderConfig:
    return config_from_json({"providers": {"mine": {"type": "openai"}}, "prices": prices})


def cost_of(prices: dict[str, Any], name: str, kind: ProviderType, usage: Usage = MILLION, **fields: Any) -> Cost:
    provider, _, model = name.partition("/")
    cost = Prices(configured(prices).prices).tariff(provider, kind, model).cost_of(usage, at=NOW, **fields)
    assert cost is not None
    return cost


def test_price_of_the_configuration_wins() -> None:
    """Over the library's, over the vendor's own figure, and over what is free by its kind."""
    given_price = {"input": 1, "output": 2}
    prices = {"openai": given_price, "openrouter": given_price, "ollama": given_price}
    for name, kind in (("openai/gpt-6-luna", ProviderType.OPENAI), ("ollama/llama3", ProviderType.OLLAMA)):
        cost = cost_of(prices, name, kind)
        assert (cost.usd, cost.source) == (Decimal(3), "config")
    routed = cost_of(prices, "openrouter/a/b", ProviderType.OPENROUTER, vendor_usd=Decimal("0.5"))
    assert (routed.usd, routed.source) == (Decimal(3), "config")


def test_price_of_a_model_wins_over_that_of_its_provider() -> None:
    """And it is that row's: another row of the same kind keeps the library's price."""
    prices = {"mine": {"input": 1, "output": 1}, "mine/own/model": {"input": 5, "output": 5}}
    assert cost_of(prices, "mine/own/model", ProviderType.OPENAI).usd == 10
    assert cost_of(prices, "mine/another", ProviderType.OPENAI).usd == 2
    assert cost_of(prices, "openai/gpt-6-luna", ProviderType.OPENAI).source == "prices"


def test_self_hosted_model_costs_nothing() -> None:
    """A zero that somebody wrote down is no silent one."""
    cost = cost_of({"mine": {"input": 0, "output": 0}}, "mine/llama", ProviderType.OPENAI)
    assert (cost.usd, cost.source) == (Decimal(0), "config")


def test_classes_without_a_price_cost_what_they_are_part_of() -> None:
    """Cached and written tokens as input, thoughts as output, an hour as minutes."""
    usage = Usage(
        input_tokens=4_000_000,
        output_tokens=2_000_000,
        cached_input_tokens=1_000_000,
        cache_write_tokens=2_000_000,
        cache_write_1h_tokens=1_000_000,
        reasoning_tokens=1_000_000,
    )
    plain = {"input": 1, "output": 10}
    assert cost_of({"mine": plain}, "mine/m", ProviderType.OPENAI, usage).usd == 24
    all_priced = {"cached_input": "0.1", "cache_write": 2, "cache_write_1h": 4, "reasoning": 30, "per_request_usd": 0.5}
    expected = Decimal("0.1") + 1 + 2 + 4 + 10 + 30 + Decimal("0.5")
    assert cost_of({"mine": {**plain, **all_priced}}, "mine/m", ProviderType.OPENAI, usage).usd == expected
    assert cost_of({"mine": {**plain, "cache_write": 2}}, "mine/m", ProviderType.OPENAI, usage).usd == 26


@given(
    of_input=RATE, of_output=RATE, of_call=st.decimals(0, 1, places=9), counts=st.tuples(*[st.integers(0, 9_999)] * 2)
)
def test_cost_is_exact_and_rounded_once(
    of_input: Decimal, of_output: Decimal, of_call: Decimal, counts: tuple[int, int]
) -> None:
    """Whatever the digits: the true amount to the picodollar, also when the prices were written as JSON numbers."""
    prices = {"mine": {"input": float(of_input), "output": float(of_output), "per_request_usd": float(of_call)}}
    usage = Usage(input_tokens=counts[0], output_tokens=counts[1])
    cost = cost_of(prices, "mine/m", ProviderType.OPENAI, usage)
    exact = (Fraction(of_input) * counts[0] + Fraction(of_output) * counts[1]) / 10**6 + Fraction(of_call)
    assert abs(Fraction(cost.usd) - exact) <= Fraction(1, 2 * 10**12)
    assert cost.usd == round(cost.usd, 12)


def test_price_version_names_the_price() -> None:
    """The same for the same price, however it was written; another for any other."""
    versions = [
        cost_of({"mine": price}, "mine/m", ProviderType.OPENAI).price_version
        for price in (
            {"input": 1, "output": 2},
            {"input": "1.00", "output": 2.0, "reasoning": 2},
            {"input": 1, "output": 2, "reasoning": 3},
        )
    ]
    assert versions[0] == versions[1] != versions[2]
    assert str(versions[0]).startswith("config ")
    by_model = cost_of({"mine/m": {"input": 1, "output": 2}}, "mine/m", ProviderType.OPENAI)
    assert by_model.price_version != versions[0]


def test_price_keeps_its_digits_through_a_patch() -> None:
    """What GET shows can be sent back, and is the same configuration."""
    config = configured({"google/gemini-3.8-flash": {"input": 0.000000001, "output": 1234.123456789}})
    assert list(config.prices) == ["gemini/gemini-3.8-flash"]
    shown = config.model_dump(mode="json")
    shown.pop("enabled_providers")
    assert config_from_json(shown).prices == config.prices
    assert config.prices["gemini/gemini-3.8-flash"].output == Decimal("1234.123456789")


@pytest.mark.parametrize(
    "prices",
    [
        {"no-such-row": {"input": 1, "output": 1}},
        {"no-such-row/m": {"input": 1, "output": 1}},
        {"mine/": {"input": 1, "output": 1}},
        {"": {"input": 1, "output": 1}},
        {"mine": {"input": 1}},
        {"mine": {"input": -1, "output": 1}},
        {"mine": {"input": 10_001, "output": 1}},
        {"mine": {"input": "NaN", "output": 1}},
        {"mine": {"input": "Infinity", "output": 1}},
        {"mine": {"input": "0.0000000001", "output": 1}},
        {"mine": {"input": True, "output": 1}},
        {"mine": {"input": 1, "output": 1, "per_request_usd": 1001}},
        {"mine": {"input": 1, "output": 1, "per_call": 1}},
    ],
)
def test_price_that_cannot_be_one_is_refused(prices: dict[str, Any]) -> None:
    """Of nobody, below zero, beyond all measure, of too many digits, or misspelt."""
    with pytest.raises(ValidationError):
        configured(prices)


def test_price_from_python_is_exact_too() -> None:
    """A float is taken by its digits."""
    assert TokenPrices(input=Decimal("0.1"), output=Decimal(0)) == TokenPrices.model_validate(
        {"input": 0.1, "output": 0}
    )
