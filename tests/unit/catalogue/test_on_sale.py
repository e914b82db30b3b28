"""Is what vendors are said to sell known, dated and in order?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.catalogue import default_embedding_model, default_model, embeds, is_known, spelling
from app.catalogue.on_sale import ON_SALE, SOURCES, ForSale, known_life, on_sale
from contracts.providers import ProviderType

TODAY = date(2026, 11, 22)
MODELS = [(kind, model) for kind, models in ON_SALE.items() for model in models]


@pytest.mark.parametrize("kind,model", MODELS, ids=lambda value: getattr(value, "name", value))
def test_model_on_sale_is_one_that_its_vendor_serves(kind: ProviderType, model: ForSale) -> None:
    """A listed name can be called: the catalogue leads it to its vendor; and it came before it goes."""
    assert is_known(kind, model.name) or embeds(kind, model.name)
    assert model.released is None or model.released <= TODAY
    assert model.retires is None or (model.released or date.min) < model.retires


@pytest.mark.parametrize("kind,model", MODELS, ids=lambda value: getattr(value, "name", value))
def test_model_on_sale_goes_on_the_day_of_its_retirement(kind: ProviderType, model: ForSale) -> None:
    """It is listed to the last day, and no longer on the day itself."""
    if model.retires is None:
        assert model.name in on_sale(kind, date.max)
    else:
        assert model.name in on_sale(kind, model.retires - timedelta(days=1))
        assert model.name not in on_sale(kind, model.retires)


@pytest.mark.parametrize("kind", ON_SALE)
def test_default_models_are_on_sale(kind: ProviderType) -> None:
    """Nobody gets by default what its vendor does not sell."""
    defaults = {default_model(kind), default_embedding_model(kind)} - {None}
    assert defaults <= set(on_sale(kind, TODAY))


def test_names_on_sale_are_each_there_once() -> None:
    """No model is listed twice, and each table has its sources."""
    names = [model.name for _, model in MODELS]
    assert len(names) == len(set(names))
    assert len(SOURCES) >= len(ON_SALE)
    assert all(date(2026, 11, 1) <= source.read <= date(2026, 12, 31) for source in SOURCES)


def test_openrouter_sells_what_the_makers_sell_in_its_own_spelling() -> None:
    """Each of its names is one that it is known to write so, and vectors of OpenAI's are none of them."""
    listed = list(on_sale(ProviderType.OPENROUTER, TODAY))
    assert {"openai/gpt-6-sol", "anthropic/claude-haiku-5.5", "deepseek/deepseek-v4.1-flash"} <= set(listed)
    named = [(kind, model) for kind, model in MODELS if spelling(ProviderType.OPENROUTER, model.name, of=kind)]
    assert len(listed) == len(named) > 40


@pytest.mark.parametrize("kind", [ProviderType.OLLAMA, ProviderType.LOCAL, ProviderType.MOCK])
def test_servers_of_ones_own_sell_nothing(kind: ProviderType) -> None:
    """What they hold only they can say."""
    assert list(on_sale(kind, TODAY)) == []


@pytest.mark.parametrize(
    "name,released",
    [
        ("gpt-6-luna-2026-09-15", date(2026, 9, 15)),
        ("claude-opus-4-5-20251101", date(2025, 11, 1)),
        ("ft:gpt-4o-2024-08-06:acme", date(2024, 8, 6)),
        ("gpt-5.5", date(2026, 4, 23)),
        ("gpt-6-luna", None),
        ("gpt-4-0613", None),
        ("model-2026-13-45", None),
        ("qwen3:8b", None),
    ],
)
def test_release_is_the_tables_or_stands_in_the_name(name: str, released: date | None) -> None:
    """A snapshot carries its day; what is no day is none, and nothing is guessed."""
    assert known_life(name).released == released
