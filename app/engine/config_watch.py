"""How soon does a process see what another one changed, of configuration or keys? Half a second after it was stored."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from app.resilience.clock import Clock
from contracts.errors import StoreUnavailableError

logger = logging.getLogger(__name__)

# A second is promised; the rest is for the question itself.
EVERY_SECONDS = 0.5


class ConfigWatch:
    """Calls each of `refreshes` at its start, and then every 0.5 s, in one task, which ends with it and not before.

    For one event loop. A database that is away is waited for; that is told once.
    """

    def __init__(self, refreshes: Sequence[Callable[[], Awaitable[None]]], clock: Clock) -> None:
        self._refreshes = refreshes
        self._clock = clock
        self._is_away = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when it has looked once."""
        await self._look()
        self._begin()

    async def aclose(self) -> None:
        """Ends it. Does nothing when it never began."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    def _begin(self) -> None:
        self._task = asyncio.create_task(self._look_on())
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Only a defect ends it by itself: it is told, and somebody goes on looking."""
        defect = None if task.cancelled() else task.exception()
        if defect is not None and self._task is task:
            logger.error("the watch over configuration and keys broke and is started again", exc_info=defect)
            self._begin()

    async def _look_on(self) -> None:
        while True:
            await self._clock.sleep(EVERY_SECONDS)
            await self._look()

    async def _look(self) -> None:
        try:
            for refresh in self._refreshes:
                await refresh()
        except StoreUnavailableError as failure:
            if not self._is_away:
                logger.warning("configuration and keys: changes in other processes are not seen meanwhile: %s", failure)
            self._is_away = True
        else:
            if self._is_away:
                logger.info("configuration and keys: changes in other processes are seen again")
            self._is_away = False
