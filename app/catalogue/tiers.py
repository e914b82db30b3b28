"""Which models of different vendors are of one tier, so that one may stand in for another where that was allowed?

Tiers are what the vendors say of their models, and what they ask for a million tokens (genai-prices 0.2.3); a stand-in
is a similar model, never the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.catalogue.capabilities import Source
from app.catalogue.spelling import maker_of, spelling
from contracts.providers import ProviderType

_READ = date(2026, 11, 21)
_DATE = re.compile(r"[-@](\d{4}-\d{2}-\d{2}|\d{8}|latest)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """Similar models by vendor, the one that stands in best first. `reason` ends a sentence."""

    reason: str
    models: Mapping[ProviderType, tuple[str, ...]]
    sources: tuple[Source, ...]


TIERS: tuple[Tier, ...] = (
    Tier(
        reason="both are their vendors' fast and cheap models for focused work in high volume",
        models={
            ProviderType.OPENAI: ("gpt-6-luna", "gpt-5.6-luna", "gpt-5.4-mini", "gpt-5-mini", "gpt-4o-mini"),
            ProviderType.ANTHROPIC: ("claude-haiku-5-5", "claude-haiku-4-5"),
            ProviderType.GEMINI: ("gemini-3.8-flash", "gemini-3.6-flash", "gemini-3.5-flash", "gemini-2.5-flash"),
            ProviderType.DEEPSEEK: ("deepseek-flash", "deepseek-v4-flash"),
        },
        sources=(
            Source("developers.openai.com/api/docs/guides/latest-model (Luna)", _READ),
            Source("platform.claude.com/docs/en/models/haiku-5-5/overview", _READ),
            Source("ai.google.dev/gemini-api/docs/models/gemini-3.8-flash", _READ),
            Source("api-docs.deepseek.com/quick_start/pricing", _READ),
        ),
    ),
    Tier(
        reason="both are their vendors' stronger models for complex work",
        models={
            ProviderType.OPENAI: ("gpt-6-sol", "gpt-6.1-sol", "gpt-5.6-sol", "gpt-5.4", "gpt-5", "gpt-4o"),
            ProviderType.ANTHROPIC: ("claude-sonnet-5-5", "claude-sonnet-5", "claude-sonnet-4-6", "claude-sonnet-4-5"),
            ProviderType.GEMINI: ("gemini-4-argon", "gemini-3.1-pro-preview", "gemini-2.5-pro"),
            ProviderType.DEEPSEEK: ("deepseek-v4-pro",),
        },
        sources=(
            Source("developers.openai.com/api/docs/guides/latest-model (Sol)", _READ),
            Source("platform.claude.com/docs/en/models/sonnet-5-5/overview", _READ),
            Source("ai.google.dev/gemini-api/docs/generate-content/latest-model", _READ),
            Source("api-docs.deepseek.com/quick_start/pricing", _READ),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Similar:
    """Models of one vendor that are of a tier with another's, the first one first, and why they are."""

    models: tuple[str, ...]
    reason: str


def similar(kind: ProviderType, model: str) -> Similar | None:
    """The models of the vendor of `kind` that are similar to `model`, a bare name or OpenRouter's; None: none are."""
    named = _at_its_makers(model)
    maker = maker_of(named)
    undated = _DATE.sub("", named)
    for tier in TIERS:
        if maker is not None and undated in tier.models.get(maker, ()) and kind in tier.models:
            return Similar(tier.models[kind], tier.reason)
    return None


def _at_its_makers(model: str) -> str:
    if "/" not in model:
        return model
    names = (spelling(kind, model) for kind in ProviderType if kind is not ProviderType.OPENROUTER)
    return next((name for name in names if name is not None), model)
