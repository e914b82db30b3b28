"""How does an answer go to the system? Its head with the first piece of its body, written without detours.

Each write to a socket is a call to the system that wakes whoever reads at the other end: two of them were a tenth of
what a request cost. So a head waits for the first piece of its body: to the end of the loop's turn at most where the
answer comes in pieces; all else is written at once, since a turn that an event of a stream waits is time to its caller.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

_log = logging.getLogger("uvicorn.error")

_CONTROLS = bytes(one for one in range(32) if one != ord("\t")) + b"\x7f"
_NOT_IN_NAMES = _CONTROLS + b'\t ()<>@,;:\\[]={}"'
# They end with their head.
_BODILESS_STATUSES = (204, 304)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_LAST_CHUNK = b"0\r\n\r\n"
_CLOSE = "connection: close"
_NO_HEADER = "an application sent a header that cannot be one"

# An extension of ASGI that each scope names, and the type of its one message: an answer whose bytes are all there, with
# the lines of its head as texts, but for that of its length.
WHOLE_ANSWER = "llm.whole_answer"
# An extension of ASGI, too: an application that may be cancelled when its caller leaves says so there.
CALLER_LEAVES = "llm.caller_leaves"


class Exchange(RequestResponseCycle):
    """uvicorn's request and its answer. To send waits only where the buffer of the system is full.

    A `WHOLE_ANSWER` is written as it comes; of any other the headers are listed, looked through and joined. What most
    requests never change stands in the class, and who reads gets an event only where he has to wait.
    """

    disconnected = response_started = response_complete = False
    chunked_encoding = False
    expected_content_length = 0
    more_body = True
    _head = b""
    _held_bytes = 0
    _has_news = False
    _news: asyncio.Event | None = None
    # A task while it runs; to tell mypy at each place would be a call each.
    _task: Any = None

    def __init__(  # of what uvicorn's own keeps, that which is used here
        self,
        scope: Any,
        transport: asyncio.Transport,
        flow: FlowControl,
        default_headers: list[tuple[bytes, bytes]],
        *,
        expects_continue: bool,
        keep_alive: bool,
        on_response: Callable[[], None],
    ) -> None:
        self.scope = scope
        self.transport = transport
        self.flow = flow
        self.logger = _log
        self.default_headers = default_headers
        self.waiting_for_100_continue = expects_continue
        self.keep_alive = keep_alive
        self.on_response = on_response
        self._pieces: list[bytes] = []

    def begin(self, app: Any, loop: asyncio.AbstractEventLoop, tasks: set[asyncio.Task[None]]) -> None:
        """Has `app` answer, in a task that is among `tasks` until it ends."""
        self._loop = loop
        self._tasks = tasks
        self._task = loop.create_task(self._run(app))
        tasks.add(self._task)

    async def _run(self, app: Any) -> None:
        try:
            await app(self.scope, self.receive, self.send)
        except BaseException as failure:
            await self._end_badly(failure)
            # Told by uvicorn, it need not be told by the loop, too.
            self._task.add_done_callback(_take_note)
            raise
        else:
            if not (self.response_complete or self.disconnected):
                await self._end_badly(None)
        finally:
            # Not by a callback of the task, which is one more turn of the loop.
            self._tasks.discard(self._task)
            self._task = None

    async def _end_badly(self, failure: BaseException | None) -> None:
        """As uvicorn ends what was not answered whole: logged, and with a 500 or a connection that is closed."""

        async def outcome(*_: Any) -> None:
            if failure is not None:
                raise failure

        # It leaves before the connection is closed.
        if self._head:
            self._write()
        await self.run_asgi(outcome)

    def leave(self) -> None:
        """The caller has left, before his answer was whole."""
        self.disconnected = True
        self.wake()
        leaving = self.scope["extensions"][CALLER_LEAVES]
        leaving["has_left"] = True
        if leaving["cancels"] and self._task is not None:
            self._task.cancel()

    def take(self, piece: bytes) -> None:
        """A piece of the request's body has come; no more are read while many wait for the application."""
        self._pieces.append(piece)
        self._held_bytes += len(piece)
        if self._held_bytes > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        self._has_news = True
        if self._news is not None:
            self._news.set()

    def wake(self) -> None:
        """There is something to receive."""
        self._has_news = True
        if self._news is not None:
            self._news.set()

    async def receive(self) -> Any:
        """ASGI."""
        if self.waiting_for_100_continue and not self.transport.is_closing():
            self.transport.write(_CONTINUE)
            self.waiting_for_100_continue = False
        if self.flow.read_paused and not (self.disconnected or self.response_complete):
            self.flow.resume_reading()
        while not (self._has_news or self.disconnected or self.response_complete):
            self._news = self._news or asyncio.Event()
            self._news.clear()
            await self._news.wait()
        if self.disconnected or self.response_complete:
            return {"type": "http.disconnect"}
        body, self._pieces, self._held_bytes, self._has_news = b"".join(self._pieces), [], 0, False
        return {"type": "http.request", "body": body, "more_body": self.more_body}

    def send(self, message: Any) -> Awaitable[None]:  # type: ignore[override] # no coroutine: it seldom waits
        """ASGI. Raises RuntimeError for what cannot be sent."""
        if self.disconnected:
            return _DONE
        if self.flow.write_paused:
            return self._send_later(message)
        if message["type"] == WHOLE_ANSWER and not self.response_started:
            self._take_whole(message["status"], message["lines"], message["body"])
            return _DONE
        awaited = "http.response.body" if self.response_started else "http.response.start"
        if message["type"] != awaited or self.response_complete:
            msg = f"an application sent {message['type']} out of turn"
            raise RuntimeError(msg)
        if not self.response_started:
            self._take_head(message["status"], [*self.default_headers, *message.get("headers", ())])
            return _DONE
        body, is_last = message.get("body", b""), not message.get("more_body", False)
        if self.scope["method"] == "HEAD":
            body = b""
        elif not self.chunked_encoding:
            self._count(len(body), is_last=is_last)
        else:
            chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            body = chunk + _LAST_CHUNK if is_last else chunk
        self._write(body)
        if is_last:
            self._end()
        return _DONE

    async def _send_later(self, message: Any) -> None:
        await self.flow.drain()
        await self.send(message)

    def _take_whole(self, status: int, given: list[str], body: bytes) -> None:
        lines = [*given, f"content-length: {len(body)}"]
        if _CLOSE in lines:
            self.keep_alive = False
        elif not self.keep_alive:
            lines.append(_CLOSE)
        head = "\r\n".join(lines).encode("latin-1")
        # Two for each break between them, and none within.
        if len(head) - len(head.translate(None, _CONTROLS)) != 2 * len(lines) - 2:
            raise RuntimeError(_NO_HEADER)
        self.response_started = True
        self.waiting_for_100_continue = False
        for name, value in self.default_headers:
            head += b"\r\n%b: %b" % (name, value)
        rest = b"" if self.scope["method"] == "HEAD" else body
        # No head is held back: this is one.
        if not self.transport.is_closing():
            self.transport.write(b"%b%b\r\n\r\n%b" % (STATUS_LINE[status], head, rest))
        self._end()

    def _take_head(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        lines, given = list(map(b": ".join, headers)), dict(headers)
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
            self._loop.call_soon(self._write)

    def _count(self, size: int, *, is_last: bool) -> None:
        self.expected_content_length -= size
        if self.expected_content_length < 0 or (is_last and self.expected_content_length):
            msg = "an application sent a body of another length than its Content-Length"
            raise RuntimeError(msg)

    def _write(self, body: bytes = b"") -> None:
        if self._head:
            body, self._head = self._head + body, b""
        # uvloop raises for what is written to a connection that its caller has just closed.
        if body and not self.transport.is_closing():
            self.transport.write(body)

    def _end(self) -> None:
        self.response_complete = True
        if self._news is not None:
            self._news.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()


def _check(text: bytes, forbidden: bytes) -> None:
    """One look at the names of all headers, and one at their lines: nobody can put a line of his own among them."""
    if text.translate(None, forbidden) != text:
        raise RuntimeError(_NO_HEADER)


def _take_note(task: asyncio.Task[None]) -> None:
    _ = task.cancelled() or task.exception()


class _Done(tuple[()]):
    """What was done already: to await it takes no turn of the loop, and calls nothing of ours."""

    __slots__ = ()
    __await__ = tuple.__iter__


_DONE = cast("Awaitable[None]", _Done())
