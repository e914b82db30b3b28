"""How do commands reach Redis and their replies those who asked, within a time and whoever leaves meanwhile?

The connections are redis-py's; the pool is ours. Theirs awaits its own lock when a connection comes back, so that a
caller who is cancelled there loses it for good, and it spends several times as long on a command as Redis does.
A connection goes back only after every reply of its commands was read: an error, a time that is up and a caller who
leaves all close it, so nobody can be handed the reply to another's command.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

Command = tuple[str | bytes | int, ...]

# RESP2 needs no greeting: one round trip less for each connection, and Redis before version 6 knows nothing else.
# Times are ours alone; redis-py's would start a task for each command.
_SETTINGS: dict[str, Any] = {
    "protocol": 2,
    "socket_timeout": None,
    "socket_connect_timeout": None,
    "retry": None,
    "retry_on_timeout": False,
    "health_check_interval": 0,
    "driver_info": None,
    "decode_responses": False,
    "encoding": "utf-8",
}


class RedisLine:
    """Commands go in at one end, their replies come out at the other in the same order."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection

    async def send(self, *commands: Command) -> None:
        """Sends them at once. Raises redis-py's errors of a connection."""
        await self._connection.send_packed_command(self._connection.pack_commands(commands))

    async def reply(self) -> Any:
        """The next one. What Redis refused is a ResponseError, returned: the next replies stand behind it.

        Raises redis-py's errors of a connection.
        """
        try:
            return await self._connection.read_response()
        except ResponseError as refusal:
            return refusal


class RedisConnections:
    """At most `limit` connections to the Redis of `url`, made when they are needed. Belongs to one event loop.

    Raises ValueError when the URL asks for what redis-py does not know; the text does not hold the URL.
    """

    def __init__(self, url: str, *, limit: int) -> None:
        try:
            self._factory = ConnectionPool.from_url(url)
            self._factory.connection_kwargs.update(_SETTINGS)
            self._idle = [_made_by(self._factory)]
        except (TypeError, ValueError, RedisError):
            msg = "the URL of Redis says something that redis-py does not know"
            raise ValueError(msg) from None
        self.address = _address(self._factory.connection_kwargs)
        self._limit = limit
        self._places = asyncio.Semaphore(limit)
        self.is_closed = False

    async def ask(self, *commands: Command, within_seconds: float) -> list[Any]:
        """The reply to each command, sent at once on one connection; what Redis refused stands there as ResponseError.

        The time holds for everything: waiting for a connection, connecting, the replies.
        Raises TimeoutError and redis-py's errors of a connection.
        """
        async with asyncio.timeout(within_seconds), self.line() as line:
            await line.send(*commands)
            return [await line.reply() for _ in commands]

    @asynccontextmanager
    async def line(self) -> AsyncGenerator[RedisLine]:
        """A connection for one alone, who reads a reply to every command. It is closed when that breaks off.

        Has no time of its own. Raises redis-py's errors of a connection.
        """
        if self.is_closed:
            msg = "closed"
            raise RedisConnectionError(msg)
        async with self._places:
            connection = self._take()
            try:
                await _connect(connection)
                yield RedisLine(connection)
            except BaseException:
                await connection.disconnect(nowait=True)
                raise
            self._idle.append(connection)

    async def warm(self, *, within_seconds: float) -> None:
        """Connects the connection that the next command will take. Raises what `ask` raises."""
        await self.ask(within_seconds=within_seconds)

    async def drop_idle(self) -> None:
        """Closes those that nobody uses: what broke one connection has most likely broken them all."""
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.disconnect(nowait=True)

    async def aclose(self) -> None:
        """Takes no more commands, waits for those under way (they have their times) and ends every connection."""
        if self.is_closed:
            return
        self.is_closed = True
        try:
            for _ in range(self._limit):
                await self._places.acquire()
        finally:
            await self.drop_idle()

    def _take(self) -> AbstractConnection:
        return self._idle.pop() if self._idle else _made_by(self._factory)


def _made_by(factory: ConnectionPool) -> AbstractConnection:
    # redis-py has no types for it.
    made: AbstractConnection = factory.make_connection()  # type: ignore[no-untyped-call]
    return made


async def _connect(connection: AbstractConnection) -> None:
    # Readable before anything was asked: it was closed at the other end, or holds what nobody asked for.
    if connection.is_connected and await connection.can_read():
        await connection.disconnect(nowait=True)
    if not connection.is_connected:
        # redis-py has no types for it.
        await connection.connect()  # type: ignore[no-untyped-call]


def _address(settings: dict[str, Any]) -> str:
    """Where it is, without user and password."""
    return str(settings.get("path") or f"{settings.get('host', 'localhost')}:{settings.get('port', 6379)}")
