"""Who else serves a model that was named: under another vendor's name for it, and, where allowed, by a similar one?"""

from __future__ import annotations

from typing import Any

import pytest

from contracts.errors import LLMProviderError
from contracts.providers import ProviderType
from contracts.responses import LLMResponse
from tests.kit.embedding_engine import EmbeddingEngine
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import unreadable

LUNA, BEHIND = "gpt-6-luna", "openai/gpt-6-luna"


def openai(**fields: Any) -> FakeProvider:
    """OpenAI's row, which offers its own models."""
    return FakeProvider("openai", kind=ProviderType.OPENAI, default_model=LUNA, **fields)


def openrouter(*models: str) -> FakeProvider:
    """OpenRouter's row, which offers `models`, or the one that is OpenAI's cheapest."""
    return FakeProvider("openrouter", kind=ProviderType.OPENROUTER, default_model=BEHIND, models=models)


def anthropic(*models: str, **fields: Any) -> FakeProvider:
    """Anthropic's row."""
    kind = ProviderType.ANTHROPIC
    return FakeProvider("anthropic", kind=kind, default_model="claude-haiku-5-5", models=models, **fields)


def tried(result: LLMResponse | LLMProviderError) -> list[str]:
    """`provider/model` of each attempt."""
    return [f"{attempt.provider}/{attempt.model}" for attempt in result.attempts]


async def test_bare_model_is_served_under_the_rows_own_spelling() -> None:
    """OpenRouter alone can serve it, and is asked by its own name; that was the first choice, so no word of it."""
    row = openrouter()
    answer = await Engine(row).ask(model=LUNA)
    assert (answer.provider, row.asked[0].model, answer.warnings) == ("openrouter", BEHIND, [])


@pytest.mark.parametrize("plain", [True, False])
async def test_spelling_is_told_when_it_took_over(plain: bool) -> None:
    """After the maker failed the same model answers elsewhere, and the caller learns by which name."""
    engine = Engine(openai(script=[unreadable()] * 9), openrouter())
    told = f"openrouter was asked for {LUNA} by its name {BEHIND}"
    if plain:
        answer = await engine.ask(model=LUNA)
        assert (tried(answer)[-1], answer.fallback_used) == (f"openrouter/{BEHIND}", True)
        assert answer.warnings == [told]
    else:
        warned = [event.message for event in await engine.events(model=LUNA) if event.type == "warning"]
        assert warned == [told]


async def test_spelling_is_not_told_when_the_maker_answered() -> None:
    """A candidate that was not needed is not worth a warning."""
    answer = await Engine(openai(), openrouter()).ask(model=LUNA)
    assert (answer.provider, answer.warnings) == ("openai", [])


@pytest.mark.parametrize("model", ["anthropic/claude-haiku-5-5", "anthropic/claude-haiku-5.5"])
async def test_makers_name_before_the_slash_is_served_by_the_maker(model: str) -> None:
    """Without OpenRouter too, and with the maker's own way to write a version."""
    row = anthropic()
    answer = await Engine(row).ask(model=model)
    assert (answer.provider, row.asked[0].model) == ("anthropic", "claude-haiku-5-5")


async def test_makers_name_goes_on_to_openrouter() -> None:
    """The maker failed, and OpenRouter writes the version with a point."""
    row = openrouter("anthropic/claude-haiku-5.5")
    answer = await Engine(anthropic(script=[unreadable()] * 9), row).ask(model="anthropic/claude-haiku-5-5")
    assert (answer.provider, row.asked[0].model) == ("openrouter", "anthropic/claude-haiku-5.5")


async def test_named_openrouter_is_asked_by_its_own_spelling() -> None:
    """It knows no bare names, so one can only mean the maker's model."""
    row = openrouter()
    await Engine(row).ask(preferred_provider="openrouter", model=LUNA)
    assert row.asked[0].model == BEHIND


async def test_named_provider_gets_a_name_with_a_slash_untouched() -> None:
    """A server of one's own may well call its model so."""
    row = openai()
    await Engine(row).ask(preferred_provider="openai", model="openai/gpt-6-luna")
    assert row.asked[0].model == "openai/gpt-6-luna"


