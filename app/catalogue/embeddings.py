"""Which models make vectors, how long are these, and what else can each be told? As data, with source and date.

Sources, read November 2026: the SDK `openai` 3 (EmbeddingCreateParams: 8192 tokens; `dimensions` from text-embedding-3
on) and OpenAI's embeddings guide; ai.google.dev/gemini-api/docs/embeddings (`gemini-embedding-2` takes no taskType and
is told by a prefix); ollama.com/library and each model's card there (lengths and prefixes; the server itself shortens
the vectors of any model); the embedded model's own metadata. Prices stand in `genai-prices` 0.2.3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from contracts.embeddings import EmbeddingPurpose
from contracts.providers import ProviderType


class PurposeStyle(StrEnum):
    """How a model is told what a vector will be used as."""

    ALIKE = "alike"
    """Not at all: it makes the same vector of a query and of a document."""
    PREFIX = "prefix"
    """By words that its makers have put before the text in training."""
    FIELD = "field"
    """By a field of the request, where the dialect has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingFacts:
    """What is known of the embedding models of `kind` whose whole name matches `pattern`.

    `dimensions` is the length of a whole vector, `max_input_tokens` the most that one text may hold.
    """

    kind: ProviderType
    pattern: str
    dimensions: int | None = None
    max_input_tokens: int | None = None
    takes_dimensions: bool = True
    purposes: PurposeStyle = PurposeStyle.FIELD
    prefixes: Mapping[EmbeddingPurpose, str] = field(default_factory=dict)


def _openai(pattern: str, dimensions: int, *, takes_dimensions: bool = True) -> EmbeddingFacts:
    return EmbeddingFacts(
        kind=ProviderType.OPENAI,
        pattern=pattern,
        dimensions=dimensions,
        max_input_tokens=8_192,
        takes_dimensions=takes_dimensions,
        purposes=PurposeStyle.ALIKE,
    )


def _ollama(
    name: str,
    dimensions: int,
    tokens: int,
    *,
    purposes: PurposeStyle = PurposeStyle.ALIKE,
    query: str = "",
    document: str = "",
) -> EmbeddingFacts:
    prefixes: dict[EmbeddingPurpose, str] = {"query": query, "document": document}
    return EmbeddingFacts(
        kind=ProviderType.OLLAMA,
        pattern=rf"{name}(:.*)?",
        dimensions=dimensions,
        max_input_tokens=tokens,
        purposes=PurposeStyle.PREFIX if query else purposes,
        prefixes=prefixes if query else {},
    )


# The first match wins, so the particular stands before the general.
_FACTS: tuple[EmbeddingFacts, ...] = (
    _openai(r"text-embedding-3-small", 1_536),
    _openai(r"text-embedding-3-large", 3_072),
    _openai(r"text-embedding-ada-002(-v2)?", 1_536, takes_dimensions=False),
    EmbeddingFacts(kind=ProviderType.GEMINI, pattern=r"gemini-embedding-001", dimensions=3_072, max_input_tokens=2_048),
    EmbeddingFacts(
        kind=ProviderType.GEMINI,
        pattern=r"gemini-embedding-2(-.*)?",
        dimensions=3_072,
        max_input_tokens=8_192,
        purposes=PurposeStyle.PREFIX,
        prefixes={"query": "task: search result | query: ", "document": "title: none | text: "},
    ),
    _ollama(r"nomic-embed-text", 768, 2_048, query="search_query: ", document="search_document: "),
    _ollama(r"mxbai-embed-large", 1_024, 512, query="Represent this sentence for searching relevant passages: "),
    _ollama(r"embeddinggemma", 768, 2_048, query="task: search result | query: ", document="title: none | text: "),
    _ollama(r"all-minilm", 384, 256),
    _ollama(r"bge-m3", 1_024, 8_192),
    EmbeddingFacts(kind=ProviderType.OLLAMA, pattern=r"(.*-embed(ding)?|bge|paraphrase-multilingual)(-.*)?(:.*)?"),
    # As started: `LocalModelSettings.context_tokens`. It was trained to chat, so its vectors are no better than that.
    EmbeddingFacts(
        kind=ProviderType.LOCAL,
        pattern=r"smollm2-135m-.*",
        dimensions=576,
        max_input_tokens=4_096,
        takes_dimensions=False,
        purposes=PurposeStyle.ALIKE,
    ),
    EmbeddingFacts(kind=ProviderType.MOCK, pattern=r"mock-.*", purposes=PurposeStyle.ALIKE),
    EmbeddingFacts(kind=ProviderType.LOCAL, pattern=r".*", takes_dimensions=False, purposes=PurposeStyle.ALIKE),
)
_MATCHERS = tuple((facts, re.compile(facts.pattern)) for facts in _FACTS)

_DEFAULT_MODELS: dict[ProviderType, str] = {
    ProviderType.OPENAI: "text-embedding-3-small",
    ProviderType.OPENROUTER: "openai/text-embedding-3-small",
    ProviderType.GEMINI: "gemini-embedding-001",
    ProviderType.OLLAMA: "nomic-embed-text",
    ProviderType.MOCK: "mock-embedding",
}


def default_embedding_model(kind: ProviderType) -> str | None:
    """The model that a row of `kind` makes vectors with when nobody names one; None where there is none to name.

    The embedded model is its own, whatever its name, and so is not here.
    """
    return _DEFAULT_MODELS.get(kind)


def embeds(kind: ProviderType, model: str) -> bool:
    """Whether `model` is one that the vendor of `kind` is known to make vectors with."""
    return embedding_facts(kind, model) is not None


@lru_cache(maxsize=1024)
def embedding_facts(kind: ProviderType, model: str) -> EmbeddingFacts | None:
    """What is known of `model` as a maker of vectors; OpenRouter's models are those of their makers."""
    if kind is ProviderType.OPENROUTER:
        if "/" not in model:
            return None
        bare = model.rpartition("/")[2].partition(":")[0]
        return next((facts for facts, matcher in _MATCHERS if _is_hosted(facts) and matcher.fullmatch(bare)), None)
    bare = model.removeprefix("models/")
    return next((facts for facts, matcher in _MATCHERS if facts.kind is kind and matcher.fullmatch(bare)), None)


def _is_hosted(facts: EmbeddingFacts) -> bool:
    return facts.kind in (ProviderType.OPENAI, ProviderType.GEMINI)
