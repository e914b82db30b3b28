"""When may the next one go, if only so many may go in a minute?

A token bucket (GCRA): a tenth of the minute's allowance may go at once, the rest is spread evenly over the minute. Both
together are the allowance, so that no 60 seconds, wherever they begin, hold more than it; what goes on for long runs
at nine tenths of it. Something larger than the tenth goes when the bucket is full, and leaves it in debt.
"""

from __future__ import annotations

from app.resilience.clock import Clock

BURST_SHARE = 0.1
# Timers of an event loop are no finer; without it a rest of a picosecond would be waited for, for ever.
_INSTANT_SECONDS = 1e-6


class Pace:
    """Paces amounts (calls, or tokens) to `per_minute`."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._clock = clock
        self._at = clock.monotonic()
        self._set(per_minute)
        self._level = self._burst

    def adopt(self, per_minute: int) -> None:
        """Another allowance from now on; what was taken under the old one stays taken."""
        self._refill()
        self._set(per_minute)
        self._level = min(self._level, self._burst)

    def wait(self, amount: float, *, behind: float = 0.0) -> float:
        """Seconds until `amount` may be taken, after others have taken `behind`; 0: now."""
        self._refill()
        seconds = (behind + min(amount, self._burst) - self._level) / self._per_second
        return seconds if seconds > _INSTANT_SECONDS else 0.0

    def take(self, amount: float) -> None:
        """It goes now. A negative amount gives back what was taken in excess."""
        self._refill()
        self._level = min(self._level - amount, self._burst)

    def _set(self, per_minute: int) -> None:
        self._burst = max(1.0, per_minute * BURST_SHARE)
        self._per_second = (per_minute + 1 - self._burst) / 60

    def _refill(self) -> None:
        now = self._clock.monotonic()
        self._level = min(self._level + (now - self._at) * self._per_second, self._burst)
        self._at = now
