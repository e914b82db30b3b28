"""What does a client feel of a broker that is cut off, while others still reach it?

A door of TCP in front of a broker. Clients of one name can be locked out: theirs are cut at once, and refused from then
on. Who a client is, it says in its first request (Kafka's protocol: length, four numbers, then the client's id).
"""

from __future__ import annotations

import asyncio
import struct
from typing import Self

_HEAD = struct.Struct(">ihhih")


class Doorway:
    """Listens on `port` and lets through to `broker_port`, which may be set later. Belongs to one event loop."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.broker_port = 0
        self._locked_out: set[str] = set()
        self._server: asyncio.Server | None = None
        self._inside: dict[asyncio.Task[None], str] = {}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._let_in, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._inside:
            task.cancel()
        await asyncio.gather(*self._inside, return_exceptions=True)

    def lock_out(self, client: str) -> None:
        """Cuts the connections of `client`, in the middle of whatever they carry, and takes no new ones."""
        self._locked_out.add(client)
        for task, name in self._inside.items():
            if name == client:
                task.cancel()

    def let_in(self, client: str) -> None:
        """`client` may come again."""
        self._locked_out.discard(client)

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._inside[task] = ""
        try:
            head = await reader.readexactly(_HEAD.size)
            name = await reader.readexactly(_HEAD.unpack(head)[4])
            self._inside[task] = name.decode()
            if self._inside[task] not in self._locked_out:
                await self._carry(head + name, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # The broker is away, one end has left, or the client was locked out: in each case it is cut off.
            writer.transport.abort()
        finally:
            del self._inside[task]
            writer.close()

    async def _carry(self, begun: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_broker, to_broker = await asyncio.open_connection("127.0.0.1", self.broker_port)
        try:
            to_broker.write(begun)
            async with asyncio.TaskGroup() as group:
                ways = [group.create_task(_pour(reader, to_broker)), group.create_task(_pour(from_broker, writer))]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
        except ExceptionGroup:
            writer.transport.abort()
        finally:
            to_broker.close()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while some := await reader.read(65_536):
        writer.write(some)
        await writer.drain()
