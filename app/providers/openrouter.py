"""OpenRouter. Source: the types of its SDK `openrouter` 1.3 (Chat…, ReasoningDetailUnion, CreateEmbeddings…)."""

from __future__ import annotations

from app.providers.openai_dialect import OpenAIDialect
from app.providers.vendor import Vendor
from app.wires.openai_chat import EffortStyle, Quirks, ReasoningEcho
from app.wires.openai_embeddings import EmbeddingQuirks
from contracts.calls import Wire
from contracts.providers import ProviderType

VENDOR = Vendor(
    kind=ProviderType.OPENROUTER,
    base_url="https://openrouter.ai/api/v1",
    key_variable="OPENROUTER_API_KEY",
    wires=frozenset({Wire.OPENAI_CHAT, Wire.OPENAI_EMBEDDINGS}),
    # /models answers without a key, so it would call a wrong one healthy.
    dialect=OpenAIDialect(
        models_path="/models/user",
        embeddings=EmbeddingQuirks(purposes={"query": "search_query", "document": "search_document"}),
        quirks=Quirks(
            effort_style=EffortStyle.OBJECT,
            reasoning_echo=ReasoningEcho.DETAILS,
            takes_images_in_tool_results=True,
            takes_file_urls=True,
            takes_cache_marks=True,
            reports_cost=True,
        ),
    ),
)
