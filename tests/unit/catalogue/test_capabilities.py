"""Does the catalogue say of each model what it can do?"""

from __future__ import annotations

import pytest

from app.catalogue import StructuredOutput, Thinking, capabilities, max_output_tokens
from contracts.providers import ProviderType

OPENAI, ANTHROPIC, GEMINI = ProviderType.OPENAI, ProviderType.ANTHROPIC, ProviderType.GEMINI
DEEPSEEK, OPENROUTER, OLLAMA, LOCAL = (
    ProviderType.DEEPSEEK,
    ProviderType.OPENROUTER,
    ProviderType.OLLAMA,
    ProviderType.LOCAL,
)


@pytest.mark.parametrize(
    "kind,model,limit",
    [
        (OPENAI, "gpt-6-luna", 128_000),
        (OPENAI, "gpt-4o-mini", 16_384),
        (OPENAI, "o3", 100_000),
        (ANTHROPIC, "claude-haiku-5-5", 128_000),
        (ANTHROPIC, "claude-haiku-4-5", 64_000),
        (ANTHROPIC, "claude-opus-7", None),
        (GEMINI, "gemini-3.8-flash", 65_536),
        (DEEPSEEK, "deepseek-v4-pro", 384_000),
        (OPENROUTER, "openai/gpt-6-luna", 128_000),
        (OPENROUTER, "nobody/knows", None),
    ],
)
def test_max_output_tokens_are_the_models(kind: ProviderType, model: str, limit: int | None) -> None:
    """Wherever it is served; None where nobody wrote it down."""
    assert max_output_tokens(kind, model) == limit


@pytest.mark.parametrize(
    "kind,model,prefill",
    [
        (ANTHROPIC, "claude-haiku-4-5", True),
        (ANTHROPIC, "claude-3-opus-20240229", True),
        (ANTHROPIC, "claude-opus-4-6", False),
        (ANTHROPIC, "claude-haiku-5-5", False),
        (OPENROUTER, "anthropic/claude-haiku-4.5", True),
        (OPENROUTER, "anthropic/claude-haiku-5.5", False),
        (OPENAI, "gpt-6-luna", False),
        (GEMINI, "gemini-3.8-flash", False),
        (DEEPSEEK, "deepseek-flash", False),
        (LOCAL, "smollm2-135m-instruct", True),
        (LOCAL, "another-gguf", True),
    ],
)
def test_prefill_is_taken_where_it_is_documented(kind: ProviderType, model: str, prefill: bool) -> None:
    """Claude up to 4.5, and llama.cpp; elsewhere a turn that stands last is refused, or answered anew."""
    assert capabilities(kind, model).prefill is prefill


@pytest.mark.parametrize(
    "kind,model,vision,files",
    [
        (OPENAI, "gpt-6-luna", True, True),
        (OPENAI, "o3-mini", False, False),
        (OPENAI, "gpt-3.5-turbo", False, False),
        (ANTHROPIC, "claude-3-haiku-20240307", True, False),
        (DEEPSEEK, "deepseek-flash", True, False),
        (DEEPSEEK, "deepseek-v4-pro", False, False),
        (OLLAMA, "llama3.2", False, False),
        (OLLAMA, "llama3.2-vision:11b", True, False),
        (OLLAMA, "gemma3:1b", False, False),
        (OLLAMA, "gemma3:4b", True, False),
        (OPENROUTER, "deepseek/deepseek-v4-pro", False, False),
        (OPENROUTER, "nobody/knows", True, True),
    ],
)
def test_images_and_files_are_the_models(kind: ProviderType, model: str, vision: bool, files: bool) -> None:
    """What sees and what reads documents; a model that is not known is let try."""
    can = capabilities(kind, model)
    assert (can.vision, can.files) == (vision, files)


@pytest.mark.parametrize(
    "kind,model,enforced",
    [
        (OPENAI, "gpt-6-luna", StructuredOutput.SCHEMA),
        (OPENAI, "gpt-4-turbo", StructuredOutput.JSON),
        (OPENAI, "gpt-4", StructuredOutput.NONE),
        (ANTHROPIC, "claude-sonnet-4-5", StructuredOutput.SCHEMA),
        (ANTHROPIC, "claude-opus-4-1-20250805", StructuredOutput.NONE),
        (ANTHROPIC, "their-own", StructuredOutput.NONE),
        (DEEPSEEK, "deepseek-flash", StructuredOutput.JSON),
        (OLLAMA, "llama3.2", StructuredOutput.SCHEMA),
        (LOCAL, "smollm2-135m-instruct", StructuredOutput.SCHEMA),
    ],
)
def test_structured_output_is_what_the_vendor_enforces(
    kind: ProviderType, model: str, enforced: StructuredOutput
) -> None:
    """A schema, some JSON, or nothing."""
    assert capabilities(kind, model).structured_output is enforced


@pytest.mark.parametrize(
    "kind,model,tools,forced",
    [
        (ANTHROPIC, "claude-opus-5-5", True, False),
        (ANTHROPIC, "claude-haiku-5-5", True, True),
        (ANTHROPIC, "claude-2.1", False, True),
        (OPENAI, "chatgpt-4o-latest", False, True),
        (OLLAMA, "gemma2", False, True),
        (LOCAL, "smollm2-135m-instruct", False, True),
    ],
)
def test_tools_and_forced_tools_are_told_apart(kind: ProviderType, model: str, tools: bool, forced: bool) -> None:
    """The newest Claude take tools, and cannot be made to use one."""
    can = capabilities(kind, model)
    assert (can.tools, can.forced_tools) == (tools, forced)


def test_openrouter_serves_a_model_by_its_own_rules() -> None:
    """What the maker refuses, OpenRouter leaves out; what the model is stays."""
    at_makers = capabilities(OPENAI, "gpt-6-luna")
    behind = capabilities(OPENROUTER, "openai/gpt-6-luna")
    assert at_makers.refused_while_reasoning
    assert at_makers.tools_need_no_effort
    assert not behind.refused_while_reasoning
    assert not behind.tools_need_no_effort
    assert (behind.thinking, behind.efforts) == (Thinking.DEFAULT, at_makers.efforts)
