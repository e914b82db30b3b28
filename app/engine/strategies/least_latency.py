"""Who will answer soonest? The better of two drawn at random, by what they took lately and have under way.

Of two, because the best of all would get every caller at the same moment. One of whom nothing is known, and one whose
circuit is about to be probed, is tried before all that are known: else nobody would learn that it has recovered.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from app.engine.intake import Order
from app.engine.latencies import Latencies
from app.engine.strategies.strategy import Choice
from contracts.requests import StreamRecovery


class LeastLatency:
    """Reads what dispatch measures."""

    def __init__(self, latencies: Latencies, rng: random.Random) -> None:
        self._latencies = latencies
        self._rng = rng

    def ordered(self, choices: Sequence[Choice], order: Order) -> list[Choice]:
        """The better of two first, then the others, the fastest first."""
        if not choices:
            return []
        to_first_token = awaits_first_token(order)
        costs = {choice.name: self._cost(choice, to_first_token=to_first_token) for choice in choices}
        drawn = sorted(self._rng.sample(range(len(choices)), 2)) if len(choices) > 2 else range(len(choices))
        first = min((choices[index] for index in drawn), key=lambda choice: costs[choice.name])
        return sorted(choices, key=lambda choice: (choice is not first, costs[choice.name]))

    def chose(self, choices: Sequence[Choice], first: Choice) -> None:
        """Changes nothing: the call itself is measured."""

    def _cost(self, choice: Choice, *, to_first_token: bool) -> float:
        return 0.0 if choice.is_recovering else self._latencies.cost(choice.name, to_first_token=to_first_token)


def awaits_first_token(order: Order) -> bool:
    """Whether the caller reads along: else only the whole answer is of use."""
    return order.is_stream and order.stream_recovery is not StreamRecovery.BUFFER
