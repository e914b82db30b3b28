"""Which row of the catalogue is a model's?"""

from __future__ import annotations

import re
from functools import lru_cache

from app.catalogue.anthropic import ANTHROPIC
from app.catalogue.capabilities import ModelCapabilities, ModelRow, Thinking, VendorModels
from app.catalogue.deepseek import DEEPSEEK
from app.catalogue.gemini import GEMINI
from app.catalogue.ollama import OLLAMA
from app.catalogue.openai import OPENAI
from app.catalogue.openrouter import OPENROUTER
from app.catalogue.own import LOCAL, MOCK
from contracts.providers import ProviderType

# In this order a bare name is looked for, which vendors may share: DeepSeek's own come before Ollama's copies.
VENDOR_MODELS: tuple[VendorModels, ...] = (OPENAI, DEEPSEEK, ANTHROPIC, GEMINI, OPENROUTER, OLLAMA, LOCAL, MOCK)

_MATCHERS = {vendor.kind: tuple((re.compile(row.pattern), row) for row in vendor.rows) for vendor in VENDOR_MODELS}
_UNKNOWN = {vendor.kind: vendor.unknown for vendor in VENDOR_MODELS}
# A vendor can be added before anything is known of its models.
_OF_A_NEW_VENDOR = ModelCapabilities(thinking=Thinking.ASKED)


def unknown(kind: ProviderType) -> ModelCapabilities:
    """What a model of `kind` gets that is not known."""
    return _UNKNOWN.get(kind, _OF_A_NEW_VENDOR)


@lru_cache(maxsize=1024)
def row_of(kind: ProviderType, model: str) -> ModelRow | None:
    """The first row of the vendor of `kind` that `model` matches."""
    return next((row for matcher, row in _MATCHERS.get(kind, ()) if matcher.fullmatch(model)), None)


@lru_cache(maxsize=1024)
def row_anywhere(model: str) -> ModelRow | None:
    """The row of `model` at its maker's, whoever serves it: OpenRouter writes `openai/gpt-6-sol:free`."""
    bare = model.rpartition("/")[2].partition(":")[0] if "/" in model else model
    rows = (row_of(vendor.kind, bare) for vendor in VENDOR_MODELS)
    return next((row for row in rows if row is not None), None)
