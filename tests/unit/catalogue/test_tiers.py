"""Does a similar model of the same tier stand in, and is it one that exists?"""

from __future__ import annotations

import pytest

from app.catalogue import default_model, is_known, similar
from app.catalogue.tiers import TIERS
from contracts.providers import ProviderType

OPENAI, ANTHROPIC, GEMINI = ProviderType.OPENAI, ProviderType.ANTHROPIC, ProviderType.GEMINI
DEEPSEEK, OPENROUTER = ProviderType.DEEPSEEK, ProviderType.OPENROUTER


@pytest.mark.parametrize(
    "kind,model,first",
    [
        (ANTHROPIC, "gpt-6-luna", "claude-haiku-5-5"),
        (GEMINI, "gpt-6-luna-2026-09-15", "gemini-3.8-flash"),
        (DEEPSEEK, "openai/gpt-6-luna", "deepseek-flash"),
        (OPENAI, "claude-haiku-4-5-20251001", "gpt-6-luna"),
        (OPENAI, "anthropic/claude-sonnet-5.5", "gpt-6-sol"),
        (GEMINI, "gpt-6-sol", "gemini-4-argon"),
        (DEEPSEEK, "claude-sonnet-5-5", "deepseek-v4-pro"),
        (OPENROUTER, "gpt-6-luna", None),
        (ProviderType.OLLAMA, "gpt-6-luna", None),
        (OPENAI, "claude-fable-5-1", None),
        (OPENAI, "nobody/knows", None),
        (OPENAI, "unheard-of", None),
    ],
)
def test_similar_models_are_of_the_same_tier(kind: ProviderType, model: str, first: str | None) -> None:
    """By whatever name the model was asked; None where no tier holds it."""
    found = similar(kind, model)
    assert (found.models[0] if found else None) == first


def test_similar_says_why() -> None:
    """The caller is told what the two have in common."""
    found = similar(ANTHROPIC, "gpt-6-luna")
    assert found is not None
    assert found.reason == "both are their vendors' fast and cheap models for focused work in high volume"


def test_tiers_hold_models_that_are_known() -> None:
    """Each by its maker, and none in two tiers."""
    models = [(kind, model) for one in TIERS for kind, names in one.models.items() for model in names]
    assert all(is_known(kind, model) for kind, model in models)
    assert len(set(models)) == len(models)


@pytest.mark.parametrize("kind", [OPENAI, ANTHROPIC, GEMINI, DEEPSEEK])
def test_default_models_are_of_one_tier(kind: ProviderType) -> None:
    """What is asked when nobody says is alike everywhere."""
    assert TIERS[0].models[kind][0] == default_model(kind)
