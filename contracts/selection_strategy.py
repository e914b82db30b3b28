"""How does the service choose among several targets that can serve?"""

from __future__ import annotations

from enum import StrEnum


class SelectionStrategy(StrEnum):
    """Who of the rows, or of a logical model's candidates, is tried first."""

    PRIORITY = "priority"
    """The first of the order."""
    ROUND_ROBIN = "round-robin"
    """Each in turn."""
    WEIGHTED = "weighted"
    """Each in proportion to its `weight`."""
    LEAST_COST = "least-cost"
    """The cheapest for this request; unknown prices after known ones, `local` and `mock` last."""
    LEAST_LATENCY = "least-latency"
    """The better of two drawn at random, by what they took lately and have under way."""
    RANDOM = "random"
    """Any, each with the same probability."""
