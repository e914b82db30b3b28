"""Which requests are under way, and what do those learn that the end of the process cuts?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from contracts import ShuttingDownError

Result = TypeVar("Result")

# Who asks is in one.
_running_task = cast("Callable[[], asyncio.Task[Any]]", asyncio.current_task)


class UnderWay:
    """The requests under way, by the tasks that answer them."""

    def __init__(self) -> None:
        self._tasks: dict[asyncio.Task[Any], int] = {}
        self._cut: set[asyncio.Task[Any]] = set()
        self._is_over: asyncio.Event | None = None

    def __len__(self) -> int:
        return len(self._tasks)

    async def until_cut(self, work: Awaitable[Result]) -> Result:
        """What `work` gives. Raises ShuttingDownError, after cancelling `work`, when the requests are cut meanwhile.

        May be used again inside `work`, by whoever can tell the caller best: the innermost raises.
        """
        task = self.begin()
        try:
            return await work
        except asyncio.CancelledError:
            if (cut := self.cut_error(task)) is not None:
                raise cut from None
            raise
        finally:
            self.end(task)

    def begin(self) -> asyncio.Task[Any]:
        """The task that runs is under way, once more if it is already; `end` takes that back."""
        task = _running_task()
        self._tasks[task] = self._tasks.get(task, 0) + 1
        return task

    def end(self, task: asyncio.Task[Any]) -> None:
        """What `begin` began is over."""
        depth = self._tasks.pop(task) - 1
        if depth:
            self._tasks[task] = depth
            return
        self._cut.discard(task)
        if not self._tasks and self._is_over is not None:
            self._is_over.set()

    def cut_error(self, task: asyncio.Task[Any]) -> ShuttingDownError | None:
        """What a task that was cancelled tells its caller where a cut alone has done it; None: that was another."""
        if task not in self._cut or task.uncancel() > 0:
            return None
        self._cut.discard(task)
        return ShuttingDownError("the service ended before the answer was whole")

    def cut(self) -> None:
        """Ends every request that is under way."""
        for task in list(self._tasks):
            self._cut.add(task)
            task.cancel()

    async def is_over(self, *, within_seconds: float) -> bool:
        """Whether all have ended, for which it waits so long."""
        if not self._tasks:
            return True
        self._is_over = asyncio.Event()
        try:
            async with asyncio.timeout(within_seconds):
                await self._is_over.wait()
        except TimeoutError:
            return False
        return True
