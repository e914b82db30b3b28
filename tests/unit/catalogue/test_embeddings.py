"""What is known of the models that make vectors?"""

from __future__ import annotations

import pytest

from app import catalogue
from app.catalogue import PurposeStyle
from contracts.providers import ProviderType

KINDS = ("openai", "openrouter", "gemini", "ollama", "mock")


@pytest.mark.parametrize("kind", KINDS)
def test_default_embedding_model_is_known(kind: str) -> None:
    """Of every kind that has one."""
    model = catalogue.default_embedding_model(ProviderType(kind))
    assert model is not None
    assert catalogue.embeds(ProviderType(kind), model)


@pytest.mark.parametrize("kind", ["anthropic", "deepseek", "local"])
def test_kind_without_embeddings_of_its_own_has_no_default(kind: str) -> None:
    """The embedded model's is its own name, which only its row knows."""
    assert catalogue.default_embedding_model(ProviderType(kind)) is None


@pytest.mark.parametrize(
    "kind,model,dimensions,tokens",
    [
        ("openai", "text-embedding-3-small", 1536, 8192),
        ("openai", "text-embedding-3-large", 3072, 8192),
        ("openrouter", "openai/text-embedding-3-large", 3072, 8192),
        ("gemini", "gemini-embedding-001", 3072, 2048),
        ("gemini", "models/gemini-embedding-2", 3072, 8192),
        ("ollama", "nomic-embed-text:latest", 768, 2048),
        ("local", "smollm2-135m-instruct", 576, 4096),
    ],
)
def test_model_has_its_length_and_its_window(kind: str, model: str, dimensions: int, tokens: int) -> None:
    """As their makers say."""
    facts = catalogue.embedding_facts(ProviderType(kind), model)
    assert facts is not None
    assert (facts.dimensions, facts.max_input_tokens) == (dimensions, tokens)


@pytest.mark.parametrize(
    "kind,model",
    [
        ("openai", "gpt-5.2"),
        ("openai", "gemini-embedding-001"),
        ("gemini", "gemini-3.8-flash"),
        ("ollama", "llama3.2"),
        # OpenRouter knows no model without its maker, so it cannot stand in under the bare name.
        ("openrouter", "text-embedding-3-small"),
        ("openrouter", "openai/gpt-5.2"),
        ("anthropic", "text-embedding-3-small"),
    ],
)
def test_model_that_is_not_known_to_make_vectors_is_not_known(kind: str, model: str) -> None:
    """Chat models, and models of other vendors."""
    assert not catalogue.embeds(ProviderType(kind), model)


@pytest.mark.parametrize(
    "model", ["qwen3-embedding:0.6b", "bge-large", "snowflake-arctic-embed:22m", "embeddinggemma:300m", "bge-m3"]
)
def test_models_of_ollamas_library_are_known_by_their_names(model: str) -> None:
    """With any tag; of most no more than that is known."""
    assert catalogue.embeds(ProviderType.OLLAMA, model)


def test_model_of_one_length_takes_no_dimensions() -> None:
    """OpenAI's second generation, and the embedded model."""
    for kind, model in ((ProviderType.OPENAI, "text-embedding-ada-002"), (ProviderType.LOCAL, "any")):
        facts = catalogue.embedding_facts(kind, model)
        assert facts is not None
        assert not facts.takes_dimensions


def test_prefixes_stand_with_every_model_that_is_told_by_them() -> None:
    """For both purposes; and with no other."""
    names = ["nomic-embed-text", "mxbai-embed-large", "embeddinggemma", "all-minilm", "qwen3-embedding"]
    for name in names:
        facts = catalogue.embedding_facts(ProviderType.OLLAMA, name)
        assert facts is not None
        assert (set(facts.prefixes) == {"query", "document"}) is (facts.purposes is PurposeStyle.PREFIX)
