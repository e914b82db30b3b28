"""Is what a vendor counted charged once? From the bytes of its reply, by its own price, added up by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.pricing import Prices
from contracts.calls import Reply
from contracts.chat import Usage
from contracts.providers import ProviderType
from tests.wires.vendor_cases import GOLDEN, exchange_of

NOW = datetime(2026, 11, 21, 20, 45, tzinfo=UTC)
# Whose reply, of which model, and USD per million times tokens as the vendor's price page multiplies them.
BILLS = [
    # 1200 of which 1024 were read and 100 written; 80 with the thoughts.
    ("anthropic", "claude-haiku-5-5", "0.1*76 + 0.01*1024 + 0.125*100 + 0.5*80"),
    ("openai", "gpt-6-luna", "0.1*76 + 0.01*1024 + 0.125*100 + 0.5*80"),
    # A tool's results count beside the prompt, thoughts beside what was said.
    ("gemini", "gemini-3.8-flash", "0.75*186 + 0.075*1024 + 3.75*80"),
    ("deepseek", "deepseek-flash", "0.15*36 + 0.003*64 + 0.6*40"),
]


def reply_of(vendor: str) -> Reply:
    reply: Reply = exchange_of(vendor).decode((GOLDEN / vendor / "reply.json").read_bytes())
    return reply


def added_up(bill: str) -> Decimal:
    lines = (line.split("*") for line in bill.split(" + "))
    return sum((Decimal(price) * int(tokens) for price, tokens in lines), Decimal(0)).scaleb(-6)


@pytest.mark.parametrize("vendor,model,bill", BILLS)
def test_every_token_of_a_vendors_count_is_charged_once(vendor: str, model: str, bill: str) -> None:
    """To the picodollar: cached, written and thought tokens in their own class, and in no other."""
    usage = reply_of(vendor).usage
    assert usage is not None
    cost = Prices().tariff(vendor, ProviderType(vendor), model).cost_of(usage, at=NOW)
    assert cost is not None
    assert cost.usd == added_up(bill)


@pytest.mark.parametrize("vendor", ["anthropic", "openai", "gemini", "deepseek", "openrouter", "ollama", "local"])
def test_classes_of_a_count_are_parts_of_it(vendor: str) -> None:
    """So that input and output are all tokens, and nobody adds a class to them."""
    usage = reply_of(vendor).usage
    assert usage is not None
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens
    assert usage.cached_input_tokens + usage.cache_write_tokens <= usage.input_tokens
    assert usage.cache_write_1h_tokens <= usage.cache_write_tokens
    assert usage.reasoning_tokens <= usage.output_tokens


def test_figure_of_openrouter_is_what_is_charged() -> None:
    """By its digits, to the picodollar."""
    reply = reply_of("openrouter")
    assert reply.usage is not None
    tariff = Prices().tariff("openrouter", ProviderType.OPENROUTER, "anthropic/claude-haiku-5.5")
    cost = tariff.cost_of(reply.usage, at=NOW, vendor_usd=reply.cost_usd)
    assert cost is not None
    assert (cost.usd, cost.source) == (Decimal("0.000123456789"), "vendor")


def test_usage_without_tokens_costs_nothing() -> None:
    """A known price of nothing is a zero that says where it is from."""
    cost = Prices().tariff("openai", ProviderType.OPENAI, "gpt-6-luna").cost_of(Usage(), at=NOW)
    assert cost is not None
    assert (cost.usd, cost.source) == (Decimal(0), "prices")
