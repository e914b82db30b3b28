"""What can each model do? Facts as data, one file for each vendor; a model that is not here is simply not known."""

from __future__ import annotations

from app.catalogue.capabilities import ModelCapabilities, StructuredOutput, Thinking
from app.catalogue.embeddings import (
    EmbeddingFacts,
    PurposeStyle,
    default_embedding_model,
    embedding_facts,
    embeds,
)
from app.catalogue.models import (
    capabilities,
    context_window,
    default_model,
    effort_levels,
    is_known,
    max_output_tokens,
    reasons,
    refused_sampling,
    tools_need_no_effort,
)
from app.catalogue.spelling import maker_of, spelling
from app.catalogue.tiers import Similar, similar

__all__ = [
    "EmbeddingFacts",
    "ModelCapabilities",
    "PurposeStyle",
    "Similar",
    "StructuredOutput",
    "Thinking",
    "capabilities",
    "context_window",
    "default_embedding_model",
    "default_model",
    "effort_levels",
    "embedding_facts",
    "embeds",
    "is_known",
    "maker_of",
    "max_output_tokens",
    "reasons",
    "refused_sampling",
    "similar",
    "spelling",
    "tools_need_no_effort",
]
