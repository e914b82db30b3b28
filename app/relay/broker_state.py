"""Is the broker well, and who is told when that changes? One line of the log at its going, one at its coming."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

_log = logging.getLogger(__name__)


class BrokerState:
    """What was last learnt of the brokers at `servers`."""

    def __init__(self, servers: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._servers = servers
        self._monotonic = monotonic
        self._went_at = 0.0
        self.fault: str | None = None

    def went(self, what: str) -> None:
        """It is not well: `what` goes on a sentence that begins with its name."""
        if self.fault is None:
            self._went_at = self._monotonic()
            _log.warning("Kafka at %s %s: events wait in the outbox", self._servers, what)
        self.fault = f"Kafka at {self._servers} {what}"

    def came(self) -> None:
        """It is well."""
        if self.fault is not None:
            seconds = self._monotonic() - self._went_at
            _log.info("Kafka at %s is back after %.1f s", self._servers, seconds)
        self.fault = None
