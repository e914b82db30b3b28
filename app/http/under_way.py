"""Which requests are under way, and what do those learn that the end of the process cuts?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar, cast

from contracts import ShuttingDownError

Result = TypeVar("Result")


class UnderWay:
    """The requests under way, by the tasks that answer them."""

    def __init__(self) -> None:
        self._tasks: dict[asyncio.Task[Any], int] = {}
        self._cut: set[asyncio.Task[Any]] = set()
        self._is_over = asyncio.Event()
        self._is_over.set()

    def __len__(self) -> int:
        return len(self._tasks)

    async def until_cut(self, work: Awaitable[Result]) -> Result:
        """What `work` gives. Raises ShuttingDownError, after cancelling `work`, when the requests are cut meanwhile.

        May be used again inside `work`, by whoever can tell the caller best: the innermost raises.
        """
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._tasks[task] = depth = self._tasks.get(task, 0) + 1
        self._is_over.clear()
        try:
            return await work
        except asyncio.CancelledError:
            if task in self._cut and task.uncancel() == 0:
                self._cut.discard(task)
                msg = "the service ended before the answer was whole"
                raise ShuttingDownError(msg) from None
            raise
        finally:
            if depth > 1:
                self._tasks[task] = depth - 1
            else:
                self._forget(task)

    def cut(self) -> None:
        """Ends every request that is under way."""
        for task in list(self._tasks):
            self._cut.add(task)
            task.cancel()

    async def is_over(self, *, within_seconds: float) -> bool:
        """Whether all have ended, for which it waits so long."""
        try:
            async with asyncio.timeout(within_seconds):
                await self._is_over.wait()
        except TimeoutError:
            return False
        return True

    def _forget(self, task: asyncio.Task[Any]) -> None:
        del self._tasks[task]
        self._cut.discard(task)
        if not self._tasks:
            self._is_over.set()
