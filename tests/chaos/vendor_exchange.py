"""How does the vendor speak HTTP by hand: what came, and what goes back, down to a reset of the connection?"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any

from tests.chaos.vendor_seen import Seen

_RECEIVE_BYTES = 2**16


class CallerLeftError(Exception):
    """The caller closed the connection."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came; `body` None: it was not read."""

    method: str
    target: str
    body: bytes | None


class Connection:
    """One connection. It is read all the time, so that its closing is seen at once."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.left = asyncio.Event()
        self.closed = asyncio.Event()
        self.left_at: float | None = None
        self._reader = reader
        self._writer = writer
        self._buffer = bytearray()
        self._arrived = asyncio.Event()
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._pump = asyncio.create_task(self._read())

    async def request(self, unread: str) -> Request | None:
        """The next request; None: there is none. The body of one whose target holds `unread` stays unread."""
        head = await self._until(b"\r\n\r\n")
        if head is None:
            return None
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        if unread in target:
            self._may_read.clear()
            return Request(method, target, None)
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        if "chunked" in fields.get("transfer-encoding", ""):
            return Request(method, target, await self._chunks())
        return Request(method, target, await self._exactly(int(fields.get("content-length", "0"))))

    async def write(self, data: bytes) -> None:
        """Raises CallerLeftError."""
        if self.left.is_set():
            raise CallerLeftError
        self._writer.write(data)
        try:
            await self._writer.drain()
        except ConnectionError as gone:
            raise CallerLeftError from gone

    async def pause(self, seconds: float) -> None:
        """Waits, unless the caller leaves: then CallerLeftError."""
        try:
            await asyncio.wait_for(self.left.wait(), seconds)
        except TimeoutError:
            return
        raise CallerLeftError

    def reset(self) -> None:
        """Ends the connection by RST; who reads from it sees its end."""
        raw = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def close(self) -> None:
        """Ends the connection, and all that waits for it."""
        self._pump.cancel()
        self._writer.close()
        await asyncio.wait({self._pump})
        self.closed.set()

    async def _read(self) -> None:
        try:
            while data := await self._reader.read(_RECEIVE_BYTES):
                self._buffer += data
                self._arrived.set()
                await self._may_read.wait()
        except ConnectionError:
            pass  # A reset is a way to leave.
        self.left_at = time.monotonic()
        self.left.set()
        self._arrived.set()

    async def _until(self, mark: bytes) -> bytes | None:
        while (end := self._buffer.find(mark)) < 0:
            if not await self._more():
                return None
        return self._take(end + len(mark))

    async def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            if not await self._more():
                raise CallerLeftError
        return self._take(size)

    async def _chunks(self) -> bytes:
        body = bytearray()
        while True:
            line = await self._until(b"\r\n")
            if line is None:
                raise CallerLeftError
            size = int(line.split(b";")[0], 16)
            body += (await self._exactly(size + 2))[:size]
            if size == 0:
                return bytes(body)

    async def _more(self) -> bool:
        if self.left.is_set():
            return False
        self._arrived.clear()
        await self._arrived.wait()
        return not self.left.is_set() or bool(self._buffer)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


class Exchange:
    """One request and its answer. `is_over`: the connection carries no further request."""

    def __init__(self, connection: Connection, seen: Seen) -> None:
        self.connection = connection
        self.seen = seen
        self.is_over = False
        self._is_chunked = False

    async def reply(self, status: int, document: Any, headers: dict[str, str] | None = None) -> None:
        """A whole reply of JSON, or of bytes as they are."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        await self.head(status, {"content-type": "application/json", **(headers or {})}, length=len(body))
        await self.piece(body)

    async def head(
        self, status: int, headers: dict[str, str], *, length: int | None = None, chunked: bool = True
    ) -> None:
        """Status and headers; the body is as long as said, else chunked, else it ends with the connection."""
        self.seen.status = status
        self._is_chunked = length is None and chunked
        self.is_over = self.is_over or (length is None and not chunked)
        framing = (
            {"content-length": str(length)}
            if length is not None
            else {"transfer-encoding": "chunked"}
            if chunked
            else {}
        )
        lines = [f"HTTP/1.1 {status} As-Asked", *(f"{name}: {text}" for name, text in {**headers, **framing}.items())]
        await self.connection.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def piece(self, data: bytes) -> None:
        """A part of the body."""
        framed = b"%x\r\n%s\r\n" % (len(data), data) if self._is_chunked else data
        await self.connection.write(framed)
        self.seen.bytes_sent += len(data)

    async def end(self) -> None:
        """The end of a chunked body; of any other there is none."""
        if self._is_chunked:
            await self.connection.write(b"0\r\n\r\n")

    async def pause(self, seconds: float) -> None:
        """Raises CallerLeftError."""
        await self.connection.pause(seconds)

    async def hang(self) -> None:
        """Says nothing until the caller leaves: always CallerLeftError."""
        await self.connection.left.wait()
        raise CallerLeftError

    def reset(self) -> None:
        """Ends the connection by RST."""
        self.is_over = True
        self.connection.reset()

    def finish(self, *, has_left: bool) -> None:
        """The exchange is over."""
        now = time.monotonic()
        self.seen.ended_at = now
        if has_left:
            self.is_over = True
            self.seen.caller_left_at = self.connection.left_at or now
