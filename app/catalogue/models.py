"""What can a model do, asked by its name? A model that no row matches gets conservative answers, and never a guess."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from app.catalogue.capabilities import ModelCapabilities, Thinking
from app.catalogue.lookup import VENDOR_MODELS, row_anywhere, row_of, unknown
from contracts.chat import ReasoningEffort
from contracts.providers import ProviderType

_DEFAULT_MODELS = {vendor.kind: vendor.default_model for vendor in VENDOR_MODELS if vendor.default_model is not None}
_NAMED_THINKING = re.compile(r".*(:thinking|-thinking|-reasoning|[/-]r1\b|qwq|magistral).*")


def default_model(kind: ProviderType) -> str:
    """The model that a row of `kind` uses when neither caller nor configuration names one.

    Raises KeyError for a kind whose own file names it, as that of `mock` does.
    """
    return _DEFAULT_MODELS[kind]


def is_known(kind: ProviderType, model: str) -> bool:
    """Whether `model` is one that the vendor of `kind` is known to offer."""
    return row_of(kind, model) is not None


@lru_cache(maxsize=1024)
def capabilities(kind: ProviderType, model: str) -> ModelCapabilities:
    """What `model` can do where a provider of `kind` serves it; of one that is not known, what the kind can."""
    if kind is ProviderType.OPENROUTER:
        return _behind_openrouter(model)
    row = row_of(kind, model)
    return row.can if row else unknown(kind)


def context_window(model: str) -> int | None:
    """The context window of `model` in tokens, wherever it is served; None when not known."""
    row = row_anywhere(model)
    return row.can.context_window if row else None


def max_output_tokens(kind: ProviderType, model: str) -> int | None:
    """The most tokens that one answer of `model` may hold, thoughts and all; None when not known."""
    return capabilities(kind, model).max_output_tokens


@lru_cache(maxsize=1024)
def reasons(kind: ProviderType | None, model: str, effort: ReasoningEffort | None) -> bool:
    """Whether `model` thinks before it answers when asked with `effort`, and so needs the long limits.

    `kind` None: whoever serves it. A model that is not known is taken at its name, and at what was asked.
    """
    row = row_of(kind, model) if kind and kind is not ProviderType.OPENROUTER else row_anywhere(model)
    if row is None:
        return _is_asked(effort) or bool(_NAMED_THINKING.fullmatch(model) and effort is not ReasoningEffort.NONE)
    thinking = row.can.thinking
    if thinking in (Thinking.DEFAULT, Thinking.BETWEEN_TOOLS):
        return effort is not ReasoningEffort.NONE
    if thinking is Thinking.ASKED:
        return _is_asked(effort)
    return thinking is Thinking.ALWAYS


@lru_cache(maxsize=1024)
def refused_sampling(kind: ProviderType, model: str, effort: ReasoningEffort | None) -> frozenset[str]:
    """The sampling fields that the vendor of `kind` would refuse or ignore for `model`, asked with `effort`."""
    can = capabilities(kind, model)
    return can.refused_sampling | (can.refused_while_reasoning if reasons(kind, model, effort) else frozenset())


@lru_cache(maxsize=1024)
def tools_need_no_effort(kind: ProviderType, model: str) -> bool:
    """Whether `model` takes tools on /chat/completions only while it does not reason: one that always does, none."""
    return capabilities(kind, model).tools_need_no_effort


def effort_levels(kind: ProviderType, model: str) -> tuple[str, ...] | None:
    """The levels of effort that `model` knows by name; empty: none that are known. None: it does not reason at all."""
    row = row_of(kind, model)
    if row is None:
        return ()
    return None if row.can.thinking is Thinking.NEVER else row.can.efforts


def _is_asked(effort: ReasoningEffort | None) -> bool:
    return effort not in (None, ReasoningEffort.NONE)


def _behind_openrouter(model: str) -> ModelCapabilities:
    row = row_anywhere(model)
    if row is None:
        return unknown(ProviderType.OPENROUTER)
    return replace(
        row.can,
        refused_sampling=frozenset(),
        refused_while_reasoning=frozenset(),
        takes_both_samplings=True,
        tools_need_no_effort=False,
        needs_signatures=False,
    )
