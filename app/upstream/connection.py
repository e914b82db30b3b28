"""How does one HTTP/1.1 connection carry one call after another, and the reply of each?

A request goes out in one write and never before the last reply is whole. What a vendor does wrong ends the connection
and is said to the reply's reader as an exception of httpx2; a reply that is whole is not touched by what follows it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Protocol, cast

import httpx2
from httptools import HttpParserError, HttpParserUpgrade

from app.upstream.readiness import Readiness
from app.upstream.reply_head import FIRST_FINAL_STATUS, head_in, read_headers, reply_parser
from app.upstream.terms import MAX_HEADER_BYTES
from app.upstream.turns import Turns

# What a reader has not taken yet; past it the vendor has to wait.
MAX_UNREAD_BYTES = 256 * 2**10
WRITTEN_AT_ONCE_BYTES = 256 * 2**10


class Owner(Protocol):
    """Whoever keeps connections between calls."""

    is_closed: bool
    turns: Turns

    def put_back(self, connection: Connection) -> None:
        """Its reply is whole, and it may carry another call."""
        ...

    def forget(self, connection: Connection) -> None:
        """It is gone."""
        ...


class Reply(httpx2.AsyncByteStream):
    """The reply to one request: its head as it came, then its body in pieces as they come, still encoded."""

    # What it begins with stands here: most of it stays so, and every call makes one.
    status = 0
    head = b""
    has_head = False
    is_whole = False
    # Of a stream: for its first piece nobody shall wait behind others' tokens.
    has_begun = False
    is_in_line = False
    fault: httpx2.TransportError | None = None
    unread_bytes = 0
    news: asyncio.Future[None] | None = None

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.pieces: list[bytes] = []

    def until_news(self) -> Awaitable[None]:
        """Wait for what arrives next. Raises the reply's fault, once nothing will arrive."""
        if self.fault is not None:
            raise self.fault
        self.news = asyncio.get_running_loop().create_future()
        return self.news

    def __aiter__(self) -> Reply:
        return self

    async def __anext__(self) -> bytes:
        while not self.pieces:
            if self.is_whole:
                raise StopAsyncIteration
            await self.until_news()
        if self._connection.is_paused and not self.is_whole:
            self._connection.resume()
        # Of one piece, as they mostly come, it is that piece itself.
        piece, self.pieces, self.unread_bytes, self.has_begun = b"".join(self.pieces), [], 0, True
        return piece

    async def aclose(self) -> None:
        """As `abort`."""
        self.abort()

    def abort(self) -> None:
        """Close the connection, unless the reply is whole: then it may carry another's call already."""
        if not self.is_whole:
            self._connection.abort()

    def wake(self) -> None:
        """Let the reader look again."""
        if self.news is not None and not self.news.done():
            self.news.set_result(None)


