"""How does a vendor answer that takes its time? As the path says, whole or as a stream, as the body says.

Run as a module it prints its port and serves until it is ended. It speaks just enough HTTP/1.1 to cost next to nothing.
"""

from __future__ import annotations

import asyncio
import re
import time
from functools import partial
from typing import cast

import uvloop

from benchmarks.comparison.paces import Pace, pace_of
from benchmarks.comparison.replies import Dialect, dialect_of
from benchmarks.vendor import whole_message

_WHOLE_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n%s\r\n"
_STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n%s\r\n"
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n%s\r\n"
_LAST_CHUNK = b"0\r\n\r\n"
_CLOSES = re.compile(rb"\r\nconnection:\s*close\r\n", re.IGNORECASE)
_IS_STREAM = re.compile(rb'"stream"\s*:\s*true')
_ANNOUNCED = b"connection: close\r\n"
_BACKLOG = 2048


def _nothing() -> None:
    """Nobody waits to say on."""


class _Connection(asyncio.Protocol):
    """One keep-alive connection: a whole request in, an answer out."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio.Transport in all but name.
        self._transport = cast(asyncio.Transport, transport)
        self._loop = asyncio.get_running_loop()
        self._received = b""
        self._is_held, self._says_on = False, _nothing

    def pause_writing(self) -> None:
        """The other side does not read: nothing more is said until it does."""
        self._is_held = True

    def resume_writing(self) -> None:
        """It reads again."""
        self._is_held, says_on, self._says_on = False, self._says_on, _nothing
        says_on()

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (length := whole_message(self._received)) is not None:
            request, self._received = self._received[:length], self._received[length:]
            self._take(request)

    def _take(self, request: bytes) -> None:
        path = request.split(b" ", 2)[1].decode()
        # Announced, or a caller would put the connection aside for its next call.
        self._ends = _ANNOUNCED if _CLOSES.search(request) else b""
        try:
            pace, dialect = pace_of(path), dialect_of(path)
        except ValueError:
            # Some gateways look for a list of models by themselves.
            self._transport.write(_NOT_FOUND % self._ends)
            self._ended()
            return
        answer = self._stream if _IS_STREAM.search(request) else self._whole
        self._loop.call_later(pace.thinking_ms / 1000, answer, pace, dialect)

    def _whole(self, pace: Pace, dialect: Dialect) -> None:
        if not self._transport.is_closing():
            self._transport.write(_WHOLE_HEAD % (len(dialect.whole), self._ends) + dialect.whole)
            self._ended()

    def _stream(self, pace: Pace, dialect: Dialect) -> None:
        if not self._transport.is_closing():
            self._transport.write(_STREAM_HEAD % self._ends + _chunk(dialect.opening))
            self._say(pace, dialect, pace.tokens, self._loop.time())

    def _say(self, pace: Pace, dialect: Dialect, left: int, due_at: float) -> None:
        if self._transport.is_closing():
            return
        if not left:
            self._transport.write(_chunk(dialect.ending) + _LAST_CHUNK)
            self._ended()
            return
        self._transport.write(_chunk(dialect.token(f"{time.monotonic_ns()} ")))
        due_at += pace.gap_ms / 1000
        says_on = partial(self._say, pace, dialect, left - 1, due_at)
        if self._is_held:
            self._says_on = says_on
        else:
            self._loop.call_at(due_at, says_on)

    def _ended(self) -> None:
        if self._ends:
            self._transport.close()


def _chunk(event: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(event), event)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0, backlog=_BACKLOG)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve())
