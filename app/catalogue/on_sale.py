"""Which models does each vendor sell now, since when, and until when? What a list of models can show, newest first.

Others are served as well when they are named: dated snapshots, fine-tuned ones, those that came since. Left out here
are models of audio and pictures, those that only invited customers get (Claude Mythos), and those that only OpenAI's
/responses serves (`…-pro`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from app.catalogue.capabilities import Source
from app.catalogue.spelling import spelling
from contracts.providers import ProviderType

_READ = date(2026, 11, 22)
SOURCES = (
    Source("openai 3.54 (types.shared.ChatModel, which names the announced shutdown dates)", _READ),
    Source("developers.openai.com/api/docs/deprecations", _READ),
    Source("anthropic 2.12 (types.model, and DEPRECATED_MODELS in resources.messages)", _READ),
    Source("platform.claude.com/docs/en/about-claude/model-deprecations", _READ),
    Source("ai.google.dev/gemini-api/docs/deprecations (release and shutdown dates)", _READ),
    Source("api-docs.deepseek.com/quick_start/pricing", _READ),
    Source("genai-prices 0.2.3 (the release of deepseek-flash)", _READ),
)
_DATED = re.compile(r".*[-@](20\d\d)-?(\d\d)-?(\d\d)\b.*")


@dataclass(frozen=True, slots=True)
class ForSale:
    """A model by its maker's name. `released` and `retires` None: not known, not announced."""

    name: str
    released: date | None = None
    retires: date | None = None


_OPENAI = (
    ForSale("gpt-6.2-sol", date(2026, 11, 17)),
    ForSale("gpt-6.2-astra", date(2026, 11, 17)),
    ForSale("gpt-6.1-sol"),
    ForSale("gpt-6.1-terra"),
    ForSale("gpt-6-luna"),
    ForSale("gpt-6-sol"),
    ForSale("gpt-6-astra"),
    ForSale("gpt-5.6-sol"),
    ForSale("gpt-5.6-terra"),
    ForSale("gpt-5.6-luna"),
    ForSale("gpt-5.5", date(2026, 4, 23)),
    ForSale("gpt-5.4-mini", date(2026, 3, 17)),
    ForSale("gpt-5.4-nano", date(2026, 3, 17), date(2027, 4, 1)),
    ForSale("gpt-5.4", date(2026, 3, 5)),
    ForSale("gpt-5.2", date(2025, 12, 11)),
    ForSale("gpt-5.1", date(2025, 11, 13), date(2027, 4, 1)),
    ForSale("gpt-5", date(2025, 8, 7), date(2026, 12, 11)),
    ForSale("gpt-5-mini", date(2025, 8, 7), date(2026, 12, 11)),
    ForSale("gpt-5-nano", date(2025, 8, 7), date(2026, 12, 11)),
    ForSale("o3", date(2025, 4, 16), date(2026, 12, 11)),
    ForSale("gpt-4.1", date(2025, 4, 14), date(2027, 1, 14)),
    ForSale("gpt-4.1-mini", date(2025, 4, 14), date(2027, 1, 14)),
    ForSale("gpt-4o-mini", date(2024, 7, 18), date(2027, 1, 14)),
    ForSale("gpt-4o", date(2024, 5, 13), date(2027, 1, 14)),
    ForSale("text-embedding-3-small"),
    ForSale("text-embedding-3-large"),
    ForSale("text-embedding-ada-002"),
)
_ANTHROPIC = (
    ForSale("claude-fable-5-2"),
    ForSale("claude-haiku-5-5"),
    ForSale("claude-sonnet-5-5"),
    ForSale("claude-fable-5-1"),
    ForSale("claude-opus-5-5"),
    ForSale("claude-sonnet-5"),
    ForSale("claude-fable-5", date(2026, 6, 9)),
    ForSale("claude-opus-5"),
    ForSale("claude-opus-4-8"),
    ForSale("claude-opus-4-7"),
    ForSale("claude-opus-4-6"),
    ForSale("claude-sonnet-4-6"),
    ForSale("claude-opus-4-5", date(2025, 11, 1)),
    ForSale("claude-haiku-4-5", date(2025, 10, 1)),
    ForSale("claude-sonnet-4-5", date(2025, 9, 29), date(2026, 11, 30)),
)
_GEMINI = (
    ForSale("gemini-4-argon"),
    ForSale("gemini-3.8-flash", date(2026, 9, 2)),
    ForSale("gemini-3.7-flash", date(2026, 8, 13)),
    ForSale("gemini-3.6-flash", date(2026, 7, 21)),
    ForSale("gemini-3.5-flash-lite", date(2026, 7, 21)),
    ForSale("gemini-3.5-flash", date(2026, 5, 19)),
    ForSale("gemini-3.1-flash-lite", date(2026, 5, 7), date(2027, 5, 7)),
    ForSale("gemini-3.1-pro-preview", date(2026, 2, 19)),
    ForSale("gemini-3-flash-preview", date(2025, 12, 17)),
    ForSale("gemini-2.5-flash-lite", date(2025, 7, 22)),
    ForSale("gemini-2.5-pro", date(2025, 6, 17), date(2026, 12, 1)),
    ForSale("gemini-2.5-flash", date(2025, 6, 17), date(2026, 12, 1)),
    ForSale("gemini-embedding-2"),
    ForSale("gemini-embedding-001"),
)
_DEEPSEEK = (ForSale("deepseek-flash", date(2026, 9, 10)), ForSale("deepseek-v4-pro"))

ON_SALE = {
    ProviderType.OPENAI: _OPENAI,
    ProviderType.ANTHROPIC: _ANTHROPIC,
    ProviderType.GEMINI: _GEMINI,
    ProviderType.DEEPSEEK: _DEEPSEEK,
}
_BY_NAME = {model.name: model for models in ON_SALE.values() for model in models}


def on_sale(kind: ProviderType, day: date) -> Iterator[str]:
    """What the vendor of `kind` sells on that day, in its own spelling; nothing for servers of one's own."""
    makers = ON_SALE.values() if kind is ProviderType.OPENROUTER else (ON_SALE.get(kind, ()),)
    for model in (model for models in makers for model in models):
        if model.retires is None or day < model.retires:
            spelled = spelling(kind, model.name) if kind is ProviderType.OPENROUTER else model.name
            if spelled is not None:
                yield spelled


def known_life(name: str) -> ForSale:
    """When the model of that name of its maker's came and goes; a snapshot carries its own date."""
    return _BY_NAME.get(name) or ForSale(name, _date_in(name))


@lru_cache(maxsize=1024)
def _date_in(name: str) -> date | None:
    match = _DATED.fullmatch(name)
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None
