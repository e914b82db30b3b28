"""Is a cost what the price library says, and unknown where it cannot say?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo
from genai_prices.types import Usage as PricedUsage
from hypothesis import given
from hypothesis import strategies as st

from app.pricing import Prices, is_free, preload
from contracts import ProviderType, Usage, UsageSource
from contracts.responses import Cost

NOW = datetime(2026, 11, 21, 20, 45, tzinfo=UTC)
VENDORS = [
    (ProviderType.OPENAI, "gpt-6-luna", "openai"),
    (ProviderType.OPENAI, "gpt-6-sol", "openai"),
    (ProviderType.ANTHROPIC, "claude-haiku-5-5", "anthropic"),
    (ProviderType.ANTHROPIC, "claude-sonnet-5-5", "anthropic"),
    (ProviderType.GEMINI, "gemini-3.8-flash", "google"),
    (ProviderType.GEMINI, "gemini-2.5-pro", "google"),
    (ProviderType.DEEPSEEK, "deepseek-flash", "deepseek"),
    (ProviderType.OPENROUTER, "anthropic/claude-haiku-4.5", "openrouter"),
]
PLAIN = Usage(input_tokens=123_457, output_tokens=7_891, total_tokens=131_348)


def cost_of(kind: ProviderType, model: str, usage: Usage, **fields: Any) -> Cost | None:
    return Prices().tariff(kind.value, kind, model).cost_of(usage, at=NOW, **fields)


def by_library(model: str, library_id: str, usage: Usage, at: datetime) -> Decimal:
    """What the library's own sums say."""
    _, info = get_snapshot().find_provider_model(model, None, library_id, None)
    return total_of(info, usage, at)


def total_of(info: ModelInfo, usage: Usage, at: datetime) -> Decimal:
    counts = PricedUsage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cached_input_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        cache_write_1h_tokens=usage.cache_write_1h_tokens,
        output_reasoning_tokens=usage.reasoning_tokens,
    )
    total: Decimal = info.get_prices(at).calc_price(counts)["total_price"]
    return total


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    """Any that a vendor can mean, long contexts among them."""
    read, written, fresh = (draw(st.integers(0, 200_000)) for _ in range(3))
    reasoning, said = draw(st.integers(0, 20_000)), draw(st.integers(0, 20_000))
    return Usage(
        input_tokens=read + written + fresh,
        output_tokens=reasoning + said,
        total_tokens=read + written + fresh + reasoning + said,
        cached_input_tokens=read,
        cache_write_tokens=written,
        cache_write_1h_tokens=draw(st.integers(0, written)),
        reasoning_tokens=reasoning,
    )


@pytest.mark.parametrize("kind,model,library_id", VENDORS)
@given(usage=usages(), hours=st.integers(0, 24 * 90))
def test_cost_is_the_price_librarys(kind: ProviderType, model: str, library_id: str, usage: Usage, hours: int) -> None:
    """To the twelfth decimal: cached, written for minutes or an hour, thought, long, and at any hour of any day."""
    at = NOW + timedelta(hours=hours)
    cost = Prices().tariff(kind.value, kind, model).cost_of(usage, at=at)
    assert cost is not None
    assert cost.usd == round(by_library(model, library_id, usage, at), 12)
    assert cost.source == "prices"
    assert str(cost.price_version).startswith("genai-prices ")


def test_every_price_of_the_library_is_taken_over() -> None:
    """Of each vendor of ours, every model that has a price by the token: our sums are its sums."""
    usage = Usage(
        input_tokens=300_001,
        output_tokens=7_001,
        cached_input_tokens=90_001,
        cache_write_tokens=10_001,
        cache_write_1h_tokens=4_001,
        reasoning_tokens=5_001,
    )
    vendors = {"openai": "openai", "anthropic": "anthropic", "deepseek": "deepseek", "openrouter": "openrouter"}
    compared = 0
    for kind, library_id in {**vendors, "gemini": "google"}.items():
        provider = next(one for one in get_snapshot().providers if one.id == library_id)
        for info in provider.models:
            cost = cost_of(ProviderType(kind), info.id, usage)
            if cost is not None:
                assert cost.usd == round(by_library(info.id, library_id, usage, NOW), 12), info.id
                compared += 1
    assert compared > 300


@pytest.mark.parametrize("model,threshold", [("gpt-6-luna", 272_000), ("gpt-6-sol", 272_000)])
def test_long_context_has_its_own_price(model: str, threshold: int) -> None:
    """One token more than the threshold, and all of them cost more."""
    short = cost_of(ProviderType.OPENAI, model, Usage(input_tokens=threshold))
    long = cost_of(ProviderType.OPENAI, model, Usage(input_tokens=threshold + 1))
    assert short is not None
    assert long is not None
    assert long.usd > short.usd * Decimal("1.5")


