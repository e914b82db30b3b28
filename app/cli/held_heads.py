"""How many times does an answer go to the system? Once, though the server writes its head and its body apart.

Each write to a socket is a call to the system that wakes whoever reads at the other end: two of them were a tenth of
what a request cost. So a head waits for the first piece of its body, to the end of the loop's turn at most; all else
is written at once: a turn that an event of a stream waits is time to its caller.
"""

from __future__ import annotations

import asyncio
from typing import Any


class HeldHeads:
    """Forwards to a transport all but the head of each answer, which waits."""

    __slots__ = ("_head", "_is_head_next", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._is_head_next = False
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def expect_head(self) -> None:
        """A request begins: what is written next is the head of its answer."""
        self._is_head_next = True

    def write(self, data: bytes) -> None:
        """`data` leaves now, with the head that waits if there is one; or is that head."""
        if self._is_head_next:
            self._is_head_next = False
            self._flush()
            self._head = data
            self._loop.call_soon(self._flush)
        elif self._head:
            head, self._head = self._head, b""
            self._write(head + data)
        else:
            self._write(data)

    def close(self) -> None:
        """All that was written leaves first."""
        self._flush()
        self._transport.close()

    def write_eof(self) -> None:
        """The same, where only one direction is closed."""
        self._flush()
        self._transport.write_eof()

    def _flush(self) -> None:
        head, self._head = self._head, b""
        if head:
            self._write(head)

    def _write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)
