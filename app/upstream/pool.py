"""Where does a call's connection come from: one that is idle, or a new one?

How many calls may run at once is decided per provider, before they come here, so there is no limit.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

import httpx2
from aiohappyeyeballs import AddrInfoType, start_connection

from app.upstream.connection import Connection
from app.upstream.terms import DNS_CACHE_SECONDS, keepalive_socket
from app.upstream.turns import Turns

# RFC 8305: how long one address may keep the next one waiting.
_NEXT_ADDRESS_SECONDS = 0.25


@dataclass(slots=True, eq=False)
class Origin:
    """One server, what is known of its addresses, and the idle connections to it, the last used one last."""

    host: str
    port: int
    tls: Callable[[], ssl.SSLContext] | None
    idle: deque[Connection] = field(default_factory=deque)
    addresses: Sequence[AddrInfoType] = ()
    known_until: float = 0.0


class Pool:
    """Every connection of a process, for the event loop of its first call (an `Owner`)."""

    def __init__(self, *, idle_seconds: float, rest_seconds: float) -> None:
        self.is_closed = False
        self.turns = Turns()
        self._idle_seconds = idle_seconds
        self._rest_seconds = rest_seconds
        self._origins: dict[Connection, Origin] = {}
        self._sweep: asyncio.TimerHandle | None = None

    def idle(self, origin: Origin) -> Connection | None:
        """The connection that was used last, if the vendor still has it too."""
        while origin.idle:
            connection = origin.idle.pop()
            idle_since, connection.idle_since = connection.idle_since, None
            if idle_since is not None and monotonic() - idle_since < self._idle_seconds and connection.is_usable():
                return connection
            connection.abort()
        return None

    async def open(self, origin: Origin, *, timeout_seconds: float) -> Connection:
        """A new connection. Raises ConnectTimeout, and ConnectError from the OSError that was its cause."""
        try:
            async with asyncio.timeout(timeout_seconds):
                connection = await self._connected(origin)
        except TimeoutError:
            raise httpx2.ConnectTimeout("no connection in time") from None
        except OSError as exc:
            # The host may have moved.
            origin.known_until = 0.0
            raise httpx2.ConnectError("no connection") from exc
        except UnicodeError:
            raise httpx2.LocalProtocolError("the URL's host is no name that can be looked up") from None
        if self.is_closed:
            connection.abort()
            raise httpx2.CloseError("the transport was closed")
        if not connection.lost.done():
            self._origins[connection] = origin
        return connection

    def put_back(self, connection: Connection) -> None:
        """Keep it for the next call, after its rest."""
        origin = self._origins.get(connection)
        if origin is None:
            # It was closed, perhaps while it rested.
            return
        if connection.is_streaming and origin.tls is None:
            # Its other side may yet hang up.
            connection.is_streaming = False
            asyncio.get_running_loop().call_later(self._rest_seconds, self.put_back, connection)
            return
        connection.idle_since = monotonic()
        origin.idle.append(connection)
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(self._idle_seconds, self._end_the_idle)

    def forget(self, connection: Connection) -> None:
        """It was closed."""
        origin = self._origins.pop(connection, None)
        if origin is not None and connection.idle_since is not None:
            origin.idle.remove(connection)

    async def aclose(self) -> None:
        """Close every connection, those in use too."""
        self.is_closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        connections = list(self._origins)
        for connection in connections:
            connection.abort()
        for connection in connections:
            await connection.lost

    def _end_the_idle(self) -> None:
        """One timer for all, so that a connection nobody wants goes within twice the limit."""
        now, loop = monotonic(), asyncio.get_running_loop()
        for connection in list(self._origins):
            if connection.idle_since is not None and now - connection.idle_since >= self._idle_seconds:
                connection.abort()
        self._sweep = loop.call_later(self._idle_seconds, self._end_the_idle) if self._origins else None

    async def _connected(self, origin: Origin) -> Connection:
        loop = asyncio.get_running_loop()
        if origin.known_until <= loop.time():
            origin.addresses = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
            origin.known_until = loop.time() + DNS_CACHE_SECONDS
        opened = await start_connection(
            origin.addresses, happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS, socket_factory=keepalive_socket
        )
        tls = origin.tls() if origin.tls else None
        named = origin.host.rstrip(".") if tls else None
        try:
            _, connection = await loop.create_connection(
                lambda: Connection(self), sock=opened, ssl=tls, server_hostname=named
            )
        except BaseException:
            opened.close()
            raise
        return connection