@pytest.mark.parametrize("hour,factor", [(20, 1), (2, 2), (8, 2)])
def test_price_of_the_hour_is_that_in_which_the_request_came(hour: int, factor: int) -> None:
    """Some vendors are dearer when everybody is awake."""
    tariff = Prices().tariff("deepseek", ProviderType.DEEPSEEK, "deepseek-flash")
    cost = tariff.cost_of(Usage(input_tokens=1_000_000), at=NOW.replace(hour=hour))
    assert cost is not None
    assert cost.usd == Decimal("0.15") * factor


@pytest.mark.parametrize("kind,model,_", VENDORS)
def test_cached_tokens_cost_less(kind: ProviderType, model: str, _: str) -> None:
    """They are part of the input, so counting them twice would cost more."""
    cached = Usage(input_tokens=123_457, output_tokens=7_891, total_tokens=131_348, cached_input_tokens=100_000)
    plain, read = cost_of(kind, model, PLAIN), cost_of(kind, model, cached)
    assert plain is not None
    assert read is not None
    assert read.usd < plain.usd


def test_what_is_kept_for_an_hour_costs_more_to_write() -> None:
    """Twice the input's price, where what is kept for minutes costs a quarter more."""
    minutes = Usage(input_tokens=1_000_000, cache_write_tokens=1_000_000)
    an_hour = Usage(input_tokens=1_000_000, cache_write_tokens=1_000_000, cache_write_1h_tokens=1_000_000)
    costs = [cost_of(ProviderType.ANTHROPIC, "claude-sonnet-5-5", usage) for usage in (minutes, an_hour)]
    assert [cost.usd for cost in costs if cost] == [Decimal("2.5"), Decimal(4)]


@pytest.mark.parametrize("model", ["gpt-6-luna", "no-such-model"])
def test_figure_of_the_vendor_wins(model: str) -> None:
    """Also where no price is known."""
    cost = cost_of(ProviderType.OPENROUTER, model, PLAIN, vendor_usd=Decimal("0.1234567890123"))
    assert cost is not None
    assert (cost.usd, cost.source, cost.price_version) == (Decimal("0.123456789012"), "vendor", None)


@pytest.mark.parametrize("usd", ["1000.000001", "-0.01"])
def test_figure_that_cannot_be_true_is_none(usd: str) -> None:
    """Then the price library is believed, and if it knows nothing, nobody."""
    known = cost_of(ProviderType.OPENAI, "gpt-6-luna", PLAIN, vendor_usd=Decimal(usd))
    assert known is not None
    assert known.source == "prices"
    assert cost_of(ProviderType.OPENAI, "no-such-model", PLAIN, vendor_usd=Decimal(usd)) is None


def test_call_for_more_than_a_thousand_dollars_has_no_price() -> None:
    """No vendor counts ten thousand million tokens truly, and their sums must fit the books."""
    assert cost_of(ProviderType.OPENAI, "gpt-6-sol", Usage(input_tokens=10**10)) is None


@pytest.mark.parametrize(
    "kind,model",
    [
        (ProviderType.OPENAI, "no-such-model"),
        (ProviderType.OPENAI, ""),
        (ProviderType.OPENAI, "whisper-1"),
        (ProviderType.GEMINI, "gemma-3"),
        (ProviderType.DEEPSEEK, "gpt-6-luna"),
    ],
)
def test_unknown_price_is_none(kind: ProviderType, model: str) -> None:
    """Nor is a model free that is priced by the hour, or not at all."""
    assert cost_of(kind, model, PLAIN) is None


@pytest.mark.parametrize(
    "usage",
    [
        Usage(input_tokens=5, cached_input_tokens=10),
        Usage(input_tokens=10, cached_input_tokens=8, cache_write_tokens=8),
        Usage(input_tokens=10, cache_write_tokens=4, cache_write_1h_tokens=5),
        Usage(input_tokens=10, output_tokens=4, reasoning_tokens=5),
    ],
)
def test_counts_that_contradict_each_other_have_no_price(usage: Usage) -> None:
    """A vendor's odd bookkeeping makes the cost unknown, and does not fail a good answer."""
    assert cost_of(ProviderType.OPENAI, "gpt-6-luna", usage) is None


@pytest.mark.parametrize("kind", ProviderType)
def test_free_kinds_cost_nothing(kind: ProviderType) -> None:
    """What runs on one's own machine; a vendor never."""
    cost = cost_of(kind, "any", PLAIN)
    if is_free(kind):
        assert cost is not None
        assert (cost.usd, cost.source) == (Decimal(0), "free")
    else:
        assert cost is None
    assert is_free(kind) == (kind in {ProviderType.LOCAL, ProviderType.MOCK, ProviderType.OLLAMA})


def test_preloaded_prices_change_nothing() -> None:
    """It only takes the time now rather than at the first answer."""
    preload()
    assert cost_of(ProviderType.OPENAI, "gpt-6-luna", Usage(source=UsageSource.ESTIMATED)) is not None
