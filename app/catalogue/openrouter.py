"""What can a model do behind OpenRouter? Whatever it can at its maker's, written `maker/model`.

OpenRouter leaves out what a model does not take, and calls each model by the endpoint that it needs.
"""

from __future__ import annotations

from datetime import date

from app.catalogue.capabilities import ModelCapabilities, ModelRow, Source, Thinking, VendorModels
from contracts.providers import ProviderType

_READ = date(2026, 11, 21)

OPENROUTER = VendorModels(
    kind=ProviderType.OPENROUTER,
    default_model="openai/gpt-6-luna",
    sources=(
        Source("genai-prices 0.2.3", _READ),
        Source("openrouter.ai/docs/api-reference/parameters", _READ),
    ),
    unknown=ModelCapabilities(thinking=Thinking.ASKED),
    rows=(
        ModelRow(
            pattern=r"[^/\s]+/\S+",
            can=ModelCapabilities(),
            examples=("openai/gpt-6-luna", "meta-llama/llama-4-maverick:free"),
        ),
    ),
)
