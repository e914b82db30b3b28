"""What does a model's name mean: the successor of a retired one, or a row and the model there?"""

from __future__ import annotations

from app import catalogue
from contracts.config import LLMProviderConfig
from contracts.providers import ProviderType, provider_name


def successor_of(model: str, config: LLMProviderConfig) -> str | None:
    """What a retired name means now; None for every other, and where a row or a logical model here is called so."""
    successor = config.model_aliases.get(model)
    return None if successor is None or _is_configured(model, config) else successor


def row_and_model(name: str, config: LLMProviderConfig) -> tuple[str, str] | None:
    """The row and its model that `provider/model` names; None where it names no row of the configuration."""
    head, slash, tail = name.partition("/")
    row = provider_name(head)
    if not (slash and tail and row in config.providers):
        return None
    return row, model_in(row, name, config)


def model_in(row: str, name: str, config: LLMProviderConfig) -> str:
    """What the row calls the model of `provider/model`."""
    kind, tail = config.providers[row].type, name.partition("/")[2]
    # `openrouter/openai/gpt-6-luna` is a row and its model; `openrouter/auto` is a model of OpenRouter's own.
    if kind is ProviderType.OPENROUTER and "/" in tail:
        return tail
    return catalogue.spelling(kind, name, of=ProviderType.OPENROUTER) or tail


def _is_configured(model: str, config: LLMProviderConfig) -> bool:
    """Whether somebody here offers a model of that name, retired elsewhere or not."""
    rows = config.providers.values()
    return model in config.models or any(model in (row.default_model, *row.models) for row in rows)
