"""What does a strategy see of the targets, and what must it answer?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.engine.intake import Order
from app.pricing import Tariff
from contracts.providers import ProviderType


@dataclass(frozen=True, slots=True)
class Choice:
    """A target that could be called now. `name` is its route; `is_recovering`: its circuit is about to be probed."""

    name: str
    kind: ProviderType
    model: str
    weight: float
    is_recovering: bool
    tariff: Tariff


class Strategy(Protocol):
    """Orders choices. Those that it holds equal stay as they came: in the order of the configuration."""

    def ordered(self, choices: Sequence[Choice], order: Order) -> list[Choice]:
        """The choices, the one to be tried first at the front; none, when nobody can be called now.

        Remembers nothing, so that it can be explained.
        """
        ...

    def chose(self, choices: Sequence[Choice], first: Choice) -> None:
        """Of `choices`, `first` is tried first: by this strategy, or because it served the conversation before."""
        ...
