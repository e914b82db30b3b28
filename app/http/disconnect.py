"""What happens to work whose caller has left? It is cancelled.

The framework does not cancel a plain handler when its caller leaves. Our own server does, where it is told to; for
others the edge listens for it. Use this only once the body has been read: what is still unread is thrown away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar, cast

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

Result = TypeVar("Result")

# Of our own server (app/cli/exchange.py), an extension that its scopes name: it says there that its caller `has_left`,
# and cancels the task that answers him while it is asked for that.
CALLER_LEAVES = "llm.caller_leaves"
# What is answered sooner needs nobody who listens: a task for that is 3 µs a request, and one more turn of the loop; a
# timer 1. Whoever leaves before is noticed then.
LISTENS_AFTER_SECONDS = 0.02


async def unless_caller_leaves(scope: Scope, receive: Receive, work: Awaitable[Result]) -> Result:
    """What `work` gives. Raises ClientDisconnect, after cancelling `work`, when the caller leaves first."""
    server = scope.get("extensions", {}).get(CALLER_LEAVES)
    # Of one who has left before nothing more is said: who listens hears it.
    if server is None or server["has_left"]:
        return await _listening(receive, work)
    server["cancels"] = True
    try:
        return await work
    except asyncio.CancelledError:
        _check_alone(has_left=server["has_left"])
        raise
    finally:
        server["cancels"] = False


def _check_alone(*, has_left: bool) -> None:
    """Raises ClientDisconnect where the work was cancelled for that alone.

    To the server this is a request that ended, not a task that was killed.
    """
    if has_left and cast("asyncio.Task[Any]", asyncio.current_task()).uncancel() == 0:
        raise ClientDisconnect from None


async def _listening(receive: Receive, work: Awaitable[Result]) -> Result:
    loop = asyncio.get_running_loop()
    listener = _Listener(receive, cast("asyncio.Task[Any]", asyncio.current_task(loop)))
    timer = loop.call_later(LISTENS_AFTER_SECONDS, listener.begin)
    try:
        return await work
    except asyncio.CancelledError:
        _check_alone(has_left=listener.has_heard)
        raise
    finally:
        timer.cancel()
        listener.end()


class _Listener:
    """Cancels `worker` when its caller leaves."""

    __slots__ = ("_receive", "_task", "_worker", "has_heard")

    def __init__(self, receive: Receive, worker: asyncio.Task[Any]) -> None:
        self._receive = receive
        self._worker = worker
        self._task: asyncio.Task[None] | None = None
        self.has_heard = False

    def begin(self) -> None:
        """From now on."""
        self._task = asyncio.create_task(self._listen())

    def end(self) -> None:
        """No more."""
        # Not kept: the traceback of its error leads back to us, and what we hold would be left to the collector.
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.has_heard = True
        self._worker.cancel()
