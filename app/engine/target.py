"""What is tried: a provider and a model there, and the plan of all that will be tried for one request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.engine.affinity import Thread
from app.ports import Provider
from app.pricing import Prices, Tariff


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A provider and a model there that will be tried. `note` is for the caller whom it serves as a second choice.

    `weight` is its share under the strategy `weighted`.
    """

    provider: Provider
    model: str
    note: str | None = None
    timeout_seconds: float | None = None
    params: Mapping[str, Any] = field(default_factory=dict, repr=False)
    weight: float = 1

    @property
    def name(self) -> str:
        """`provider/model`."""
        return f"{self.provider.name}/{self.model}"

    def tariff(self, prices: Prices) -> Tariff:
        """What its calls cost."""
        return prices.tariff(self.provider.name, self.provider.type, self.model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The targets in order. `is_second_choice`: the first of them stands in for one that could not be used.

    `thread` is told who served, where affinity has a choice at the conversation's next turn.
    """

    targets: tuple[Target, ...]
    warnings: tuple[str, ...] = ()
    is_second_choice: bool = False
    thread: Thread | None = None
