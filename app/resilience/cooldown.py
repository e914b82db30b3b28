"""How long a route or a row rests after a vendor's rate limit, and is spared before one is met."""

from __future__ import annotations

from app.resilience.clock import Clock

QUOTA_SECONDS = 300.0
FIRST_SECONDS = 1.0
LONGEST_SECONDS = 60.0


class Cooldown:
    """Rests until the vendor's Retry-After, or 1 s doubling to 60 s where it names none."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # Of the clock; 0: it has never rested, or that was ended.
        self.until = 0.0
        # Of the clock; 0: it is asked in its turn.
        self.spared_until = 0.0
        # How often it was made longer; 0: there is nothing to `clear`.
        self.streak = 0

    def remaining(self) -> float:
        """Seconds left, 0 when it does not rest."""
        return max(0.0, self.until - self._clock.monotonic()) if self.until else 0.0

    def spared_for(self) -> float:
        """Seconds for which others are asked first, 0 when it is asked in its turn."""
        return max(0.0, self.spared_until - self._clock.monotonic()) if self.spared_until else 0.0

    def limited(self, retry_after: float | None) -> None:
        """The vendor said that it is called too often. Calls that are refused together double the rest only once."""
        if retry_after is not None:
            self.rest(retry_after)
        elif not self.remaining():
            self.rest(min(FIRST_SECONDS * 2**self.streak, LONGEST_SECONDS))
            self.streak = min(self.streak + 1, 16)

    def rest(self, seconds: float) -> None:
        """Rests for `seconds` at least."""
        self.until = max(self.until, self._clock.monotonic() + seconds)

    def spare(self, seconds: float) -> None:
        """The vendor said that its limit is used up for `seconds`, of which 60 count; 0: it is not, or no more.

        Who has nobody else to ask is still let through: the limit may be reset earlier than was said.
        """
        self.spared_until = self._clock.monotonic() + min(seconds, LONGEST_SECONDS) if seconds > 0 else 0.0

    def clear(self) -> None:
        """A call went well: the doubling begins anew. A rest goes on, for the call may have begun before it."""
        if self.streak and not self.remaining():
            self.streak = 0

    def end(self) -> None:
        """Ends every rest."""
        self.until = self.spared_until = 0.0
        self.streak = 0
