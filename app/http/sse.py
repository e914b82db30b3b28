"""How does an open answer reach its caller, event by event?

Nothing is sent before the first content, so that until then errors are real statuses. Headers are held back for so
long only (`StreamPace.hold_seconds`): then 200 and comments go out, fallback goes on unseen, and a failure of all
candidates is the stream's last event. How an event is written is the endpoint's (`EventWriter`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.http.disconnect import unless_caller_leaves
from app.http.edge import StreamPace, edge_of
from app.http.headers import stream_headers
from app.http.problems import internal_error
from app.http.trail import trail_of
from app.http.under_way import UnderWay
from contracts import AnswerStream, LLMProviderError, RelayedEvent, StreamEvent

MEDIA_TYPE = "text/event-stream; charset=utf-8"
_COMMENT = b": still here\n\n"
_Opening = Coroutine[Any, Any, AnswerStream]


class EventWriter(Protocol):
    """Writes the events of one stream as server-sent events. It may hold state."""

    def write(self, event: StreamEvent) -> bytes:
        """What goes out for `event`; nothing where it waits, or is not for the caller."""
        ...

    def fail(self, error: LLMProviderError) -> bytes:
        """The last that goes out for a stream whose opening or reading failed; `error` carries the request's ids."""
        ...


async def answer_stream(request: Request, opening: _Opening, pace: StreamPace, writer: EventWriter) -> Response:
    """The response to a stream that is being opened; raises what `opening` raises while headers are held back."""
    task = asyncio.ensure_future(opening)
    try:
        await unless_caller_leaves(request.receive, asyncio.wait({task}, timeout=pace.hold_seconds))
        if task.done():
            task.result()
    except BaseException:
        await _discard(task)
        raise
    return EventStream(task, pace, edge_of(request).under_way, writer)


class EventStream(Response):
    """An ASGI response that relays the events of `opening`, and closes it however it ends; cut, it still says so."""

    def __init__(
        self, opening: asyncio.Task[AnswerStream], pace: StreamPace, under_way: UnderWay, writer: EventWriter
    ) -> None:
        super().__init__(status_code=200)
        self._writer = writer
        self._opening = opening
        self._pace = pace
        self._under_way = under_way
        self._is_taken = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        try:
            await unless_caller_leaves(receive, self._relay(scope, send))
        except ClientDisconnect:
            return
        finally:
            if not self._is_taken:
                await _discard(self._opening)

    async def _relay(self, scope: Scope, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self._first_headers().raw})
        if not self._opening.done():
            # Bytes, not headers alone: some proxies hold those back until something follows.
            await _send(send, _COMMENT)
        signs_of_life = _SignsOfLife(send, self._pace.comment_seconds)
        try:
            await self._under_way.until_cut(self._events(send))
        except LLMProviderError as error:
            await _send(send, self._failure(error, scope))
        except Exception:
            await _send(send, self._failure(internal_error(), scope))
            await send({"type": "http.response.body", "body": b""})
            raise
        finally:
            signs_of_life.end()
        await send({"type": "http.response.body", "body": b""})

    async def _events(self, send: Send) -> None:
        stream = await self._opening
        self._is_taken = True
        async with stream:
            async for event in stream:
                if written := self._writer.write(event):
                    await _send(send, written)

    def _first_headers(self) -> Headers:
        headers = MutableHeaders()
        if self._opening.done():
            stream = self._opening.result()
            headers.update(
                stream_headers(
                    provider=stream.provider, model=stream.model, attempts=stream.attempts, cache=stream.cache
                )
            )
        # A proxy that buffers would hold back what the model says until it has said all.
        headers.update({"content-type": MEDIA_TYPE, "cache-control": "no-store", "x-accel-buffering": "no"})
        return headers

    def _failure(self, error: LLMProviderError, scope: Scope) -> bytes:
        trail = trail_of(scope)
        error.request_id = error.request_id or trail.request_id
        error.correlation_id = error.correlation_id or trail.correlation_id
        return self._writer.fail(error)


def relayed_bytes(event: RelayedEvent) -> bytes:
    """A vendor's own event, under its own name."""
    name = "" if event.event == "message" else f"event: {event.event}\n"
    lines = event.data.replace("\n", "\ndata: ")
    return f"{name}data: {lines}\n\n".encode()


async def _send(send: Send, chunk: bytes) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": True})


class _SignsOfLife:
    """Comments in equal intervals. A timer, and a task only when it is time: most streams end before the first."""

    __slots__ = ("_comment", "_every_seconds", "_send", "_timer")

    def __init__(self, send: Send, every_seconds: float) -> None:
        self._send = send
        self._every_seconds = every_seconds
        self._comment: asyncio.Task[None] | None = None
        self._timer = self._set()

    def end(self) -> None:
        """No more of them."""
        self._timer.cancel()
        if self._comment is not None:
            self._comment.cancel()

    def _set(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(self._every_seconds, self._give)

    def _give(self) -> None:
        # A reader who has not taken the last one needs no other.
        if self._comment is None or self._comment.done():
            self._comment = asyncio.create_task(_send(self._send, _COMMENT))
        self._timer = self._set()


async def _discard(opening: asyncio.Task[AnswerStream]) -> None:
    """Ends an opening that nobody waits for any more, and closes what it may have opened."""
    opening.cancel()
    await asyncio.wait({opening})
    if not opening.cancelled() and opening.exception() is None:
        await opening.result().aclose()
