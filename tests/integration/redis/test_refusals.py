"""What becomes of the cache when Redis answers, but refuses: full, a replica, a wrong password, another server?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from app.stores.redis_cache import RedisCache
from contracts.errors import StoreUnavailableError
from tests.integration.redis.conftest import Serve
from tests.kit.answers import answer, key
from tests.kit.redis_server import RedisServer
from tests.kit.waiting import until

Caching = Callable[[str], RedisCache]


async def gives(cache: RedisCache, text: str) -> bool:
    return list(await cache.find([key()]) or ()) == [answer(text)]


async def test_full_redis_goes_on_giving(cache: RedisCache, server: RedisServer) -> None:
    """What it holds is given, nothing new is kept, that is said; and it takes new ones when there is room."""
    await cache.keep(key(), answer("old"))
    server.ask("CONFIG", "SET", "maxmemory", "1")
    await cache.keep(key(), answer("new"))
    assert "is full" in str(cache.fault())
    assert await gives(cache, "old")
    await cache.keep(key(), answer("new"))
    assert await gives(cache, "old")
    server.ask("CONFIG", "SET", "maxmemory", "0")
    await until(lambda: cache.fault() is None, within_seconds=2)
    await cache.keep(key(), answer("new"))
    assert await gives(cache, "new")


async def test_full_redis_is_seen_without_traffic(cache: RedisCache, server: RedisServer) -> None:
    """By the probe, which writes."""
    server.ask("CONFIG", "SET", "maxmemory", "1")
    await cache.start()
    await until(lambda: "is full" in str(cache.fault()))
    assert await cache.size() is not None


async def test_full_redis_with_a_policy_evicts_and_counts(cache: RedisCache, server: RedisServer) -> None:
    """The newest are there, some of the others are not, and `evictions` says how many went."""
    used = int(server.ask("INFO", "memory")["used_memory"])
    server.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    server.ask("CONFIG", "SET", "maxmemory", str(used + 512 * 1024))
    for number in range(1000):
        await cache.keep(key(str(number)), answer("".join(chr(200 + (number * i) % 5000) for i in range(800))))
    size = await cache.size()
    assert size is not None
    assert 0 < size.keys < 1000
    assert size.evictions is not None
    assert size.evictions >= 1000 - size.keys > 0
    assert cache.fault() is None


async def test_replica_goes_on_giving(serve: Serve, caching: Caching) -> None:
    """A read-only one that became so in a failover; clearing it is refused with the reason."""
    server, other = serve(), serve()
    cache = caching(server.url)
    await cache.keep(key(), answer("old"))
    await asyncio.to_thread(server.ask, "REPLICAOF", "127.0.0.1", str(_port_of_nobody(other)))
    await cache.keep(key(), answer("new"))
    assert "read-only replica" in str(cache.fault())
    assert await gives(cache, "old")
    with pytest.raises(StoreUnavailableError, match="read-only replica"):
        await cache.clear(provider=None, model=None)
    server.ask("REPLICAOF", "NO", "ONE")
    await until(lambda: cache.fault() is None, within_seconds=2)
    await cache.keep(key(), answer("new"))
    assert await gives(cache, "new")


def _port_of_nobody(server: RedisServer) -> int:
    """A replica that never reaches its master keeps what it holds."""
    server.kill()
    return server.port


async def test_wrong_password_is_said_and_not_repeated(
    serve: Serve, caching: Caching, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in the fault nor in the log, and the right one works."""
    server = serve("--requirepass", "right")
    address = f"127.0.0.1:{server.port}"
    cache = caching(f"redis://:hunter2@{address}/0")
    assert await cache.find([key()]) is None
    assert cache.fault() == f"Redis at {address} refuses the user or the password of its URL"
    without = caching(f"redis://{address}/0")
    assert await without.find([key()]) is None
    assert cache.fault() == without.fault()
    right = caching(f"redis://:right@{address}/0")
    await right.keep(key(), answer("mine"))
    assert await gives(right, "mine")
    assert "hunter2" not in caplog.text
    assert "right" not in caplog.text


async def test_user_without_permissions_is_told_so(server: RedisServer, caching: Caching) -> None:
    """One who may only ping; one who may read and write, but neither walk over names nor see statistics."""
    server.ask("ACL", "SETUSER", "guest", "on", ">pw", "+ping")
    server.ask("ACL", "SETUSER", "own", "on", ">pw", "~llm-provider-service:*", "+set", "+mget", "+strlen", "+scan")
    guest = caching(f"redis://guest:pw@127.0.0.1:{server.port}")
    assert await guest.find([key()]) is None
    assert "see its ACL" in str(guest.fault())
    own = caching(f"redis://own:pw@127.0.0.1:{server.port}")
    await own.start()
    await own.keep(key(), answer("mine"))
    assert await gives(own, "mine")
    size = await own.size()
    assert size is not None
    assert (size.keys, size.evictions) == (1, None)
    with pytest.raises(StoreUnavailableError, match="see its ACL"):
        await own.clear(provider=None, model=None)
    server.ask("ACL", "SETUSER", "own", "-scan")
    assert await own.size() is None
    assert own.fault() is None


async def test_too_many_clients_are_a_fault_that_passes(serve: Serve, caching: Caching) -> None:
    """Redis closes the door; when it opens again the cache is used."""
    server = serve("--maxclients", "1")
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"PING\r\n")
    assert await reader.readline() == b"+PONG\r\n"
    cache = caching(server.url)
    assert await cache.find([key()]) is None
    assert "cannot be reached" in str(cache.fault())
    writer.close()
    await writer.wait_closed()
    await until(lambda: cache.fault() is None, within_seconds=2)


@pytest.fixture
async def pretender() -> AsyncIterator[Callable[[bytes], object]]:
    """Starts servers that answer whatever comes with the same bytes."""
    servers: list[asyncio.Server] = []

    async def start(said: bytes) -> str:
        async def answer_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await reader.read(65536):
                writer.write(said)
            writer.close()

        servers.append(await asyncio.start_server(answer_all, "127.0.0.1", 0))
        return f"redis://127.0.0.1:{servers[-1].sockets[0].getsockname()[1]}"

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize(
    "said,words",
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not as Redis does"),
        (b"-LOADING Redis is loading the dataset in memory\r\n", "loading"),
        (b"-MOVED 3999 127.0.0.1:6381\r\n", "cluster"),
        (b"-MASTERDOWN Link with MASTER is down\r\n", "refuses a command"),
        (b"-ERR secret\r\n", "refuses a command (ERR)"),
        (b"*1\r\n$100\r\nabc", "did not answer in time"),
    ],
)
async def test_other_answers_are_misses(
    pretender: Callable[[bytes], object], caching: Caching, said: bytes, words: str
) -> None:
    """A web server, one that loads, a node of a cluster, half an answer: said, and nobody waits for long."""
    cache = caching(await pretender(said))  # type: ignore[misc]
    while cache.fault() is None:
        assert await cache.find([key()]) is None
    assert words in str(cache.fault())
    assert "secret" not in str(cache.fault())
