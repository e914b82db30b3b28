"""What stands between the server and the first layer of ours? Nothing of the framework's."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

# What they do for a request `Passage` does, or our configuration turns off. By name: two of them are the framework's
# own affair, and its older releases have none.
_NOT_NEEDED = {"ServerErrorMiddleware", "ExceptionTelemetryMiddleware", "AppBodyLimitMiddleware"}


class BareApp(FastAPI):
    """The framework's application without its outer layers.

    Each of those is a frame that every turn of a request resumes, and one a `send` around every piece of its answer.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        await self.way_in(scope, receive, send)

    def way_in(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """ASGI, for a server that asks nothing but to be given what it awaits: it has a frame less."""
        if scope["type"] != "http" or self.middleware_stack is None:
            return super().__call__(scope, receive, send)
        scope["app"] = self
        return self.middleware_stack(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """The layers from the first of ours on."""
        layer: Any = super().build_middleware_stack()
        while type(layer).__name__ in _NOT_NEEDED:
            layer = layer.app
        stack: ASGIApp = layer
        return stack
