"""May an answer be checked under a schema on the event loop, and may all that is wrong with it be looked for?

The validator cannot be stopped and lets nothing else run. Whether an answer is valid, it finds fast; to say what is
wrong with it, it explains every branch that failed, and follows a circle anew each time it comes back to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from app.engine.schema_cost import SchemaCost

# Backtracks that one pattern may take on one text: as many as all texts of the answer together leave it. An e-mail
# address under the pattern that generators write for it takes less than 50.
BACKTRACK_LIMITS = (10_000, 1_000, 200)
# Up to a microsecond each.
_MAX_BACKTRACKS = 250_000
# Steps of some 40 nanoseconds.
_MAX_STEPS = 5_000_000
_MAX_VALUES = 500_000
_CHARACTERS_PER_STEP = 8
# To explain a fault takes up to 30 microseconds for each step.
_MAX_EXPLAINED = 10_000


@dataclass(frozen=True, slots=True)
class Extent:
    """How large a JSON value is: values and names in it, how deep it goes, the characters of its text."""

    values: int
    depth: int
    characters: int

    @classmethod
    def of(cls, value: Any, *, characters: int) -> Self:
        """The extent of `value`, counted a little further than what may be checked at all."""
        values, depth, level = 0, 0, [value]
        while level and values <= _MAX_VALUES:
            depth += 1
            below: list[Any] = []
            for node in level:
                if isinstance(node, dict):
                    below.extend(node.values())
                    values += len(node)
                elif isinstance(node, list):
                    below.extend(node)
            values += len(level)
            level = below
        return cls(values, depth, characters)


def backtracks_allowed(extent: Extent, cost: SchemaCost) -> int | None:
    """Which of `BACKTRACK_LIMITS` lets the answer be found valid, or not, in less than some 250 ms; None if none."""
    steps = extent.values * cost.steps + extent.characters * cost.patterns // _CHARACTERS_PER_STEP
    if extent.values > _MAX_VALUES or steps > _MAX_STEPS:
        return None
    searches = extent.values * cost.backtracking
    return next((limit for limit in BACKTRACK_LIMITS if searches * limit <= _MAX_BACKTRACKS), None)


def may_be_explained(extent: Extent, cost: SchemaCost) -> bool:
    """Whether it takes less than some 250 ms to find out what is wrong with it."""
    rounds = cost.turns ** min(extent.depth, _MAX_EXPLAINED) if cost.turns > 1 else 1
    return extent.values * cost.steps * rounds <= _MAX_EXPLAINED
