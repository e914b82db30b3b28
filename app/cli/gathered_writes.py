"""How many times does an answer go to the system? Once, though the server writes its head and its body apart.

Each write to a socket is a call to the system that wakes whoever reads at the other end: two of them were a tenth of
what a request cost. What is written in one turn of the loop leaves together, at its end.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast


def gathering(transport: asyncio.BaseTransport) -> asyncio.Transport:
    """`transport`, whose writes of one turn leave together; in all else it is the same."""
    return cast("asyncio.Transport", _GatheredWrites(cast("asyncio.Transport", transport)))


class _GatheredWrites:
    """Forwards to a transport all but its writes, which wait for the end of the turn."""

    __slots__ = ("_loop", "_pieces", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._pieces: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """`data` leaves with what else is written in this turn."""
        if not self._pieces:
            self._loop.call_soon(self._flush)
        self._pieces.append(data)

    def close(self) -> None:
        """All that was written leaves first."""
        self._flush()
        self._transport.close()

    def write_eof(self) -> None:
        """The same, where only one direction is closed."""
        self._flush()
        self._transport.write_eof()

    def _flush(self) -> None:
        pieces, self._pieces = self._pieces, []
        if pieces and not self._transport.is_closing():
            self._transport.write(pieces[0] if len(pieces) == 1 else b"".join(pieces))
