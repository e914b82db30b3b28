"""Does the catalogue know what it says it knows, and no more?"""

from __future__ import annotations

import pytest

from app import catalogue
from contracts.chat import ReasoningEffort
from contracts.providers import ProviderType

OPENAI, DEEPSEEK, OPENROUTER = ProviderType.OPENAI, ProviderType.DEEPSEEK, ProviderType.OPENROUTER
GEMINI = ProviderType.GEMINI
NONE, LOW = ReasoningEffort.NONE, ReasoningEffort.LOW


@pytest.mark.parametrize("kind", [kind for kind in ProviderType if kind is not ProviderType.MOCK])
def test_default_model_stands_for_each_kind(kind: ProviderType) -> None:
    """Every kind but the mock has one, and a vendor knows its own."""
    model = catalogue.default_model(kind)
    assert model
    assert catalogue.is_known(kind, model)


@pytest.mark.parametrize(
    "kind,model,known",
    [
        (OPENAI, "gpt-6-luna", True),
        (OPENAI, "gpt-6-luna-2026-09-15", True),
        (OPENAI, "gpt-4o-mini", True),
        (OPENAI, "chatgpt-4o-latest", True),
        (OPENAI, "o3-mini", True),
        (OPENAI, "ft:gpt-4o-2024-08-06:acme", True),
        (OPENAI, "claude-haiku-5-5", False),
        (OPENAI, "mock-echo", False),
        (DEEPSEEK, "deepseek-v4-pro", True),
        (DEEPSEEK, "gpt-6-luna", False),
        (OPENROUTER, "openai/gpt-6-sol:free", True),
        (OPENROUTER, "gpt-6-sol", False),
        (ProviderType.ANTHROPIC, "claude-opus-5-5", True),
        (ProviderType.GEMINI, "gemini-3.8-flash", True),
        (ProviderType.LOCAL, "smollm2-135m-instruct", True),
    ],
)
def test_known_models_are_the_vendors_own(kind: ProviderType, model: str, known: bool) -> None:
    """A model is known only where its vendor serves it."""
    assert catalogue.is_known(kind, model) is known


@pytest.mark.parametrize(
    "model,window",
    [
        ("gpt-6-sol", 1_050_000),
        ("gpt-5-mini", 400_000),
        ("gpt-5.4-nano", 400_000),
        ("gpt-5.4", 1_050_000),
        ("gpt-5.5", 1_000_000),
        ("gpt-6-cyber", None),
        ("gpt-4", 8_192),
        ("o3", 200_000),
        ("openai/gpt-4o:free", 128_000),
        ("deepseek/deepseek-v3.2", 128_000),
        ("deepseek-reasoner", 64_000),
        ("google/gemini-4-argon", 1_048_576),
        ("gemini-pro", None),
        ("claude-opus-5-5", 1_000_000),
        ("anthropic/claude-haiku-4.5", 200_000),
        ("claude-sonnet-4-6", 1_000_000),
        ("claude-3-opus-20240229", 200_000),
        ("claude-unheard-of", None),
        ("nobody/knows", None),
        ("unheard-of", None),
    ],
)
def test_context_window_is_that_of_the_model_wherever_served(model: str, window: int | None) -> None:
    """OpenRouter's prefix and suffix change nothing; unknown is None, never a guess."""
    assert catalogue.context_window(model) == window


