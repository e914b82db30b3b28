"""How does an open answer reach its caller, event by event?

Nothing is sent before the first content, so that until then errors are real statuses. Headers are held back for so
long only (`StreamPace.hold_seconds`): then 200 and comments go out, fallback goes on unseen, and a failure of all
candidates is the stream's last event.

    event: text                     any of start, text, reasoning, tool_call, warning: the event as JSON, `type` too
    data: {"type":"text","text":"Hel"}

    event: done                     the last event of a whole answer: the LLMResponse itself
    data: {"request_id":"req_…", …}

    event: error                    the last event of a failed one: the Problem itself
    data: {"type":"urn:…", …}
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from fastapi import Request
from pydantic import BaseModel
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.http.disconnect import unless_caller_leaves
from app.http.edge import StreamPace, edge_of
from app.http.headers import stream_headers
from app.http.problems import internal_error, problem_of
from app.http.trail import trail_of
from app.http.under_way import UnderWay
from contracts import AnswerStream, DoneEvent, ErrorEvent, LLMProviderError, StreamEvent

MEDIA_TYPE = "text/event-stream; charset=utf-8"
_COMMENT = b": still here\n\n"
_Opening = Coroutine[Any, Any, AnswerStream]


async def answer_stream(request: Request, opening: _Opening, pace: StreamPace) -> Response:
    """The response to a stream that is being opened; raises what `opening` raises while headers are held back."""
    task = asyncio.ensure_future(opening)
    try:
        await unless_caller_leaves(request.receive, asyncio.wait({task}, timeout=pace.hold_seconds))
        if task.done():
            task.result()
    except BaseException:
        await _discard(task)
        raise
    return EventStream(task, pace, edge_of(request).under_way)


class EventStream(Response):
    """An ASGI response that relays the events of `opening`, and closes it however it ends; cut, it still says so."""

    def __init__(self, opening: asyncio.Task[AnswerStream], pace: StreamPace, under_way: UnderWay) -> None:
        super().__init__(status_code=200)
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
        sign_of_life = asyncio.create_task(_comment(send, self._pace.comment_seconds))
        try:
            await self._under_way.until_cut(self._events(send))
        except LLMProviderError as error:
            await _send(send, self._failure(error, scope))
        except Exception:
            await _send(send, self._failure(internal_error(), scope))
            await send({"type": "http.response.body", "body": b""})
            raise
        finally:
            sign_of_life.cancel()
        await send({"type": "http.response.body", "body": b""})

    async def _events(self, send: Send) -> None:
        stream = await self._opening
        self._is_taken = True
        async with stream:
            async for event in stream:
                await _send(send, encode_event(event))

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
        return encode_event(ErrorEvent(problem=problem_of(error, instance=scope["path"], trail=trail_of(scope))))


def encode_event(event: StreamEvent) -> bytes:
    """One event as it goes over the wire."""
    payload: BaseModel = event
    if isinstance(event, DoneEvent):
        payload = event.response
    elif isinstance(event, ErrorEvent):
        payload = event.problem
    return f"event: {event.type}\ndata: {payload.model_dump_json()}\n\n".encode()


async def _send(send: Send, chunk: bytes) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _comment(send: Send, every_seconds: float) -> None:
    while True:
        await asyncio.sleep(every_seconds)
        await _send(send, _COMMENT)


async def _discard(opening: asyncio.Task[AnswerStream]) -> None:
    """Ends an opening that nobody waits for any more, and closes what it may have opened."""
    opening.cancel()
    await asyncio.wait({opening})
    if not opening.cancelled() and opening.exception() is None:
        await opening.result().aclose()
