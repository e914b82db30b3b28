"""How many events are sent at once, and how long is waited after a failure?"""

from __future__ import annotations

from app.relay.sender import MAX_BATCH

FIRST_SECONDS = 0.5
MOST_SECONDS = 2.0


class Pace:
    """Grows from failure to failure and from success to success. `seconds` is 0 unless the last try failed."""

    def __init__(self) -> None:
        self.batch = MAX_BATCH
        self.seconds = 0.0

    @property
    def has_failed(self) -> bool:
        """Whether nothing has gone well since the last failure."""
        return self.seconds > 0

    def failed(self) -> float:
        """Nothing could be sent: so long is waited now."""
        self.seconds = min(max(FIRST_SECONDS, 2 * self.seconds), MOST_SECONDS)
        return self.seconds

    def succeeded(self) -> None:
        """All was sent."""
        self.seconds = 0.0
        self.batch = min(2 * self.batch, MAX_BATCH)

    def refused(self, *, alone: bool) -> None:
        """The broker refused events for their own sake; not `alone`: which one of several is found out one by one."""
        self.seconds = 0.0
        self.batch = MAX_BATCH if alone else 1

    def idle(self) -> None:
        """There is nothing to send."""
        self.seconds = 0.0
