"""How is something said that happens all the time? Now and then, with how often it happened."""

from __future__ import annotations

from collections.abc import Callable


class Seldom:
    """Counts what happens, and says when it may be told: the first at once, then one in `every_seconds`."""

    def __init__(self, every_seconds: float, clock: Callable[[], float]) -> None:
        self._every_seconds = every_seconds
        self._clock = clock
        self._untold = 0
        self._told_at: float | None = None

    def count(self) -> int | None:
        """It happened again: how often since it was last told, when it is to be told now; else None."""
        self._untold += 1
        now = self._clock()
        if self._told_at is not None and now - self._told_at < self._every_seconds:
            return None
        untold, self._untold, self._told_at = self._untold, 0, now
        return untold
