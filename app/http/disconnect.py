"""What happens to work whose caller has left? It is cancelled.

The framework does not cancel a plain handler when its caller leaves, so the edge listens for it. Use this only once
the body has been read: what is still unread is thrown away.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable
from contextvars import Context
from typing import Any, ClassVar, TypeVar, cast

from starlette.requests import ClientDisconnect
from starlette.types import Receive

Result = TypeVar("Result")

# What is answered sooner needs nobody who listens: a task for that is 3 µs a request, and one more turn of the loop.
# Whoever leaves before is noticed then.
LISTENS_AFTER_SECONDS = 0.02
# How exact a loop's timers are.
_CLOCK_SECONDS = 0.001


async def unless_caller_leaves(receive: Receive, work: Awaitable[Result]) -> Result:
    """What `work` gives. Raises ClientDisconnect, after cancelling `work`, when the caller leaves first."""
    worker = cast("asyncio.Task[Any]", asyncio.current_task())
    listener = _Listener(receive, worker)
    _Wait.of(worker.get_loop()).add(listener)
    try:
        return await work
    except asyncio.CancelledError:
        # Cancelled by our listener alone: to the server this is a request that ended, not a task that was killed.
        if listener.has_heard and worker.uncancel() == 0:
            raise ClientDisconnect from None
        raise
    finally:
        listener.end()


class _Listener:
    """Cancels `worker` when its caller leaves. `due` is the time of the loop from which on it is to listen."""

    __slots__ = ("_task", "_worker", "due", "has_heard", "receive")

    def __init__(self, receive: Receive, worker: asyncio.Task[Any]) -> None:
        # None once nobody is to listen any more: who waits holds it a little longer.
        self.receive: Receive | None = receive
        self._worker = worker
        self._task: asyncio.Task[None] | None = None
        self.due = 0.0
        self.has_heard = False

    def begin(self) -> None:
        """From now on, unless it ended."""
        if self.receive is not None:
            self._task = asyncio.create_task(self._listen(self.receive))

    def end(self) -> None:
        """No more."""
        # Not kept: the traceback of its error leads back to us, and what we hold would be left to the collector.
        task, self._task, self.receive = self._task, None, None
        if task is not None:
            task.cancel()

    async def _listen(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.has_heard = True
        self._worker.cancel()


class _Wait:
    """The listeners of one loop that do not listen yet, the oldest first, with one timer for all.

    A timer of its own is made and taken back for each, and whatever is taken back costs the loop a turn.
    """

    _latest: ClassVar[_Wait | None] = None

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._waiting: deque[_Listener] = deque()
        self._is_timed = False
        # Of no request: not of that one which set the timer.
        self._context = Context()

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> _Wait:
        """That of `loop`; where a process has several, another may be made, which does as well."""
        found = cls._latest
        if found is None or found.loop is not loop:
            found = cls._latest = cls(loop)
        return found

    def add(self, listener: _Listener) -> None:
        """It begins when its time has come, unless it has ended."""
        listener.due = self.loop.time() + LISTENS_AFTER_SECONDS
        self._waiting.append(listener)
        if not self._is_timed:
            self._look_in(LISTENS_AFTER_SECONDS)

    def _look(self) -> None:
        now, waiting = self.loop.time() + _CLOCK_SECONDS, self._waiting
        while waiting and (waiting[0].due <= now or waiting[0].receive is None):
            waiting.popleft().begin()
        self._is_timed = False
        if waiting:
            self._look_in(waiting[0].due - now)

    def _look_in(self, seconds: float) -> None:
        self._is_timed = True
        self.loop.call_later(seconds, self._look, context=self._context)
