"""Who hears of it when a task of the cache breaks by a defect? The log; whoever waited for it has a miss."""

from __future__ import annotations

import asyncio
import logging

logger = logging.getLogger(__name__)


def tell_defect(task: asyncio.Task[None]) -> None:
    """Tells why `task` broke, if it did: to be called when it is done."""
    defect = None if task.cancelled() else task.exception()
    if defect is not None:
        logger.error("the cache goes on without what broke", exc_info=defect)
