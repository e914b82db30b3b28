"""How long was this process there to hear an answer? A clock that hardly runs while the event loop is held up.

A time that passes while nobody can read says nothing about who was asked: the answer may lie there unread.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

TICK_SECONDS = 0.005
# What the time between two ticks counts for at most. The loop reads what came between any two of them.
MOST_A_TICK_SECONDS = 2 * TICK_SECONDS


class ListeningClock:
    """Gives seconds. Ticks from `begin` on, for as long as `tick` says that somebody waits. `clock` gives seconds.

    Belongs to one event loop.
    """

    def __init__(self, tick: Callable[[], bool], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._tick = tick
        self._clock = clock
        self._heard = 0.0
        self._ticked_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """It runs from now on; does nothing when it does so already."""
        if self._timer is None:
            self._ticked_at = self._clock()
            self._wait()

    def now(self) -> float:
        """Seconds so far."""
        if self._timer is None:
            return self._heard
        return self._heard + min(self._clock() - self._ticked_at, MOST_A_TICK_SECONDS)

    def stop(self) -> None:
        """It stands still until it is begun again."""
        if self._timer is not None:
            self._heard = self.now()
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(TICK_SECONDS, self._ring)

    def _ring(self) -> None:
        self._heard = self.now()
        self._ticked_at = self._clock()
        if self._tick():
            self._wait()
        else:
            self._timer = None
