"""Which name of a model may be written down? Each that somebody other than the caller gave; of the rest what is no key.

Who mistakes the fields sends a key as a model, and rows, events, spans and logs are kept longer than keys.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from app import catalogue
from contracts.config import LLMProviderConfig
from contracts.providers import ProviderType
from contracts.redaction import without_keys

_MOST_NAMES = 1024
# Behind OpenRouter everything with a slash in it may be a model.
_LISTED = tuple(kind for kind in ProviderType if kind is not ProviderType.OPENROUTER)


@lru_cache(maxsize=1024)
def shown(name: str) -> str:
    """`name` without what is shaped like a key."""
    return without_keys(name)


class ToldModels(dict[str, str]):
    """By its name, what a model is written down as: the name without keys, or whole if `knows_model` says so.

    Names in which there is none are kept, so that to look one up is no call; callers give names, so not all are.
    """

    def __init__(self, knows_model: Callable[[str], bool]) -> None:
        super().__init__()
        self._knows_model = knows_model

    def __missing__(self, name: str) -> str:
        told = shown(name)
        if told != name:
            return name if self._knows_model(name) else told
        if len(self) >= _MOST_NAMES:
            self.clear()
        self[name] = name
        return name


def is_known(config: LLMProviderConfig, name: str) -> bool:
    """Whether configuration or catalogue have that name, with its row before it or without."""
    names = {name, name.partition("/")[2]} - {""}
    is_listed = any(catalogue.is_known(kind, one) for kind in _LISTED for one in names)
    return is_listed or not names.isdisjoint(_configured(config))


def _configured(config: LLMProviderConfig) -> set[str]:
    rows = config.providers.values()
    candidates = (candidate for group in config.models.values() for candidate in group)
    return {
        *config.models,
        *config.model_aliases,
        *config.model_aliases.values(),
        *(name for row in rows for name in (row.default_model, *row.models) if name is not None),
        *(candidate.model for candidate in candidates if candidate.model is not None),
    }