class Connection(asyncio.Protocol):
    """One connection to a vendor, from when it is made until it is lost."""

    __slots__ = (
        "_is_choked",
        "_is_last_reply",
        "_owner",
        "_parser",
        "_quiet_bytes",
        "_readiness",
        "_reply",
        "_transport",
        "idle_since",
        "is_paused",
        "is_streaming",
        "lost",
    )

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._parser = reply_parser(self)
        self._reply: Reply | None = None
        self._quiet_bytes = 0
        self._is_last_reply = False
        self._is_choked = False
        self.is_paused = False
        # Whether its call asks for a stream.
        self.is_streaming = False
        self.idle_since: float | None = None
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The loop has connected it."""
        self._transport = cast(asyncio.Transport, transport)
        self._readiness = Readiness(transport.get_extra_info("socket").fileno())

    def is_usable(self) -> bool:
        """Whether the other side has said nothing since the last reply: it would be its goodbye.

        The socket is asked (0.3 us), because the loop may not have come to read it yet. Two turns of the loop do the
        same, but walk through all the coroutines that wait for the call (2 of a request's 4 resumptions).
        """
        return not self._transport.is_closing() and not self._readiness.has_news()

    def send(self, message: bytes, *, is_last: bool) -> Reply:
        """Write the request `message`; after `is_last` the connection is not used again."""
        self._is_last_reply = is_last
        self._quiet_bytes = 0
        reply = Reply(self)
        if self._transport.is_closing():
            # The vendor hung up as soon as it had taken the connection.
            reply.fault = _unanswered()
            return reply
        self._reply = reply
        self._transport.write(message)
        return reply

    async def send_rest(self, reply: Reply, body: memoryview) -> None:
        """Write the rest of a large request as the vendor takes it, unless it answers before."""
        is_last, self._is_last_reply = self._is_last_reply, True
        for start in range(0, len(body), WRITTEN_AT_ONCE_BYTES):
            self._transport.write(body[start : start + WRITTEN_AT_ONCE_BYTES])
            await asyncio.sleep(0)
            while not reply.has_head and (self._is_choked or self._transport.is_closing()):
                await reply.until_news()
            if reply.has_head:
                return
        self._is_last_reply = is_last

    def abort(self) -> None:
        """Close now, whatever is on the way."""
        self._transport.abort()

    def resume(self) -> None:
        """Read on after a pause."""
        self.is_paused = False
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def pause_writing(self) -> None:
        """The vendor takes no more for now."""
        self._is_choked = True

    def resume_writing(self) -> None:
        """The vendor takes more."""
        self._is_choked = False
        if self._reply is not None:
            self._reply.wake()

    def data_received(self, data: bytes) -> None:
        """Bytes of the reply, or a goodbye in place of one."""
        reply = self._reply
        if reply is None:
            self.abort()
            return
        if not reply.has_head:
            reply.head += data
        self._quiet_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self._end(_unparseable(reply))
            self._is_last_reply = True
        if self._quiet_bytes > MAX_HEADER_BYTES:
            self._end(_unparseable(reply))
        if reply.is_whole:
            if self.is_paused:
                self.resume()
            # A vendor may refuse a request before it has read it.
            if self._is_last_reply or self._transport.get_write_buffer_size():
                self.abort()
            else:
                self._owner.put_back(self)
        if self.is_streaming and reply.has_begun:
            self._owner.turns.wake(reply)
        elif (news := reply.news) is not None and not news.done():
            # As `wake`: of every plain reply.
            news.set_result(None)

    def on_message_begin(self) -> None:
        """A reply begins, or what nobody asked for."""
        self._is_last_reply |= self._reply is None

    def on_headers_complete(self) -> None:
        """A head is whole; one of 1xx only announces another. Raises ValueError, which ends the reply, for a NUL."""
        reply = self._reply
        status = self._parser.get_status_code()
        if reply is None or status < FIRST_FINAL_STATUS:
            return
        reply.head = head_in(reply.head)
        reply.status = status
        reply.has_head = True

    def on_body(self, piece: bytes) -> None:
        """A piece of the body, without its framing."""
        self._quiet_bytes = 0
        reply = self._reply
        if reply is None:
            return
        reply.pieces.append(piece)
        reply.unread_bytes += len(piece)
        if reply.unread_bytes > MAX_UNREAD_BYTES and not self.is_paused:
            self.is_paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """The reply is whole, unless it was one of 1xx."""
        if self._reply is not None and self._reply.has_head:
            self._reply.is_whole = True
            self._reply = None
            self._is_last_reply |= not self._parser.should_keep_alive()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed, by whichever side."""
        self._owner.forget(self)
        self.lost.set_result(None)
        # It holds us as we hold it, and would keep all of this until the collector comes by.
        del self._parser
        reply = self._reply
        if reply is None:
            return
        if self._owner.is_closed:
            self._end(httpx2.CloseError("the transport was closed"))
        elif not reply.has_head:
            self._end(_unanswered())
        elif exc is None and not _is_delimited(reply.head):
            reply.is_whole = True
        else:
            self._end(_cut_short())
        reply.wake()

    def _end(self, fault: httpx2.TransportError) -> None:
        if self._reply is not None:
            self._reply.fault = fault
            self._reply = None
            self.abort()


def _unanswered() -> httpx2.TransportError:
    return httpx2.ReadError("the connection was closed before the reply")


def _unparseable(reply: Reply) -> httpx2.TransportError:
    if reply.has_head:
        return _cut_short()
    fault = httpx2.RemoteProtocolError("the reply's head is not HTTP")
    fault.__cause__ = ValueError("unparseable head")
    return fault


def _cut_short() -> httpx2.TransportError:
    return httpx2.RemoteProtocolError("the reply's body is cut short or unreadable")


def _is_delimited(head: bytes) -> bool:
    """Whether a body says where it ends, other than by the end of the connection."""
    return any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in read_headers(head))
