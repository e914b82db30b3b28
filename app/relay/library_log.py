"""What becomes of the Kafka library's own lines? Few go to our log: it repeats itself while a broker is away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

EVERY_SECONDS = 60.0
# It says at each start that an option of ours is experimental: a guarantee that we test ourselves.
_OF_OUR_OPTIONS = "CONFWARN"

_log = logging.getLogger("app.relay.library")


class LibraryLog:
    """The library's logger: writes the first line, then at most one a minute with how many went unsaid.

    None is worse than a warning: what is fatal to a producer only makes us take a new one.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._told_at: float | None = None
        self._unsaid = 0
        # While we take back what is on its way, it calls that a failure.
        self.is_silent = False

    def log(self, level: int, message: str, *words: str) -> None:
        """One line; `words` are its facility, the client's name and the text."""
        if self.is_silent or words[:1] == (_OF_OUR_OPTIONS,):
            return
        now = self._monotonic()
        if self._told_at is not None and now - self._told_at < EVERY_SECONDS:
            self._unsaid += 1
            return
        unsaid, self._unsaid, self._told_at = self._unsaid, 0, now
        _log.log(min(level, logging.WARNING), "%s (and %d lines before it)", message % words, unsaid)
