"""Who is first when each shall be so in proportion to his weight, without runs? Smooth weighted round-robin.

Every round each choice gains its weight, and the one that has gathered most is first and pays the sum of all: with
weights 5, 1, 1 that gives a a b a c a a, and over each such round exactly the shares that were asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.intake import Order
from app.engine.strategies.strategy import Choice

# Or twice as many as stand to choice: who is forgotten has gathered nothing, so none of them may be.
MAX_CREDITS = 1000


class Weighted:
    """Remembers what each route has gathered."""

    def __init__(self) -> None:
        self._credits: dict[str, float] = {}

    def ordered(self, choices: Sequence[Choice], order: Order) -> list[Choice]:
        """Who has gathered most first."""
        return sorted(choices, key=self._gathered, reverse=True)

    def chose(self, choices: Sequence[Choice], first: Choice) -> None:
        """All gain, `first` pays. Nobody owes or saves more than a round, however often affinity has its way."""
        round_sum = sum(choice.weight for choice in choices)
        for choice in choices:
            credit = self._gathered(choice) - (round_sum if choice is first else 0)
            self._credits.pop(choice.name, None)
            self._credits[choice.name] = max(-round_sum, min(round_sum, credit))
        while len(self._credits) > max(MAX_CREDITS, 2 * len(choices)):
            del self._credits[next(iter(self._credits))]

    def _gathered(self, choice: Choice) -> float:
        return self._credits.get(choice.name, 0.0) + choice.weight
