"""Does everybody get the answer of his own key, whoever leaves, and whatever stands in Redis?"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from app.stores.redis_cache import RedisCache
from app.stores.redis_connections import RedisConnections
from app.stores.redis_names import name_of
from contracts.cache import CacheConfig
from tests.kit.answers import answer, key
from tests.kit.redis_server import RedisServer
from tests.kit.virtual_time import elapse
from tests.kit.waiting import until


def clients(server: RedisServer) -> int:
    """How many are connected, besides the one who asks."""
    return int(server.ask("CLIENT", "LIST").count(b"\n")) - 1


async def test_reply_of_one_who_left_goes_to_nobody_else(server: RedisServer) -> None:
    """Hundreds leave at every moment of a command; each reply that is read is the one to its own command."""
    connections, chance = RedisConnections(server.url, limit=4), random.Random(7)
    for number in range(50):
        server.ask("SET", f"k{number}", f"v{number}" * 2000)
    left = right = 0

    async def ask(number: int) -> None:
        nonlocal right
        first, second = await connections.ask(("GET", f"k{number}"), ("MGET", f"k{number}", "none"), within_seconds=5)
        assert first == f"v{number}".encode() * 2000
        assert second == [first, None]
        right += 1

    for _ in range(30):
        tasks = [asyncio.create_task(ask(chance.randrange(50))) for _ in range(40)]
        for task in chance.sample(tasks, 25):
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            left += isinstance(outcome, asyncio.CancelledError)
            assert outcome is None or isinstance(outcome, asyncio.CancelledError)
    assert right >= 30 * 15
    assert left >= 100
    await until(lambda: clients(server) <= 4)
    await connections.aclose()
    await until(lambda: clients(server) == 0)


async def test_answer_of_one_who_left_goes_to_nobody_else(cache: RedisCache) -> None:
    """The same through the cache: nobody ever gets another's answer, and the ones who stay get theirs."""
    for number in range(20):
        await cache.keep(key(str(number)), answer(str(number) * 500))
    chance = random.Random(7)

    async def ask(number: int) -> bool:
        found = await cache.find([key(str(number))])
        return found is None or list(found) == [answer(str(number) * 500)]

    async def leave(task: asyncio.Task[bool]) -> None:
        await elapse(chance.random() * 0.002)
        task.cancel()

    for _ in range(30):
        tasks = [asyncio.create_task(ask(chance.randrange(20))) for _ in range(20)]
        await asyncio.gather(*(leave(task) for task in tasks[:12]))
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert outcomes[12:] == [True] * 8
        assert False not in outcomes
    assert cache.fault() is None


@pytest.mark.parametrize(
    "command",
    [
        ("SET", "{name}", "not an answer"),
        ("SET", "{name}", b"\x80\x04\x95pickle"),
        ("SET", "{name}", ""),
        ("LPUSH", "{name}", "a", "b"),
        ("HSET", "{name}", "field", "value"),
    ],
)
async def test_wrong_data_under_a_key_is_a_miss(
    cache: RedisCache, server: RedisServer, command: tuple[str | bytes, ...]
) -> None:
    """Of another program, another type; the next answer takes its place, and others are found beside it."""
    await cache.keep(key("good"), answer())
    server.ask(*(name_of(key("bad")) if word == "{name}" else word for word in command))
    assert list(await cache.find([key("bad"), key("good")]) or ()) == [None, answer()]
    assert cache.fault() is None
    assert await cache.size() is not None
    await cache.keep(key("bad"), answer("new"))
    assert list(await cache.find([key("bad")]) or ()) == [answer("new")]


async def test_answer_copied_to_another_key_is_a_miss(cache: RedisCache, server: RedisServer) -> None:
    """It says itself whose it is."""
    await cache.keep(key("a"), answer())
    server.ask("COPY", name_of(key("a")), name_of(key("b")))
    assert list(await cache.find([key("b")]) or ()) == [None]


async def test_answers_do_not_all_go_together(server: RedisServer) -> None:
    """Each lives a little shorter than its time, by chance."""
    lives = []
    for chance in (0.0, 0.5, 1.0):
        cache = RedisCache(server.url, CacheConfig(ttl_seconds=1000), chance=lambda chance=chance: chance)  # type: ignore[misc]
        await cache.keep(key(str(chance)), answer())
        lives.append(server.ask("PTTL", name_of(key(str(chance)))))
        await cache.aclose()
    assert [round(life / 1000) for life in lives] == [900, 950, 1000]


async def test_answer_that_could_not_be_read_in_time_is_not_kept(cache: RedisCache, server: RedisServer) -> None:
    """Megabytes that cannot be packed would time out for everybody who asks for them."""
    await cache.keep(key("huge"), answer(random.Random(7).randbytes(5_000_000).hex()))
    await cache.keep(key("small"), answer())
    assert (server.ask("EXISTS", name_of(key("huge"))), server.ask("EXISTS", name_of(key("small")))) == (0, 1)


async def test_cache_of_a_socket_or_another_database_works(
    server: RedisServer, caching: Callable[[str], RedisCache]
) -> None:
    """unix:// as redis-py reads it; what stands in one database is not in another."""
    by_socket, by_port = caching(f"unix://{server.socket_path}?db=3"), caching(server.url.replace("/0", "/3"))
    await by_socket.keep(key(), answer())
    assert list(await by_port.find([key()]) or ()) == [answer()]
    assert list(await caching(server.url).find([key()]) or ()) == [None]
    server.kill()
    assert await by_socket.find([key()]) is None
    assert by_socket.fault() == f"Redis at {server.socket_path} cannot be reached"


@pytest.mark.parametrize(
    "url", ["http://h:1", "redis://:hunter2@h?nonsense=1", "redis://:hunter2@h?db=x", "redis://h:x"]
)
def test_cache_refuses_a_url_without_repeating_it(url: str) -> None:
    """What redis-py does not know is said when the cache is made, not when it is used."""
    with pytest.raises(ValueError) as refused:
        RedisCache(url, CacheConfig())
    assert str(refused.value) == "the URL of Redis says something that redis-py does not know"
    assert refused.value.__suppress_context__
