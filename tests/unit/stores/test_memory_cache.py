"""What does the memory keep, for how long, and what goes first?"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ports import CachedAnswer, CachedVectors
from app.stores.answer_weight import memory_bytes
from app.stores.memory_cache import ENTRY_BYTES, MemoryCache
from contracts.cache import CacheConfig
from contracts.chat import RawPart, ToolCallPart
from tests.kit.answers import answer, key, vectors
from tests.kit.virtual_time import HandClock, run

ONE = memory_bytes(answer("x")) + ENTRY_BYTES


def memory(hand: HandClock | None = None, **limits: Any) -> MemoryCache:
    return MemoryCache(CacheConfig(**limits), clock=(hand or HandClock()).clock.monotonic)


async def kept(cache: MemoryCache, *digests: str) -> MemoryCache:
    for digest in digests:
        await cache.keep(key(digest), answer("x"))
    return cache


async def held(cache: MemoryCache, digests: str = "abcdef") -> str:
    found = await cache.find([key(digest) for digest in digests])
    return "".join(digest for digest, one in zip(digests, found, strict=True) if one is not None)


async def test_memory_gives_the_object_itself() -> None:
    """Nothing is decoded on a hit."""
    cache, mine = memory(), answer()
    await cache.keep(key(), mine)
    (found,) = await cache.find([key()])
    assert found is mine
    assert (cache.backend, cache.fault()) == ("memory", None)


async def test_memory_drops_what_was_not_asked_for_the_longest() -> None:
    """Being asked for counts, and so does being kept again."""
    cache = await kept(memory(max_entries=3), "a", "b", "c")
    await cache.find([key("a")])
    await kept(cache, "b", "d")
    assert await held(cache) == "abd"
    assert (await cache.size()).evictions == 1


async def test_memory_drops_for_bytes_too() -> None:
    """A large one may cost several small ones their place."""
    cache = await kept(memory(max_bytes=3 * ONE + 16), "a", "b", "c")
    await cache.keep(key("d"), answer("x" * ONE))
    assert await held(cache) == "cd"
    size = await cache.size()
    assert (size.keys, size.evictions) == (2, 2)
    assert 3 * ONE - 16 <= size.bytes <= 3 * ONE + 16


async def test_memory_does_not_keep_what_has_no_room_alone() -> None:
    """It would push out all others and not fit even then."""
    cache = await kept(memory(max_bytes=2 * ONE), "a")
    await cache.keep(key("b"), answer("x" * 2 * ONE))
    assert await held(cache) == "a"


async def test_memory_counts_what_is_kept_again_once() -> None:
    """The newer answer is given, and its size is the one that counts."""
    cache, newer = await kept(memory(), "a"), answer("x" * 1001)
    await cache.keep(key("a"), newer)
    assert list(await cache.find([key("a")])) == [newer]
    assert (await cache.size()).bytes == ENTRY_BYTES + memory_bytes(newer)


async def test_memory_forgets_after_its_time() -> None:
    """To the second, whether somebody asks or not; that is no eviction."""
    hand = HandClock()
    cache = await kept(memory(hand, ttl_seconds=60), "a", "b")
    hand.advance(30)
    await kept(cache, "b", "c")
    hand.advance(29)
    assert await held(cache) == "abc"
    hand.advance(1)
    assert await held(cache, "a") == ""
    hand.advance(30)
    size = await cache.size()
    assert (size.keys, size.bytes, size.evictions) == (0, 0, 0)


async def test_memory_adopts_limits_at_once() -> None:
    """Fewer entries, fewer bytes and a shorter time hold for what is there already."""
    hand = HandClock()
    cache = await kept(memory(hand), "a", "b", "c", "d")
    cache.adopt(CacheConfig(max_entries=3))
    assert (await cache.size()).keys == 3
    cache.adopt(CacheConfig(max_bytes=2 * ONE))
    assert await held(cache) == "cd"
    hand.advance(10)
    await kept(cache, "e")
    cache.adopt(CacheConfig(ttl_seconds=10))
    assert await held(cache) == "e"
    cache.adopt(CacheConfig(ttl_seconds=100))
    hand.advance(50)
    assert await held(cache) == "e"


async def test_memory_does_not_keep_what_cannot_be_weighed(caplog: pytest.LogCaptureFixture) -> None:
    """An answer that is no JSON is told, without its words."""
    cache = memory()
    await cache.keep(key(), answer("secret", RawPart(provider="openai", data={"secret": object()})))
    assert await cache.find([key()]) == [None]
    assert "an answer of openai cannot be kept" in caplog.text
    assert "secret" not in caplog.text


def called(number: int, one: int) -> ToolCallPart:
    return ToolCallPart(id=f"c{number}.{one}", name=f"f{number}.{one}", arguments=f"[{number},{one}]")


@pytest.mark.parametrize(
    "made",
    [
        lambda number: answer(f"{number}" * 2),
        lambda number: answer(f"{number}" + "x" * 5000),
        lambda number: answer(f"{number}" + "ö" * 5000),
        lambda number: answer(f"{number}" + "x" * 5000 + "\N{GRINNING FACE}"),
        lambda number: answer("", *(called(number, one) for one in range(100))),
        lambda number: answer(
            "", RawPart(provider=f"p{number}", data={f"{number}": [number + 0.5, {f"{number}x": 1}]})
        ),
    ],
    ids=["short", "ascii", "latin", "emoji", "calls", "raw"],
)
async def test_memory_weighs_what_it_takes(made: Callable[[int], CachedAnswer]) -> None:
    """By what Python says that it took, UTF-8 that it may keep beside the text included."""
    cache, count = memory(), 300
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(count):
            await cache.keep(key(f"{number:064}"), made(1000 + number))
        took = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    text = made(1000).reply.message.text
    took += 0 if text.isascii() else count * len(text.encode())
    assert 0.75 < took / (await cache.size()).bytes < 1.2


@pytest.mark.parametrize(
    "made",
    [
        lambda number: vectors((number + 0.5, 1.0)),
        lambda number: vectors(*[tuple(float(number + at) for at in range(768))] * 4),
        lambda number: vectors(raw=f"{number}" * 2000),
    ],
    ids=["short", "long", "raw"],
)
async def test_memory_weighs_vectors_as_they_lie_there(made: Callable[[int], CachedVectors]) -> None:
    """Packed: as Python's own numbers they would take four times as much."""
    cache, count = memory(max_bytes=2**30), 300
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(count):
            await cache.keep(key(f"{number:064}"), made(1000 + number))
        took = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert 0.75 < took / (await cache.size()).bytes < 1.2


@given(
    st.lists(
        st.tuples(st.sampled_from("kfat"), st.sampled_from("abcdefgh"), st.integers(1, 3 * ONE)),
        min_size=1,
        max_size=40,
    )
)
def test_memory_is_never_over_its_limits(steps: list[tuple[str, str, int]]) -> None:
    """Whatever is kept, asked for and adopted in whatever order, and its own count is right."""

    async def check() -> None:
        hand = HandClock()
        cache, most = memory(hand, max_entries=4, max_bytes=6 * ONE, ttl_seconds=50), 6 * ONE
        for what, digest, number in steps:
            if what == "k":
                await cache.keep(key(digest), answer("x" * number))
            elif what == "f":
                await cache.find([key(digest)])
            elif what == "a":
                most = number + 1024
                cache.adopt(CacheConfig(max_entries=4, max_bytes=most, ttl_seconds=50))
            else:
                hand.advance(number % 60)
            size = await cache.size()
            assert size.keys <= 4
            assert size.bytes <= most
        assert await cache.clear(provider=None, model=None) == size.keys
        empty = await cache.size()
        assert (empty.keys, empty.bytes) == (0, 0)

    run(check())
