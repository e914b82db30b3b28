"""May Redis be asked now? A local circuit: what is down must cost nobody a wait.

A broken connection opens it at once, three times too slow in a row open it too. Only a probe closes it: a late reply
to somebody who asked before says nothing about now. When only writes are refused, reads go on.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable

from app.stores.redis_faults import refuses_writes_only, words_for
from app.stores.seldom import Seldom

logger = logging.getLogger(__name__)

TIMEOUTS_IN_A_ROW = 3
# A timer of this process that rings so much too late says that nobody was there to read a reply.
LATE = 1.2
# A full Redis takes an answer now and then: it is not news each time.
REFUSALS_TOLD_EVERY_SECONDS = 60.0


class RedisCircuit:
    """What is known of the Redis at `address`: whether it may be asked, and told.

    `fault` says why it is not used as it should be, None while it is. `trouble` is set when it may not be what it was:
    somebody should look.
    """

    def __init__(self, address: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.fault: str | None = None
        self.may_read = True
        self.may_write = True
        self.trouble = asyncio.Event()
        self._address = address
        self._clock = clock
        self._answered_at = -math.inf
        self._timeouts = 0
        self._refusals = Seldom(REFUSALS_TOLD_EVERY_SECONDS, clock)
        self._is_told = False

    def answered(self) -> None:
        """It answered somebody in time."""
        self._timeouts = 0
        self._answered_at = self._clock()
        if self.fault is None:
            self.trouble.clear()

    def kept_waiting(self, *, since: float, within_seconds: float) -> None:
        """Somebody who asked at `since` had no answer in time, for which Redis may not be to blame.

        When others were answered meanwhile, or the time was over long ago, it is this process that is too busy: then
        only the watch is asked to look.
        """
        if self._answered_at >= since or self._clock() - since > LATE * within_seconds:
            self.trouble.set()
        else:
            self.timed_out()

    def timed_out(self) -> None:
        """It did not answer in time."""
        self._timeouts += 1
        self.trouble.set()
        if self._timeouts >= TIMEOUTS_IN_A_ROW:
            self.failed(TimeoutError())

    def failed(self, failure: Exception) -> None:
        """It broke off, or refused somebody. Once it is open nobody's failure changes that."""
        if self.may_read:
            self.probed(failure)

    def probed(self, failure: Exception | None) -> None:
        """A look at it: None when it took what it was told, and answered; else why it did not."""
        if failure is None:
            self._close()
        elif refuses_writes_only(failure):
            self._refuse_writes(words_for(failure, self._address))
        else:
            self._open(words_for(failure, self._address))

    def _open(self, fault: str) -> None:
        if self.may_read:
            logger.warning("%s: the cache does without it", fault)
            self._is_told = True
        self.fault, self.may_read, self.may_write = fault, False, False
        self.trouble.set()

    def _refuse_writes(self, fault: str) -> None:
        if self.may_write or not self.may_read:
            self._is_told = self._refusals.count() is not None or self._is_told
            if self._is_told:
                logger.warning("%s: what it holds is still given", fault)
        self.fault, self.may_read, self.may_write = fault, True, False
        self._timeouts = 0
        self.trouble.set()

    def _close(self) -> None:
        if self._is_told:
            logger.info("Redis at %s is used again", self._address)
            self._is_told = False
        self.fault, self.may_read, self.may_write = None, True, True
        self._timeouts = 0
        self.trouble.clear()
