"""Is all that one request made gone when it has ended, its body too, without the garbage collector looking for it?"""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable

import pytest

from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import unreadable

Ways = Callable[[Engine], Awaitable[object]]


async def _plain(engine: Engine) -> None:
    await engine.ask()


async def _named(engine: Engine) -> None:
    await engine.ask(model="alpha-1", fallback_providers=["beta"])


async def _looked_up(engine: Engine) -> None:
    """Bought in a call that others could have shared, then given from the cache."""
    prompt = f"This is request {len(engine.records.requests)}."
    await engine.ask(prompt=prompt, use_cache=True)
    await engine.ask(prompt=prompt, use_cache=True)


async def _streamed(engine: Engine) -> None:
    async with await engine.open() as stream:
        async for _ in stream:
            pass


async def _failed_over(engine: Engine) -> None:
    await engine.ask(preferred_provider="broken")


async def _refused(engine: Engine) -> None:
    await engine.failure(preferred_provider="broken", enable_fallback=False)


def _ours() -> list[str]:
    """The types of ours among what only the collector can free now."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        return sorted(
            {type(one).__qualname__ for one in gc.garbage if type(one).__module__.startswith(("app.", "contracts."))}
        )
    finally:
        gc.set_debug(0)
        gc.garbage.clear()


@pytest.mark.parametrize("way", [_plain, _named, _looked_up, _streamed, _failed_over, _refused])
async def test_request_that_has_ended_leaves_nothing_to_the_collector(way: Ways) -> None:
    """Nothing that it made holds itself: at 2,000 requests in a second the collector would be a quarter of the work."""
    engine = Engine(FakeProvider("alpha"), FakeProvider("beta"), FakeProvider("broken", [unreadable()] * 2))
    await way(engine)
    gc.collect()
    gc.disable()
    try:
        await way(engine)
        left = _ours()
    finally:
        gc.enable()
    assert left == []
