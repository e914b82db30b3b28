"""What becomes of hundreds who come at one moment, while Redis is well?"""

from __future__ import annotations

import asyncio
import time

import pytest

from app.stores.redis_cache import RedisCache
from tests.kit.answers import answer, key
from tests.kit.redis_server import RedisServer
from tests.kit.waiting import until

KEPT = 400


@pytest.mark.parametrize("length", [100, 30_000], ids=["short", "long"])
async def test_burst_of_finds_is_answered(cache: RedisCache, length: int) -> None:
    """All four hundred, each its own, again and again; nothing is held against Redis."""
    kept = [answer(f"{number:04}" * (length // 4)) for number in range(KEPT)]
    for number, one in enumerate(kept):
        await cache.keep(key(str(number)), one)
    for _ in range(5):
        found = await asyncio.gather(*(cache.find([key(str(number))]) for number in range(KEPT)))
        assert [one and one[0] for one in found] == kept
        assert cache.fault() is None


async def test_burst_of_finds_is_answered_while_the_process_is_busy(cache: RedisCache) -> None:
    """What this process does in between, decoding among it, is not time that Redis took."""
    await cache.keep(key(), answer())
    spins = 0

    async def asks_and_works() -> bool:
        nonlocal spins
        found = await cache.find([key()])
        until_then = time.perf_counter() + 0.003
        while time.perf_counter() < until_then:
            spins += 1
        return found == [answer()]

    for _ in range(2):
        assert await asyncio.gather(*(asks_and_works() for _ in range(200))) == [True] * 200
    assert cache.fault() is None
    assert spins > 0


async def test_burst_of_finds_needs_few_connections(cache: RedisCache, server: RedisServer) -> None:
    """However many come."""
    await asyncio.gather(*(cache.find([key(str(number))]) for number in range(1000)))
    assert int(server.ask("INFO", "clients")["connected_clients"]) <= 6


async def test_burst_of_answers_is_kept(cache: RedisCache, caplog: pytest.LogCaptureFixture) -> None:
    """All of them, and nothing is told since nothing is lost."""
    kept = [answer(str(number) * 500) for number in range(KEPT)]
    await asyncio.gather(*(cache.keep(key(str(number)), one) for number, one in enumerate(kept)))

    async def are_there() -> bool:
        found = await cache.find([key(str(number)) for number in range(KEPT)])
        return list(found or ()) == kept

    await until(are_there)
    assert caplog.records == []


async def test_closing_keeps_what_was_brought(cache: RedisCache, server: RedisServer) -> None:
    """What waits when the service ends is written first."""
    tasks = [asyncio.create_task(cache.keep(key(str(number)), answer())) for number in range(500)]
    await asyncio.sleep(0)
    await cache.aclose()
    await asyncio.gather(*tasks)
    assert server.ask("EVAL", "return #redis.call('KEYS', ARGV[1])", 0, "*cache:v1:*") == 500


async def test_clearing_takes_what_was_brought_before(cache: RedisCache, server: RedisServer) -> None:
    """An answer that still waits to be written does not outlive it."""
    tasks = [asyncio.create_task(cache.keep(key(str(number)), answer())) for number in range(500)]
    await asyncio.sleep(0)
    assert await cache.clear(provider=None, model=None) == 500
    await asyncio.gather(*tasks)
    assert server.ask("EVAL", "return #redis.call('KEYS', ARGV[1])", 0, "*cache:v1:*") == 0
