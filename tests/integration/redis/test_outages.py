"""What do callers feel of a Redis that dies, hangs or comes back? A miss, and at most 50 ms of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

import pytest

from app.stores.redis_cache import RedisCache
from contracts.errors import StoreUnavailableError
from tests.kit.answers import answer, key
from tests.kit.redis_server import RedisServer
from tests.kit.waiting import until

# Its own time, and what a busy machine may add.
A_READ_SECONDS = 0.05 + 0.2
AT_ONCE_SECONDS = 0.02


def is_well(cache: RedisCache) -> Callable[[], bool]:
    return lambda: cache.fault() is None


async def seconds_of_a_miss(cache: RedisCache) -> float:
    """How long nobody's answer takes; AssertionError when it is one."""
    began = time.perf_counter()
    assert await cache.find([key()]) is None
    return time.perf_counter() - began


async def is_used(cache: RedisCache) -> bool:
    await cache.keep(key(), answer())
    return list(await cache.find([key()]) or ()) == [answer()]


async def test_killed_redis_costs_a_miss_and_is_used_again(
    cache: RedisCache, server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a wait while it is away, within two seconds of its return, with one line of the log for each."""
    caplog.set_level(logging.INFO, "app.stores")
    assert await is_used(cache)
    server.kill()
    assert await seconds_of_a_miss(cache) < A_READ_SECONDS
    for _ in range(100):
        assert await seconds_of_a_miss(cache) < AT_ONCE_SECONDS
        await cache.keep(key(), answer())
    assert cache.fault() == f"Redis at 127.0.0.1:{server.port} cannot be reached"
    assert await cache.size() is None
    with pytest.raises(StoreUnavailableError, match="cannot be reached"):
        await cache.clear(provider=None, model=None)
    server.start()
    await until(lambda: is_used(cache), within_seconds=2)
    assert cache.fault() is None
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_killed_redis_is_seen_without_traffic(cache: RedisCache, server: RedisServer) -> None:
    """The watch alone tells that it went, and that it is back."""
    await cache.start()
    await until(lambda: server.ask("DBSIZE") == 1)
    server.kill()
    await until(lambda: cache.fault() is not None, within_seconds=7)
    server.start()
    await until(is_well(cache), within_seconds=2)


async def test_absent_redis_is_used_when_it_comes(server: RedisServer, caching: Callable[[str], RedisCache]) -> None:
    """A service may start before its Redis."""
    server.kill()
    cache = caching(server.url)
    await cache.start()
    await until(lambda: cache.fault() is not None)
    assert await seconds_of_a_miss(cache) < AT_ONCE_SECONDS
    server.start()
    await until(lambda: is_used(cache), within_seconds=2)


async def test_hanging_redis_costs_fifty_milliseconds_a_few_times(cache: RedisCache, server: RedisServer) -> None:
    """Then nothing, until it answers again; on a busy machine the first may not count against Redis."""
    assert await is_used(cache)
    server.pause()
    times: list[float] = []
    while cache.fault() is None:
        times.append(await seconds_of_a_miss(cache))
    assert 0.045 < min(times) <= max(times) < A_READ_SECONDS
    assert sum(times) < 3
    assert cache.fault() == f"Redis at 127.0.0.1:{server.port} did not answer in time"
    assert await seconds_of_a_miss(cache) < AT_ONCE_SECONDS
    server.resume()
    await until(lambda: is_used(cache), within_seconds=2)


async def test_hanging_redis_costs_many_callers_no_more_than_one(cache: RedisCache, server: RedisServer) -> None:
    """Those who wait for a connection wait within the same 50 ms: in turn they would take six seconds."""
    assert await is_used(cache)
    server.pause()
    began = time.perf_counter()
    assert await asyncio.gather(*(cache.find([key(str(number))]) for number in range(300))) == [None] * 300
    assert time.perf_counter() - began < 0.5
    assert cache.fault() == f"Redis at 127.0.0.1:{server.port} did not answer in time"
    server.resume()
    await until(lambda: is_used(cache), within_seconds=2)


async def test_writes_to_a_hanging_redis_keep_nobody_and_are_bounded(
    cache: RedisCache, server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A thousand wait behind the backs of those who brought them; the rest is dropped, and counted in one line."""
    assert await is_used(cache)
    server.pause()
    began = time.perf_counter()
    await asyncio.gather(*(cache.keep(key(str(number)), answer()) for number in range(1200)))
    assert time.perf_counter() - began < 0.9
    dropped = [record.getMessage() for record in caplog.records if "not kept" in record.getMessage()]
    assert dropped == ["answers not kept, since 1000 were waiting for Redis: 1"]
    server.resume()
    await until(lambda: is_used(cache), within_seconds=3)


async def test_closing_while_redis_hangs_ends_soon(cache: RedisCache, server: RedisServer) -> None:
    """Within the times of what is under way; who comes later gets a miss; no task is left."""
    assert await is_used(cache)
    server.pause()
    late = asyncio.create_task(cache.keep(key("late"), answer()))
    await asyncio.sleep(0)
    began = time.perf_counter()
    await cache.aclose()
    assert time.perf_counter() - began < 2
    await late
    assert await seconds_of_a_miss(cache) < AT_ONCE_SECONDS
    await cache.keep(key(), answer())
    assert cache.fault() is None
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_connection_closed_by_redis_is_no_outage(cache: RedisCache, server: RedisServer) -> None:
    """One that Redis closed because nobody used it is replaced, and nobody notices."""
    assert await is_used(cache)
    assert server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") >= 1
    await asyncio.gather(*(asyncio.to_thread(server.ask, "PING") for _ in range(2)))
    assert list(await cache.find([key()]) or ()) == [answer()]
    assert cache.fault() is None


async def test_redis_killed_under_load_fails_nobody(cache: RedisCache, server: RedisServer) -> None:
    """Fifty at once all the time: every find ends in time, and with the right answer or none."""
    stop = asyncio.Event()
    slowest, wrong, hits = 0.0, 0, 0

    async def ask(number: int) -> None:
        nonlocal slowest, wrong, hits
        mine = answer(str(number))
        while not stop.is_set():
            await cache.keep(key(str(number)), mine)
            began = time.perf_counter()
            (found,) = await cache.find([key(str(number))]) or (None,)
            slowest = max(slowest, time.perf_counter() - began)
            wrong += found not in (None, mine)
            hits += found is not None
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as callers:
        for number in range(50):
            callers.create_task(ask(number))
        await until(lambda: hits > 500)
        for _ in range(2):
            server.kill()
            await until(lambda: cache.fault() is not None)
            server.start()
            await until(lambda enough=hits + 100: hits > enough, within_seconds=5)  # type: ignore[misc]
        stop.set()
    assert wrong == 0
    assert slowest < 0.5