async def test_spelling_that_the_row_does_not_offer_is_not_asked() -> None:
    """Rows with a list of models keep to it."""
    row = FakeProvider("openrouter", kind=ProviderType.OPENROUTER, default_model="x/y")
    error = await Engine(row).failure(model=LUNA)
    assert (error.status, row.asked) == (404, [])


async def test_similar_model_does_not_stand_in_unless_it_is_allowed() -> None:
    """Another model is another answer: by default nobody gets it unasked."""
    row = anthropic()
    error = await Engine(row).failure(model=LUNA)
    assert (error.status, row.asked) == (404, [])


async def test_similar_model_stands_in_where_it_is_allowed() -> None:
    """After all rows that offer the named model, in their order; and the warning says why it is similar."""
    engine = Engine(anthropic(), openai(script=[unreadable()] * 9), similar_models=True)
    answer = await engine.ask(model=LUNA)
    assert tried(answer)[0] == f"openai/{LUNA}"
    assert (answer.provider, answer.model, answer.fallback_used) == ("anthropic", "claude-haiku-5-5", True)
    reason = "both are their vendors' fast and cheap models for focused work in high volume"
    assert answer.warnings == [f"anthropic/claude-haiku-5-5 stood in for {LUNA}: {reason}"]


async def test_similar_model_is_a_second_choice_even_alone() -> None:
    """With nobody who offers the named model it is tried first, and still a stand-in."""
    answer = await Engine(anthropic(), similar_models=True).ask(model=LUNA)
    assert (answer.provider, answer.fallback_used, len(answer.warnings)) == ("anthropic", True, 1)


async def test_similar_model_is_one_that_the_row_offers() -> None:
    """The first of its tier that the row has."""
    kind = ProviderType.ANTHROPIC
    row = FakeProvider("anthropic", kind=kind, default_model="claude-opus-5-5", models=["claude-haiku-4-5"])
    answer = await Engine(row, similar_models=True).ask(model=LUNA)
    assert (answer.model, row.asked[0].model) == ("claude-haiku-4-5", "claude-haiku-4-5")


async def test_similar_model_stands_in_for_a_callers_candidate_too() -> None:
    """A candidate named without a model is no longer left out."""
    engine = Engine(openai(script=[unreadable()] * 9), anthropic(), similar_models=True)
    answer = await engine.ask(model=LUNA, fallback_providers=["anthropic"])
    assert (answer.provider, len(answer.warnings)) == ("anthropic", 1)


async def test_similar_model_that_is_unfit_is_passed_over() -> None:
    """A stand-in is judged like any other: a row without a key, and a model that takes no files."""
    paper = {"role": "user", "content": [{"type": "file", "url": "https://example.org/cat.pdf"}]}
    keyless = anthropic(unusable="set ANTHROPIC_API_KEY")
    blind = FakeProvider("deepseek", kind=ProviderType.DEEPSEEK, default_model="deepseek-flash")
    error = await Engine(keyless, blind, similar_models=True).failure(model=LUNA, messages=[paper])
    assert (error.status, blind.asked) == (503, [])
    assert "set ANTHROPIC_API_KEY" in str(error)


async def test_similar_model_is_no_way_round_a_single_candidate() -> None:
    """Who wants no fallback gets the named model or none."""
    row = anthropic()
    error = await Engine(row, similar_models=True).failure(model=LUNA, enable_fallback=False)
    assert (error.status, row.asked) == (404, [])


async def test_similar_model_is_unknown_of_a_model_without_a_tier() -> None:
    """Nothing is similar to what nobody knows."""
    row = anthropic()
    error = await Engine(row, similar_models=True).failure(model="unheard-of")
    assert (error.status, error.error_type, row.asked) == (404, "model_not_found", [])


async def test_similar_model_makes_no_vectors() -> None:
    """Those of two models cannot be compared, whatever the configuration allows."""
    row = FakeProvider("anthropic", kind=ProviderType.ANTHROPIC, default_model="claude-haiku-5-5", embeds=("e-1",))
    error = await EmbeddingEngine(row, similar_models=True).refusal(model=LUNA)
    assert (error.status, row.asked) == (404, [])
