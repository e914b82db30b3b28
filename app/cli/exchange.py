"""How does an answer go to the system? Its head with the first piece of its body, written without detours.

Each write to a socket is a call to the system that wakes whoever reads at the other end: two of them were a tenth of
what a request cost. So a head waits for the first piece of its body: to the end of the loop's turn at most where the
answer comes in pieces; all else is written at once, since a turn that an event of a stream waits is time to its caller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from functools import partial
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

_CONTROLS = bytes(one for one in range(32) if one != ord("\t")) + b"\x7f"
_NOT_IN_NAMES = _CONTROLS + b'\t ()<>@,;:\\[]={}"'
# They end with their head.
_BODILESS_STATUSES = (204, 304)
_LAST_CHUNK = b"0\r\n\r\n"


class Exchange(RequestResponseCycle):
    """uvicorn's request and its answer. To send waits only where the buffer of the system is full."""

    _head = b""
    _loop: asyncio.AbstractEventLoop
    _task: asyncio.Task[None] | None = None

    def begin(self, app: Any, loop: asyncio.AbstractEventLoop, tasks: set[asyncio.Task[None]]) -> None:
        """Has `app` answer, in a task that is among `tasks` until it ends."""
        self._loop = loop
        self._task = loop.create_task(self.run_asgi(partial(self._answer, app, tasks)))
        tasks.add(self._task)

    async def _answer(self, app: Any, tasks: set[asyncio.Task[None]], *asgi: Any) -> None:
        try:
            await app(*asgi)
        finally:
            # Before a connection is closed on an answer that is not whole, its head leaves.
            self._flush()
            # Not by a callback of the task, which is one more turn of the loop.
            tasks.discard(self._task)
            self._task = None

    def send(self, message: Any) -> Awaitable[None]:  # type: ignore[override] # no coroutine: it seldom waits
        """ASGI. Raises RuntimeError for what cannot be sent."""
        if self.disconnected:
            return _DONE
        if self.flow.write_paused:
            return self._send_later(message)
        awaited = "http.response.body" if self.response_started else "http.response.start"
        if message["type"] != awaited or self.response_complete:
            msg = f"an application sent {message['type']} out of turn"
            raise RuntimeError(msg)
        if self.response_started:
            self._go_on(message.get("body", b""), is_last=not message.get("more_body", False))
        else:
            self._take_head(message["status"], [*self.default_headers, *message.get("headers", ())])
        return _DONE

    async def _send_later(self, message: Any) -> None:
        await self.flow.drain()
        await self.send(message)

    def _take_head(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        lines, given = [name + b": " + value for name, value in headers], dict(headers)
        _check(b"".join(given), _NOT_IN_NAMES)
        _check(b"".join(lines), _CONTROLS)
        self.response_started = True
        self.waiting_for_100_continue = False
        if given.get(b"connection", b"").lower() == b"close":
            self.keep_alive = False
        elif not self.keep_alive:
            lines.append(b"connection: close")
        if b"transfer-encoding" in given:
            self.chunked_encoding = True
        elif b"content-length" in given:
            self.chunked_encoding, self.expected_content_length = False, int(given[b"content-length"])
        elif status not in _BODILESS_STATUSES and self.scope["method"] != "HEAD":
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked")
        self._head = STATUS_LINE[status] + b"\r\n".join(lines) + b"\r\n\r\n"
        if self.chunked_encoding:
            # One that tells its length has its body at hand.
            self._loop.call_soon(self._flush)

    def _go_on(self, body: bytes, *, is_last: bool) -> None:
        if self.scope["method"] == "HEAD":
            body = b""
        elif self.chunked_encoding:
            body = _chunk(body, is_last=is_last)
        else:
            self._count(len(body), is_last=is_last)
        head, self._head = self._head, b""
        # uvloop raises for what is written to a connection that its caller has just closed.
        if (head or body) and not self.transport.is_closing():
            self.transport.write(head + body)
        if is_last:
            self._end()

    def _count(self, size: int, *, is_last: bool) -> None:
        self.expected_content_length -= size
        if self.expected_content_length < 0 or (is_last and self.expected_content_length):
            msg = "an application sent a body of another length than its Content-Length"
            raise RuntimeError(msg)

    def _flush(self) -> None:
        head, self._head = self._head, b""
        if head and not self.transport.is_closing():
            self.transport.write(head)

    def _end(self) -> None:
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()


def _chunk(body: bytes, *, is_last: bool) -> bytes:
    last = _LAST_CHUNK if is_last else b""
    return b"%x\r\n%b\r\n%b" % (len(body), body, last) if body else last


def _check(text: bytes, forbidden: bytes) -> None:
    """One look at the names of all headers, and one at their lines: nobody can put a line of his own among them."""
    if len(text.translate(None, forbidden)) != len(text):
        msg = "an application sent a header that cannot be one"
        raise RuntimeError(msg)


class _Done(tuple[()]):
    """What was done already: to await it takes no turn of the loop, and calls nothing of ours."""

    __slots__ = ()
    __await__ = tuple.__iter__


_DONE = cast("Awaitable[None]", _Done())
