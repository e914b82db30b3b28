"""How is an HTTP request measured? From its first byte to its last, under the template of the route that took it."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.edge import Edge

# A connection that its peer closed before any answer; as nginx counts it.
_NO_ANSWER = 499


class MeasureMiddleware:
    """Tells the edge's witness of each request, by its route's template: a path is its caller's text."""

    def __init__(self, app: ASGIApp, edge: Edge) -> None:
        self.app = app
        self._edge = edge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        witness = self._edge.witness
        if scope["type"] != "http" or witness is None:
            await self.app(scope, receive, send)
            return
        status = _NO_ANSWER

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.perf_counter()
        try:
            await self.app(scope, receive, noted)
        finally:
            template = getattr(scope.get("route"), "path", None)
            witness.http_ended(scope["method"], template, status, time.perf_counter() - began)
