"""What does each model of Google take? What the catalogue says of it, in the words of the wire `gemini`."""

from __future__ import annotations

from functools import lru_cache

from app import catalogue
from app.catalogue import Thinking
from app.wires.gemini import ModelTraits
from contracts.providers import ProviderType


@lru_cache(maxsize=1024)
def traits_of(model: str) -> ModelTraits:
    """What `model` takes; of one that is not known the least."""
    can = catalogue.capabilities(ProviderType.GEMINI, model)
    return ModelTraits(
        thinking_levels=can.efforts,
        thinking_tokens=can.thinking_tokens,
        can_rest=can.thinking_tokens is not None and can.thinking is not Thinking.ALWAYS,
        is_third_generation=can.needs_signatures,
    )
