"""How many answers stand in Redis, how large are they, and how are they taken out? By walking over their names.

SCAN gives every name that stands there from the first page to the last at least once, and others perhaps: while Redis
grows its tables a name may be counted twice.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from redis.exceptions import ResponseError

from app.ports import CacheSize
from app.stores.redis_connections import Command, RedisConnections

# Redis walks over so many names at a time, for about a millisecond in which it serves nobody else.
NAMES_A_PAGE = 1000
PAGE_SECONDS = 1.0


async def take_out(connections: RedisConnections, pattern: str) -> int:
    """Takes out everything under names like `pattern`; how many. Raises what `RedisConnections.ask` raises."""
    gone, cursor, names = 0, b"0", list[bytes]()
    while True:
        unlinking: list[Command] = [("UNLINK", *names)] if names else []
        replies = await _asked(connections, *unlinking, _scan(cursor, pattern))
        gone += sum(int(count) for count in replies[:-1])
        cursor, names = replies[-1]
        if cursor == b"0":
            break
    if names:
        (last,) = await _asked(connections, ("UNLINK", *names))
        gone += int(last)
    return gone


async def measured(connections: RedisConnections, pattern: str) -> CacheSize:
    """How much stands under names like `pattern`. Raises what `RedisConnections.ask` raises.

    `evictions` are those of the whole Redis since its start.
    """
    keys = size = 0
    async with aclosing(_pages(connections, pattern)) as pages:
        async for names in pages:
            lengths = await connections.ask(*(("STRLEN", name) for name in names), within_seconds=PAGE_SECONDS)
            # What is no text (an error), or has gone meanwhile (0), is no answer of ours.
            answers = [length for length in lengths if isinstance(length, int) and length]
            keys, size = keys + len(answers), size + sum(answers)
        (statistics,) = await connections.ask(("INFO", "stats"), within_seconds=PAGE_SECONDS)
    return CacheSize(keys=keys, bytes=size, evictions=_evictions(statistics))


async def _pages(connections: RedisConnections, pattern: str) -> AsyncGenerator[list[bytes], None]:
    cursor, names = b"0", list[bytes]()
    while True:
        ((cursor, names),) = await _asked(connections, _scan(cursor, pattern))
        if names:
            yield names
        if cursor == b"0":
            return


async def _asked(connections: RedisConnections, *commands: Command) -> list[Any]:
    """The replies; raises the first that is a refusal."""
    replies = await connections.ask(*commands, within_seconds=PAGE_SECONDS)
    for reply in replies:
        if isinstance(reply, ResponseError):
            raise reply
    return replies


def _scan(cursor: bytes, pattern: str) -> Command:
    return ("SCAN", cursor, "MATCH", pattern, "COUNT", NAMES_A_PAGE)


def _evictions(statistics: object) -> int | None:
    """None when this user may not ask for them."""
    if not isinstance(statistics, bytes):
        return None
    _, _, rest = statistics.partition(b"evicted_keys:")
    count = rest.split(b"\r\n", 1)[0]
    return int(count) if count.isdigit() else None
