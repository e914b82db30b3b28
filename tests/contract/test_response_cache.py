"""Does each cache keep what the port promises? One suite over all of them, with a real Redis."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings

from app.ports import Kept, ResponseCache
from app.stores.memory_cache import MemoryCache
from app.stores.redis_cache import RedisCache
from contracts.cache import CacheConfig
from contracts.chat import RawPart
from tests.kit.answers import ANSWERS, VECTORS, answer, key, vectors
from tests.kit.redis_server import URL_VARIABLE, RedisServer
from tests.kit.waiting import until

Make: TypeAlias = Callable[[], ResponseCache]


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server that a developer or a pipeline names, else one of our own."""
    if named := os.environ.get(URL_VARIABLE):
        yield named
        return
    folder: Path = tmp_path_factory.mktemp("redis")
    server = RedisServer(folder)
    yield server.url
    server.close()


@pytest.fixture(params=["memory", "redis"])
def make(request: pytest.FixtureRequest) -> Make:
    """Makes caches of one kind; those in Redis share what they hold, and nothing with anybody else."""
    if request.param == "memory":
        return lambda: MemoryCache(CacheConfig())
    url, under = request.getfixturevalue("redis_url"), f"llm-provider-service-test:{secrets.token_hex(8)}"
    return lambda: RedisCache(url, CacheConfig(), under=under)


@pytest.fixture
async def cache(make: Make) -> AsyncIterator[ResponseCache]:
    """An empty cache."""
    made = make()
    yield made
    await made.clear(provider=None, model=None)
    await made.aclose()


async def found(cache: ResponseCache, digest: str) -> Kept | None:
    answers = await cache.find([key(digest)])
    assert answers is not None
    return answers[0]


async def test_cache_gives_what_was_kept(cache: ResponseCache) -> None:
    """In the order of the keys, None where there is nothing."""
    first, second = answer("one"), answer("two", RawPart(provider="openai", data={"a": [1, None, "ü"]}))
    await cache.keep(key("a"), first)
    await cache.keep(key("b"), second)
    assert list(await cache.find([key("b"), key("x"), key("a"), key("b")]) or ()) == [second, None, first, second]
    assert list(await cache.find([]) or ()) == []
    assert cache.fault() is None


@given(kept=ANSWERS | VECTORS)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_cache_gives_back_every_answer(make: Make, kept: Kept) -> None:
    """Whatever an answer may be made of, and vectors."""

    async def check() -> None:
        cache = make()
        await cache.keep(key(), kept)
        assert await found(cache, key().digest) == kept
        await cache.clear(provider=None, model=None)
        await cache.aclose()

    asyncio.run(check())


@pytest.mark.parametrize("other", [key("b"), key("a", provider="mine"), key("a", model="gpt-5")])
async def test_cache_never_gives_the_answer_of_another_key(cache: ResponseCache, other: object) -> None:
    """A digest, a provider or a model more is another answer."""
    await cache.keep(key("a"), answer())
    assert await cache.find([other]) == [None]  # type: ignore[list-item]


async def test_cache_gives_the_newest(cache: ResponseCache) -> None:
    """Kept again, the earlier one is gone."""
    await cache.keep(key("a"), answer("old"))
    await cache.keep(key("a"), answer("new"))
    assert await found(cache, "a") == answer("new")
    size = await cache.size()
    assert size is not None
    assert size.keys == 1


async def test_cache_keeps_long_answers(cache: ResponseCache) -> None:
    """A megabyte goes by threads, and comes back whole."""
    long = answer("".join(f"{number} bottles, " for number in range(80_000)))
    await cache.keep(key("a"), long)
    assert await found(cache, "a") == long


