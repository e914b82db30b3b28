"""Which requests are under way, and what do those learn that are cut?"""

from __future__ import annotations

import asyncio

import pytest

from app.http.under_way import UnderWay
from contracts import ShuttingDownError


async def seven() -> int:
    return 7


async def test_under_way_counts_what_is_not_over() -> None:
    """From the first step of a work to its last; then it is over."""
    under_way, go_on = UnderWay(), asyncio.Event()
    assert await under_way.is_over(within_seconds=0)
    task = asyncio.create_task(under_way.until_cut(go_on.wait()))
    await asyncio.sleep(0)
    assert len(under_way) == 1
    assert not await under_way.is_over(within_seconds=0)
    go_on.set()
    assert await task is True
    assert await under_way.is_over(within_seconds=1)
    assert await under_way.until_cut(seven()) == 7


async def test_under_way_cut_is_an_error_of_ours() -> None:
    """The work is cancelled, and whoever waited for it goes on, to tell the caller."""
    under_way, ended = UnderWay(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def request() -> int:
        with pytest.raises(ShuttingDownError, match="the service ended before the answer was whole"):
            await under_way.until_cut(work())
        task = asyncio.current_task()
        assert task is not None
        return task.cancelling()

    task = asyncio.create_task(request())
    await asyncio.sleep(0)
    under_way.cut()
    assert (await task, ended.is_set(), len(under_way)) == (0, True, 0)


async def test_under_way_innermost_tells() -> None:
    """A request that is known twice is cut once, where the caller can be told best."""
    under_way, told = UnderWay(), []

    async def inner() -> str:
        try:
            await under_way.until_cut(asyncio.Event().wait())
        except ShuttingDownError:
            told.append("inner")
        return "last words"

    task = asyncio.create_task(under_way.until_cut(inner()))
    await asyncio.sleep(0)
    assert len(under_way) == 1
    under_way.cut()
    assert (await task, told, len(under_way)) == ("last words", ["inner"], 0)


async def test_under_way_other_cancellation_goes_through() -> None:
    """Who is cancelled by the server, or together with a cut, is cancelled."""
    under_way = UnderWay()
    for is_cut in (False, True):
        task = asyncio.create_task(under_way.until_cut(asyncio.Event().wait()))
        await asyncio.sleep(0)
        if is_cut:
            under_way.cut()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(under_way) == 0
