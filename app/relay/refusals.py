"""Which events does the broker refuse for their own sake? They stay in the outbox, and hold nobody up."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection

_log = logging.getLogger(__name__)

# Somebody may have told the broker to take larger ones.
AGAIN_AFTER_SECONDS = 60.0
# They are read over at each look: so many are no accident of one event.
MOST = 1000


class Refusals:
    """The ids of events that were refused; each is tried again after a minute."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._since: dict[str, float] = {}

    def add(self, event_id: str) -> None:
        """The broker refused this one, and no other that was sent with it."""
        if not self._since:
            _log.warning("Kafka refuses the event %s, most likely for its size: it stays in the outbox", event_id)
        self._since[event_id] = self._monotonic()

    def events(self) -> Collection[str]:
        """Those that are not to be sent now."""
        now = self._monotonic()
        self._since = {one: since for one, since in self._since.items() if now - since < AGAIN_AFTER_SECONDS}
        return self._since.keys()

    @property
    def are_too_many(self) -> bool:
        """Whether nothing more is to be sent until some of them are tried again."""
        return len(self._since) >= MOST

    def fault(self) -> str | None:
        """How many there are, in words; None: none."""
        return f"Kafka refuses {len(self._since)} events, most likely for their size" if self._since else None
