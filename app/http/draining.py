"""How does the edge end? First it is ready no more, then it takes no new calls, then it cuts those still under way.

The process's own part, signals and sockets, is the command's.
"""

from __future__ import annotations

import asyncio
import logging

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.edge import Edge, Phase
from app.http.problems import problem_response
from contracts import ShuttingDownError

# Time for the last words of those who were cut.
LAST_WORDS_SECONDS = 1.0
# Whoever is refused here comes back at once: to another instance, or to the one that takes this one's place.
_COME_BACK_SECONDS = 1.0
# What only looks is answered to the end.
_READS = {"GET", "HEAD"}
_log = logging.getLogger(__name__)


async def wind_down(edge: Edge, *, drain_seconds: float, stream_drain_seconds: float) -> None:
    """Ends the edge in order. Calls are taken for `drain_seconds` more, so that balancers can see that `/readyz` is
    503; those under way then have `stream_drain_seconds`. Cancelled, it cuts them at once.
    """
    edge.drain()
    try:
        _log.info("draining: calls are taken for %g s more", drain_seconds)
        await asyncio.sleep(drain_seconds)
        edge.close()
        _log.info("closed to new calls: %d under way may end within %g s", len(edge.under_way), stream_drain_seconds)
        await edge.under_way.is_over(within_seconds=stream_drain_seconds)
    finally:
        edge.close()
        if edge.under_way:
            _log.warning("%d calls did not end in time and are cut", len(edge.under_way))
            edge.under_way.cut()
    await edge.under_way.is_over(within_seconds=LAST_WORDS_SECONDS)


class DrainMiddleware:
    """Knows every request that is under way, refuses new calls once the edge is closed, and has connections closed
    from the moment that the edge drains, so that whoever keeps one goes elsewhere next time.
    """

    def __init__(self, app: ASGIApp, edge: Edge) -> None:
        self.app = app
        self._edge = edge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_begun = False

        async def parting(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                if self._edge.is_ending:
                    MutableHeaders(scope=message)["connection"] = "close"
            await send(message)

        try:
            if self._edge.phase is Phase.CLOSED and scope["method"] not in _READS:
                msg = "the service is shutting down: send requests elsewhere"
                raise ShuttingDownError(msg, retry_after=_COME_BACK_SECONDS)
            await self._edge.under_way.until_cut(self.app(scope, receive, parting))
        except ShuttingDownError as error:
            # Of a body that has begun, the server's closing of the connection says that it is not whole.
            if not has_begun:
                await problem_response(error, scope)(scope, receive, parting)
