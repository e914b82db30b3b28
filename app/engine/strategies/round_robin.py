"""Whose turn is it? His who was first the longest time ago, so that every set of targets is gone through evenly."""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.intake import Order
from app.engine.strategies.strategy import Choice

# Or twice as many as stand to choice: who is forgotten has a turn at once, so none of them may be.
MAX_TURNS = 1000


class RoundRobin:
    """Remembers when each route was first last. One that was away for a while has one turn, not all that it missed."""

    def __init__(self) -> None:
        self._turns: dict[str, int] = {}
        self._turn = 0

    def ordered(self, choices: Sequence[Choice], order: Order) -> list[Choice]:
        """The longest ago first."""
        return sorted(choices, key=lambda choice: self._turns.get(choice.name, 0))

    def chose(self, choices: Sequence[Choice], first: Choice) -> None:
        """`first` goes to the end."""
        self._turn += 1
        self._turns.pop(first.name, None)
        self._turns[first.name] = self._turn
        while len(self._turns) > max(MAX_TURNS, 2 * len(choices)):
            del self._turns[next(iter(self._turns))]
