"""Who is first when chance decides? Each with the same probability; weights have a strategy of their own."""

from __future__ import annotations

import random
from collections.abc import Sequence

from app.engine.intake import Order
from app.engine.strategies.strategy import Choice


class RandomOrder:
    """Draws anew for every request."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def ordered(self, choices: Sequence[Choice], order: Order) -> list[Choice]:
        """Any order, each as likely as any other."""
        return self._rng.sample(choices, len(choices))

    def chose(self, choices: Sequence[Choice], first: Choice) -> None:
        """Changes nothing."""
