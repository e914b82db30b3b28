"""How does a vendor write the name of a model? The same model under another vendor's spelling, and nothing else.

Sources, read 2026-11-21: OpenRouter's ids in genai-prices 0.2.3 (`anthropic/claude-haiku-5.5`: versions with a point,
and no dates); api-docs.deepseek.com/quick_start/pricing (`deepseek-flash` is DeepSeek-V4.1-Flash).
"""

from __future__ import annotations

import re
from functools import lru_cache

from app.catalogue.models import is_known
from contracts.providers import ProviderType

_PREFIXES = {
    ProviderType.OPENAI: "openai",
    ProviderType.ANTHROPIC: "anthropic",
    ProviderType.GEMINI: "google",
    ProviderType.DEEPSEEK: "deepseek",
}
# Names that no rule leads to.
_BEHIND_OPENROUTER = {"deepseek-flash": "deepseek-v4.1-flash"}
_AT_ITS_MAKERS = {theirs: ours for ours, theirs in _BEHIND_OPENROUTER.items()}

_CLAUDE_DATE = re.compile(r"[-@](\d{8}|latest)$")
_CLAUDE_VERSION = re.compile(r"(?<=\d)-(?=\d(?!\d))")
_CLAUDE_POINT = re.compile(r"(?<=\d)\.(?=\d)")


@lru_cache(maxsize=1024)
def spelling(kind: ProviderType, model: str, of: ProviderType | None = None) -> str | None:
    """How the vendor of `kind` writes the model that `of` calls `model`; None when it is not known to serve it.

    `of` None: `model` is a bare name of its maker's, or OpenRouter's.
    """
    if of is None:
        of = ProviderType.OPENROUTER if "/" in model else maker_of(model)
    if of is kind:
        return model if is_known(kind, model) else None
    if kind is ProviderType.OPENROUTER and of in _PREFIXES:
        return _behind_openrouter(of, model) if is_known(of, model) else None
    if of is ProviderType.OPENROUTER and kind in _PREFIXES:
        return _at_its_makers(kind, model)
    return None


def maker_of(model: str) -> ProviderType | None:
    """The vendor that calls a model of its own `model`; None when none is known to."""
    return next((kind for kind in _PREFIXES if is_known(kind, model)), None)


def _behind_openrouter(maker: ProviderType, model: str) -> str:
    if maker is ProviderType.ANTHROPIC:
        model = _CLAUDE_VERSION.sub(".", _CLAUDE_DATE.sub("", model))
    return f"{_PREFIXES[maker]}/{_BEHIND_OPENROUTER.get(model, model)}"


def _at_its_makers(maker: ProviderType, model: str) -> str | None:
    """None for a variant too (`…:free`): its maker sells no such thing."""
    prefix, _, name = model.partition("/")
    if prefix != _PREFIXES[maker]:
        return None
    if maker is ProviderType.ANTHROPIC:
        name = _CLAUDE_POINT.sub("-", name)
    name = _AT_ITS_MAKERS.get(name, name)
    return name if ":" not in name and is_known(maker, name) else None
