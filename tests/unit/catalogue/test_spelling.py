"""Is the same model found under another vendor's name for it, and no other?"""

from __future__ import annotations

import pytest

from app.catalogue import maker_of, spelling
from contracts.providers import ProviderType

OPENAI, ANTHROPIC, GEMINI = ProviderType.OPENAI, ProviderType.ANTHROPIC, ProviderType.GEMINI
DEEPSEEK, OPENROUTER, OLLAMA = ProviderType.DEEPSEEK, ProviderType.OPENROUTER, ProviderType.OLLAMA


@pytest.mark.parametrize(
    "maker,ours,theirs",
    [
        (OPENAI, "gpt-6-luna", "openai/gpt-6-luna"),
        (OPENAI, "gpt-5.4-mini", "openai/gpt-5.4-mini"),
        (ANTHROPIC, "claude-haiku-5-5", "anthropic/claude-haiku-5.5"),
        (ANTHROPIC, "claude-opus-5", "anthropic/claude-opus-5"),
        (ANTHROPIC, "claude-3-5-sonnet", "anthropic/claude-3.5-sonnet"),
        (GEMINI, "gemini-4-argon", "google/gemini-4-argon"),
        (DEEPSEEK, "deepseek-v4-pro", "deepseek/deepseek-v4-pro"),
        (DEEPSEEK, "deepseek-flash", "deepseek/deepseek-v4.1-flash"),
    ],
)
def test_spelling_goes_both_ways(maker: ProviderType, ours: str, theirs: str) -> None:
    """The maker's name and OpenRouter's are two for one model."""
    assert spelling(OPENROUTER, ours) == theirs
    assert spelling(OPENROUTER, ours, of=maker) == theirs
    assert spelling(maker, theirs) == ours
    assert spelling(maker, theirs, of=OPENROUTER) == ours


def test_spelling_leaves_out_a_date_that_openrouter_does_not_know() -> None:
    """There is one snapshot of each Claude, and OpenRouter lists no dates."""
    assert spelling(OPENROUTER, "claude-haiku-4-5-20251001") == "anthropic/claude-haiku-4.5"
    assert spelling(OPENROUTER, "claude-opus-4-20250514") == "anthropic/claude-opus-4"


@pytest.mark.parametrize(
    "kind,model,of",
    [
        (OPENROUTER, "unheard-of", None),
        (OPENROUTER, "gpt-6-luna", ANTHROPIC),
        (OPENROUTER, "llama3.2", OLLAMA),
        (OPENAI, "claude-haiku-5-5", None),
        (OPENAI, "anthropic/claude-haiku-5.5", None),
        (OPENAI, "openai/gpt-6-luna:free", None),
        (OPENAI, "openai/whatever", None),
        (OPENAI, "unheard-of", OPENAI),
        (OLLAMA, "openai/gpt-oss-20b", None),
    ],
)
def test_spelling_is_none_where_it_would_be_another_model(
    kind: ProviderType, model: str, of: ProviderType | None
) -> None:
    """Unknown, another's, or a variant that the maker does not sell."""
    assert spelling(kind, model, of=of) is None


@pytest.mark.parametrize("kind,model", [(OPENAI, "gpt-6-luna"), (OPENROUTER, "meta-llama/llama-4-scout")])
def test_spelling_of_a_vendors_own_name_is_that_name(kind: ProviderType, model: str) -> None:
    """Nothing is to be translated."""
    assert spelling(kind, model) == model
    assert spelling(kind, model, of=kind) == model


def test_maker_is_who_calls_a_model_so() -> None:
    """By the bare name; of what nobody knows there is none."""
    assert maker_of("claude-haiku-5-5") is ANTHROPIC
    assert maker_of("gemini-3.8-flash") is GEMINI
    assert maker_of("openai/gpt-6-luna") is None
    assert maker_of("unheard-of") is None
