"""Who was turned away from the administration? Entries of the audit, too few for a stranger to fill a disk with.

Twenty at once, and one more each minute, for each process: 1,440 a day, about half a megabyte. What is passed over is
counted, and the next entry, or the last one of the process, tells the count.
"""

from __future__ import annotations

from app.engine.auditing import Auditing, unattended
from app.resilience.clock import Clock
from contracts.errors import LLMProviderError

ACTION = "auth.refused"
_MOST_AT_ONCE = 20
_SECONDS_EACH = 60.0


class Refusals:
    """Writes them into the audit. Nobody waits: nothing was done that could be lost."""

    def __init__(self, auditing: Auditing, clock: Clock) -> None:
        self._auditing = auditing
        self._clock = clock
        self._allowance = float(_MOST_AT_ONCE)
        self._counted_at = clock.monotonic()
        self._passed_over = 0

    def refused(self, endpoint: str, error: LLMProviderError) -> None:
        """The sender of this line's request may not use `endpoint`. Neither waits nor raises."""
        now = self._clock.monotonic()
        gained = (now - self._counted_at) / _SECONDS_EACH
        self._allowance = min(self._allowance + gained, _MOST_AT_ONCE)
        self._counted_at = now
        if self._allowance < 1:
            self._passed_over += 1
            return
        self._allowance -= 1
        self._write(error.error_type, endpoint)

    def tell_rest(self) -> None:
        """The process ends: how many were passed over since the last entry."""
        if self._passed_over:
            self._write("passed_over", None)

    def _write(self, outcome: str, endpoint: str | None) -> None:
        after = {"passed_over": self._passed_over} if self._passed_over else None
        self._passed_over = 0
        unattended(self._auditing.write(self._auditing.entry(ACTION, outcome, target=endpoint, after=after)))
