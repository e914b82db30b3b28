"""How does a test wait for what another process or task does? It looks, for a bounded time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.kit.virtual_time import elapse

LOOK_EVERY_SECONDS = 0.01


async def until(is_so: Callable[[], bool | Awaitable[bool]], *, within_seconds: float = 10.0) -> None:
    """Waits until `is_so`; raises AssertionError when it is not in time."""
    for _ in range(int(within_seconds / LOOK_EVERY_SECONDS)):
        found = is_so()
        if found is True or (found is not False and await found):
            return
        await elapse(LOOK_EVERY_SECONDS)
    msg = f"did not come about in {within_seconds} s"
    raise AssertionError(msg)