async def test_cache_keeps_many_vectors(cache: ResponseCache) -> None:
    """Three hundred of them go by threads and come back to the last bit, beside answers of other kinds."""
    many = vectors(*[tuple(1 / (3 + row + at) for at in range(1024)) for row in range(300)])
    raw = vectors(raw='{"data":[{"embedding":"' + "AACAPwAA" * 50_000 + '"}]}')
    await cache.keep(key("a"), many)
    await cache.keep(key("b"), raw)
    await cache.keep(key("c"), answer())
    assert list(await cache.find([key("a"), key("b"), key("c")]) or ()) == [many, raw, answer()]
    assert await cache.clear(provider="openai", model=key().model) == 3


async def test_cache_adopts_a_shorter_life(cache: ResponseCache) -> None:
    """What was kept for an hour is not given after a second, once that is the rule."""
    await cache.keep(key("a"), answer())
    cache.adopt(CacheConfig(ttl_seconds=1))

    async def is_gone() -> bool:
        return await found(cache, "a") is None

    assert not await is_gone()
    await until(is_gone, within_seconds=3)


async def test_cache_does_not_keep_what_cannot_be_read_back(cache: ResponseCache) -> None:
    """It is a miss at once, and no error."""
    await cache.keep(key("a"), answer("", RawPart(provider="openai", data={"when": object()})))
    assert await found(cache, "a") is None


async def test_cache_tells_its_size(cache: ResponseCache) -> None:
    """Keys and bytes, growing and shrinking with what it holds."""
    sizes = []
    for count in range(3):
        sizes.append(await cache.size())
        await cache.keep(key(f"d{count}"), answer("x" * 100))
    assert [size and size.keys for size in sizes] == [0, 1, 2]
    bytes_held = [size.bytes for size in sizes if size]
    assert bytes_held[0] == 0
    assert 300 < bytes_held[1] < 3000
    assert abs(bytes_held[2] - 2 * bytes_held[1]) < 20
    assert [size.evictions for size in sizes if size] == [0, 0, 0]


@pytest.mark.parametrize(
    "provider,model,left",
    [
        (None, None, ""),
        ("openai", None, "cd"),
        (None, "m1", "bd"),
        ("openai", "m1", "bcd"),
        ("a*", None, "abcd"),
        ("openai", "nobody", "abcd"),
    ],
)
async def test_cache_clears_what_is_asked_for(
    cache: ResponseCache, provider: str | None, model: str | None, left: str
) -> None:
    """All, a provider's, a model's everywhere, a model's there; and says how many went. A star is no pattern."""
    keys = {
        "a": key("a", provider="openai", model="m1"),
        "b": key("b", provider="openai", model="m2:large"),
        "c": key("c", provider="azure/eu", model="m1"),
        "d": key("d", provider="azure/eu", model="m2:large"),
    }
    for one in keys.values():
        await cache.keep(one, answer())
    assert await cache.clear(provider=provider, model=model) == 4 - len(left)
    held = await cache.find(list(keys.values())) or ()
    assert "".join(name for name, one in zip(keys, held, strict=True) if one) == left


async def test_cache_clears_and_measures_many(cache: ResponseCache) -> None:
    """More than one page of names."""
    for number in range(2500):
        await cache.keep(key(f"{number:064x}"), answer())
    size = await cache.size()
    assert size is not None
    assert size.keys == 2500
    assert await cache.clear(provider=None, model=None) == 2500
    assert await cache.clear(provider=None, model=None) == 0


async def test_cache_serves_many_at_once(cache: ResponseCache) -> None:
    """Each gets the answer of its own key."""
    for number in range(100):
        await cache.keep(key(str(number)), answer(str(number)))
    answers = await asyncio.gather(*(found(cache, str(number)) for number in range(100)))
    assert list(answers) == [answer(str(number)) for number in range(100)]


async def test_cache_can_be_closed_twice_and_unused(make: Make) -> None:
    """A service that never served closes its cache too, and leaves no task."""
    unused = make()
    await unused.aclose()
    await unused.aclose()
    assert asyncio.all_tasks() == {asyncio.current_task()}
