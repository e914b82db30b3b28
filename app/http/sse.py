"""How does an open answer reach its caller, event by event?

Nothing is sent before the first content, so that until then errors are real statuses. Headers are held back for so
long only (`StreamPace.hold_seconds`): then 200 and comments go out, fallback goes on unseen, and a failure of all
candidates is the stream's last event. How an event is written is the endpoint's (`EventWriter`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from functools import lru_cache
from typing import Any, Protocol

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.http.disconnect import unless_caller_leaves
from app.http.edge import StreamPace, edge_of
from app.http.headers import stream_headers
from app.http.problems import internal_error
from app.http.trail import trail_of
from app.http.under_way import UnderWay
from contracts import AnswerStream, CacheResult, DoneEvent, ErrorEvent, LLMProviderError, RelayedEvent, StreamEvent

MEDIA_TYPE = "text/event-stream; charset=utf-8"
_COMMENT = b": still here\n\n"
# A proxy that buffers would hold back what the model says until it has said all.
_HEADERS = (
    (b"content-type", MEDIA_TYPE.encode()),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)
# No event follows them.
_LAST = (DoneEvent, ErrorEvent)
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
    """The response to a stream that is being opened; raises what `opening` raises while headers are held back.

    It opens in the request's own task: one of its own is three turns of the loop on the way to the first content.
    """
    under_way = edge_of(request).under_way
    beside = _Beside(request._send, pace)  # noqa: SLF001
    try:
        stream = await unless_caller_leaves(request.scope, request.receive, under_way.until_cut(opening))
    except Exception as error:
        if beside.has_begun:
            return EventStream(None, error, beside, under_way, writer)
        beside.end()
        raise
    except BaseException:
        beside.end()
        raise
    return EventStream(stream, None, beside, under_way, writer)


class EventStream(Response):
    """An ASGI response that relays the events of `stream`, and closes it however it ends; cut, it still says so.

    Without one it says why: `error`, met when the head was sent already.
    """

    def __init__(
        self,
        stream: AnswerStream | None,
        error: Exception | None,
        beside: _Beside,
        under_way: UnderWay,
        writer: EventWriter,
    ) -> None:
        # Its head is `_Beside`'s: none is prepared here.
        self.status_code = 200
        self.background = None
        self._stream = stream
        self._error = error
        self._beside = beside
        self._under_way = under_way
        self._writer = writer
        self._is_taken = False
        self._held = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        try:
            await unless_caller_leaves(scope, receive, self._relay(scope, send))
        except ClientDisconnect:
            return
        finally:
            self._beside.end()
            if self._stream is not None and not self._is_taken:
                await self._stream.aclose()

    async def _relay(self, scope: Scope, send: Send) -> None:
        await self._beside.begin(self._stream)
        try:
            if self._stream is None:
                error, self._error = self._error, None
                raise error or internal_error()
            await self._events(self._stream, send)
        except ClientDisconnect:
            raise
        except LLMProviderError as error:
            self._held = self._failure(error, scope)
        except Exception:
            await send({"type": "http.response.body", "body": self._failure(internal_error(), scope)})
            raise
        finally:
            self._beside.end()
        await send({"type": "http.response.body", "body": self._held})

    async def _events(self, stream: AnswerStream, send: Send) -> None:
        """Until it is cut, as by `UnderWay.until_cut`, whose frame would be one more that each event wakes.

        What came at once leaves in one write, of streams that know it, and the last event with the end of the body: a
        write costs as much as all else of an event.
        """
        write = self._writer.write
        self._is_taken = True
        task = self._under_way.begin()
        try:
            async with stream:
                async for event in stream:
                    self._held += write(event)
                    if self._held and not (isinstance(event, _LAST) or getattr(stream, "is_next_at_hand", False)):
                        held, self._held = self._held, b""
                        await send({"type": "http.response.body", "body": held, "more_body": True})
        except asyncio.CancelledError:
            if (cut := self._under_way.cut_error(task)) is not None:
                raise cut from None
            raise
        finally:
            self._under_way.end(task)

    def _failure(self, error: LLMProviderError, scope: Scope) -> bytes:
        trail = trail_of(scope)
        error.request_id = error.request_id or trail.request_id
        error.correlation_id = error.correlation_id or trail.correlation_id
        return self._held + self._writer.fail(error)


def relayed_bytes(event: RelayedEvent) -> bytes:
    """A vendor's own event, under its own name."""
    name = "" if event.event == "message" else f"event: {event.event}\n"
    lines = event.data.replace("\n", "\ndata: ")
    return f"{name}data: {lines}\n\n".encode()


def _send(send: Send, chunk: bytes) -> Awaitable[None]:
    return send({"type": "http.response.body", "body": chunk, "more_body": True})


def _headers(stream: AnswerStream | None) -> list[tuple[bytes, bytes]]:
    if stream is None:
        return list(_HEADERS)
    return [*_told(stream.provider, stream.model, stream.attempts, stream.cache), *_HEADERS]


@lru_cache(maxsize=256)
def _told(provider: str, model: str, attempts: int, cache: CacheResult) -> tuple[tuple[bytes, bytes], ...]:
    """Who answers: the same few for all."""
    told = stream_headers(provider=provider, model=model, attempts=attempts, cache=cache)
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in told.items())


class _Beside:
    """What goes out beside the events: a head that was held back for long, then comments in equal intervals.

    A timer, and a task only when it is time: most streams begin, and end, before the first. It is set anew when it
    rings, not when the head goes out, which is on the way of the first content.
    """

    __slots__ = ("_due", "_every_seconds", "_loop", "_send", "_task", "_timer", "has_begun")

    def __init__(self, send: Send, pace: StreamPace) -> None:
        self._send = send
        self._every_seconds = pace.comment_seconds
        self._task: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time() + pace.hold_seconds
        self._timer = self._loop.call_later(min(pace.hold_seconds, pace.comment_seconds), self._ring)
        self.has_begun = False

    async def begin(self, stream: AnswerStream | None) -> None:
        """Sends the head of `stream`, if none was sent."""
        if not self.has_begun:
            self.has_begun = True
            self._due = self._loop.time() + self._every_seconds
            await self._send({"type": "http.response.start", "status": 200, "headers": _headers(stream)})
        elif self._task is not None and not self._task.done():
            await asyncio.wait({self._task})

    def end(self) -> None:
        """No more of them."""
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _ring(self) -> None:
        if self._loop.time() >= self._due:
            self._due = self._loop.time() + self._every_seconds
            # A reader who has not taken the last one needs no other.
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._sign())
        self._timer = self._loop.call_at(self._due, self._ring)

    async def _sign(self) -> None:
        if not self.has_begun:
            self.has_begun = True
            await self._send({"type": "http.response.start", "status": 200, "headers": _headers(None)})
        # Bytes, not headers alone: some proxies hold those back until something follows.
        await _send(self._send, _COMMENT)