@pytest.mark.parametrize(
    "kind,model,effort,expected",
    [
        (OPENAI, "gpt-6-luna", None, True),
        (OPENAI, "gpt-6-luna", NONE, False),
        (OPENAI, "gpt-5-mini", NONE, True),
        (OPENAI, "o4-mini", None, True),
        (OPENAI, "gpt-5.2", None, False),
        (OPENAI, "gpt-5.2", LOW, True),
        (OPENAI, "gpt-5-chat-latest", LOW, False),
        (OPENAI, "gpt-4o", LOW, False),
        (OPENAI, "my-own-model", None, False),
        (OPENAI, "my-own-model", LOW, True),
        (OPENAI, "my-own-model", NONE, False),
        (DEEPSEEK, "deepseek-reasoner", None, True),
        (DEEPSEEK, "deepseek-flash", None, True),
        (DEEPSEEK, "deepseek-chat", None, False),
        (OPENROUTER, "openai/gpt-6-sol", None, True),
        (OPENROUTER, "deepseek/deepseek-r1:free", None, True),
        (OPENROUTER, "qwen/qwq-32b", None, True),
        (OPENROUTER, "x/y:thinking", None, True),
        (OPENROUTER, "x/y-thinking", NONE, False),
        (OPENROUTER, "meta/llama", None, False),
        (OPENAI, "gpt-6-astra", NONE, True),
        (ProviderType.ANTHROPIC, "claude-sonnet-5-5", None, True),
        (ProviderType.ANTHROPIC, "claude-sonnet-5-5", NONE, False),
        (GEMINI, "gemini-3.8-flash", NONE, True),
        (GEMINI, "gemini-3.6-flash", NONE, False),
        (GEMINI, "gemini-flash-latest", None, True),
        (GEMINI, "gemini-2.5-pro", NONE, True),
        (GEMINI, "gemini-2.5-flash", None, True),
        (GEMINI, "gemini-2.5-flash-lite", None, False),
        (GEMINI, "gemini-2.0-flash", LOW, False),
        (None, "gpt-6-luna", None, True),
        (None, "anthropic/claude-opus-5", LOW, True),
    ],
)
def test_reasoning_is_by_default_or_when_asked(
    kind: ProviderType | None, model: str, effort: ReasoningEffort | None, expected: bool
) -> None:
    """The long limits go to models that think; one that we do not know is taken at its word."""
    assert catalogue.reasons(kind, model, effort) is expected


@pytest.mark.parametrize(
    "kind,model,effort,refuses_stop",
    [
        (OPENAI, "gpt-6-luna", None, True),
        (OPENAI, "gpt-6-luna", NONE, False),
        (OPENAI, "gpt-4o", None, False),
        (OPENAI, "gpt-oss-20b", None, False),
        (DEEPSEEK, "deepseek-flash", None, False),
        (OPENROUTER, "openai/gpt-6-luna", None, False),
    ],
)
def test_refused_sampling_depends_on_reasoning(
    kind: ProviderType, model: str, effort: ReasoningEffort | None, refuses_stop: bool
) -> None:
    """Only OpenAI's own models refuse `stop`, and only while they think."""
    assert ("stop" in catalogue.refused_sampling(kind, model, effort)) is refuses_stop


def test_deepseek_sampling_is_without_effect_while_it_thinks() -> None:
    """DeepSeek ignores temperature silently; we do not."""
    assert "temperature" in catalogue.refused_sampling(DEEPSEEK, "deepseek-flash", None)
    assert catalogue.refused_sampling(DEEPSEEK, "deepseek-flash", NONE) == frozenset()


def test_newer_gemini_passes_over_sampling() -> None:
    """From 3.6 on, whether it thinks or not; the older ones still listen."""
    passed_over = {"temperature", "top_p", "frequency_penalty", "presence_penalty"}
    assert catalogue.refused_sampling(GEMINI, "gemini-4-argon", NONE) == passed_over
    assert catalogue.refused_sampling(GEMINI, "gemini-3.6-flash", NONE) == passed_over
    assert catalogue.refused_sampling(GEMINI, "gemini-3.5-flash", None) == frozenset()


@pytest.mark.parametrize(
    "model,levels",
    [
        ("gpt-oss:20b", ("low", "medium", "high")),
        ("qwen3:8b", ()),
        ("somebody/their-own", ()),
        ("llama3.2", None),
        ("llama3.2:1b", None),
        ("qwen2.5-coder:7b", None),
    ],
)
def test_effort_levels_are_none_for_a_model_that_cannot_think(model: str, levels: tuple[str, ...] | None) -> None:
    """Levels where they are known, on and off where they are not, and nothing where Ollama would answer 400."""
    assert catalogue.effort_levels(ProviderType.OLLAMA, model) == levels


@pytest.mark.parametrize(
    "model,needed",
    [("gpt-6-luna", True), ("gpt-5.6-terra", True), ("gpt-6-astra", True), ("gpt-5.2", False), ("gpt-4o", False)],
)
def test_tools_need_no_effort_where_openai_says_so(model: str, needed: bool) -> None:
    """Some models take tools on this endpoint only when they do not think."""
    assert catalogue.tools_need_no_effort(OPENAI, model) is needed
