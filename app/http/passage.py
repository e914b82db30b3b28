"""What does every request pass on its way in, and its answer on the way out?

It gets its ids and the dialect of its errors, is refused once the edge is closed, and is cut at its end; an endpoint
that needs no search is called from here. Its answer is stamped, its defects become a 500, and its time is measured from
the first byte to the last.

All of that in one layer: each layer more is a frame that every turn of a request resumes and a `send` that every piece
of its answer goes through, 0.5 µs a request for one that does nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.direct_routes import DirectRequest, DirectRoutes, handled
from app.http.edge import EDGE, Edge, Phase
from app.http.problems import ANSWERED, internal_error, log_defect, problem_response
from app.http.trail import begin_trail
from app.http.whole_answer import WHOLE_ANSWER
from app.ports.trail import Trail, enter_trail, leave_trail
from contracts import LLMProviderError, ShuttingDownError

# A connection that its peer closed before any answer; as nginx counts it.
_NO_ANSWER = 499
# Whoever is refused here comes back at once: to another instance, or to the one that takes this one's place.
_COME_BACK_SECONDS = 1.0
_NO_SNIFF = "x-content-type-options: nosniff"
# What only looks is answered to the end.
_READS = {"GET", "HEAD"}

# Has the errors of a request said in its dialect; gives the header under which that one looks for the request's id.
Speak = Callable[[Scope], str | None]


class Passage:
    """The outermost layer of ours."""

    def __init__(self, app: ASGIApp, edge: Edge, speak: Speak, direct: DirectRoutes | None = None) -> None:
        self.app = app
        self._edge = edge
        self._speak = speak
        self._direct = direct or DirectRoutes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        edge = scope[EDGE] = self._edge
        trail = begin_trail(scope)
        way_out = _WayOut(send, trail, edge, self._speak(scope))
        token = enter_trail(trail)
        task = edge.under_way.begin()
        try:
            if edge.phase is Phase.CLOSED and scope["method"] not in _READS:
                msg = "the service is shutting down: send requests elsewhere"
                raise ShuttingDownError(msg, retry_after=_COME_BACK_SECONDS)
            if (endpoint := self._direct.endpoint_of(scope)) is None:
                await self.app(scope, receive, way_out.send)
            else:
                request = DirectRequest(scope, receive, way_out.send)
                try:
                    response = await endpoint(request)
                except ANSWERED as error:
                    response = await handled(request, error)
                await response(scope, receive, way_out.send)
        except (Exception, asyncio.CancelledError) as error:
            await way_out.fail(error, task, scope, receive)
        finally:
            edge.under_way.end(task)
            leave_trail(token)
            if edge.witness is not None:
                # By its route's template: a path is its caller's text.
                template = getattr(scope.get("route"), "path", None)
                edge.witness.http_ended(scope["method"], template, way_out.status, time.perf_counter() - began)


class _WayOut:
    """What one answer passes. `status` is what it began with."""

    __slots__ = ("_edge", "_id_header", "_send", "_trail", "has_begun", "is_whole", "status")

    def __init__(self, send: Send, trail: Trail, edge: Edge, id_header: str | None) -> None:
        self._send = send
        self._trail = trail
        self._edge = edge
        self._id_header = id_header
        self.status = _NO_ANSWER
        self.has_begun = self.is_whole = False

    def send(self, message: Message) -> Awaitable[None]:
        """ASGI; no coroutine of its own, since it waits for nothing."""
        if message["type"] == "http.response.start":
            self.has_begun = True
            self.status = message["status"]
            message["headers"] = self._stamped(message["headers"])
        elif message["type"] == WHOLE_ANSWER:
            self.has_begun = self.is_whole = True
            self.status = message["status"]
            message["lines"] = [*message["lines"], *self._stamps()]
        else:
            self.is_whole = not message.get("more_body", False)
        return self._send(message)

    async def fail(self, error: BaseException, task: asyncio.Task[Any], scope: Scope, receive: Receive) -> None:
        """Tells the caller why `task` does not answer him. Raises a cancellation that is not for him, and a defect of
        which he can only be told by a broken connection.
        """
        if isinstance(error, asyncio.CancelledError):
            cut = self._edge.under_way.cut_error(task)
            if cut is None:
                raise error
            await self._tell(cut, scope, receive)
        elif isinstance(error, ShuttingDownError):
            await self._tell(error, scope, receive)
        else:
            log_defect(error, scope)
            await self._tell(internal_error(), scope, receive)
            if not self.is_whole:
                raise internal_error() from None

    async def _tell(self, error: LLMProviderError, scope: Scope, receive: Receive) -> None:
        """Answers with `error`. Of a body that has begun, a broken connection says that it is not whole."""
        if not self.has_begun:
            await problem_response(error, scope)(scope, receive, self.send)

    def _stamped(self, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """The headers of an answer, with those that every answer has behind its own."""
        stamps = [line.encode().partition(b": ")[::2] for line in self._stamps()]
        if self._edge.is_ending:
            given = [one for one in given if one[0] != b"connection"]
        return [*given, *stamps]

    def _stamps(self) -> list[str]:
        """The headers that every answer has, as lines."""
        trail = self._trail
        request_id = trail.request_id
        stamps = [f"x-request-id: {request_id.strip()}", f"x-correlation-id: {trail.correlation_id.strip()}", _NO_SNIFF]
        if self._id_header is not None:
            stamps.append(f"{self._id_header}: {request_id}")
        # Nearly always, and known without the property.
        if self._edge.phase is not Phase.RUNNING and self._edge.is_ending:
            # Whoever keeps a connection goes elsewhere next time.
            stamps.append("connection: close")
        return stamps
