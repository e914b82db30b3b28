"""For how long does a circuit stay open before it is probed? Growing intervals, short while an outage is young.

A vendor that recovers after a minute must be used again soon; one that is away for an hour must not be asked often.
"""

from __future__ import annotations

from app.resilience.clock import Clock

FIRST_SECONDS = 5.0
GROWTH = 1.5
JITTER = 0.2
YOUNG_SECONDS = 120.0
LONGEST_WHILE_YOUNG_SECONDS = 12.0
# A probe that hung has used up its interval; this much is left to the vendor all the same.
SHORTEST_SECONDS = 1.0


class Outage:
    """From a circuit's opening until it closes: `interval_seconds` is how long it is, or was last, open at a stretch.

    `is_probed_early`: in this interval a probe was made before its time.
    """

    def __init__(self, clock: Clock, *, longest_seconds: float) -> None:
        self._clock = clock
        self._began = clock.monotonic()
        self._base_seconds = FIRST_SECONDS
        self.opened_at = clock.now()
        self.is_probed_early = False
        self.interval_seconds = min(FIRST_SECONDS, longest_seconds)
        self._ends_at = self._began + self.interval_seconds

    def until_probe(self) -> float:
        """Seconds until a probe is due, 0 when it is."""
        return max(0.0, self._ends_at - self._clock.monotonic())

    def go_on(self, *, longest_seconds: float, probed_for_seconds: float) -> None:
        """A probe that took so long has failed: the next interval counts from its beginning."""
        now = self._clock.monotonic()
        is_young = now - self._began < YOUNG_SECONDS
        limit = min(longest_seconds, LONGEST_WHILE_YOUNG_SECONDS) if is_young else longest_seconds
        self._base_seconds = min(self._base_seconds * GROWTH, max(limit, FIRST_SECONDS))
        wished = min(self._base_seconds * self._clock.rng.uniform(1 - JITTER, 1 + JITTER), limit)
        self.interval_seconds = max(wished - probed_for_seconds, min(SHORTEST_SECONDS, limit))
        self._ends_at = now + self.interval_seconds
        self.is_probed_early = False

    def shorten(self, longest_seconds: float) -> None:
        """From now on no interval is longer than this; the one under way neither."""
        self._ends_at = min(self._ends_at, self._clock.monotonic() + longest_seconds)
