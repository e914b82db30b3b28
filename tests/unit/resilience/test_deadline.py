"""How is time bounded?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest

from app.resilience.clock import Clock
from app.resilience.deadline import Deadline, SilenceWatch, time_limit
from contracts.errors import LLMTimeoutError
from tests.kit.virtual_time import HandClock


def test_deadline_runs_out() -> None:
    """It counts down to zero and stays there."""
    hand = HandClock()
    deadline = Deadline(hand.clock, 45)
    hand.advance(44)
    assert deadline.remaining() == 1
    hand.advance(5)
    assert deadline.remaining() == 0


async def test_time_limit_says_what_was_late() -> None:
    """A body that takes too long is cancelled, and the error is ours."""
    began = asyncio.get_running_loop().time()
    with pytest.raises(LLMTimeoutError, match=r"^too late$"):
        async with time_limit(2.5, "too late"):
            await asyncio.Event().wait()
    assert asyncio.get_running_loop().time() - began == pytest.approx(2.5)


async def test_time_limit_leaves_a_callers_cancellation_alone() -> None:
    """Who is cancelled from outside is cancelled, not late."""

    async def work() -> None:
        async with time_limit(10, "too late"):
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_time_limit_takes_a_bodys_own_timeout_for_its_own() -> None:
    """Whoever below it gave up waiting, and said so in Python's word: the error is ours, caused by theirs."""
    theirs = TimeoutError("a limit below")
    with pytest.raises(LLMTimeoutError, match=r"^too late$") as late:
        async with time_limit(10, "too late"):
            raise theirs
    assert late.value.__cause__ is theirs


def test_clock_without_arguments_is_the_machines() -> None:
    """The default clock stamps in UTC and moves forward."""
    clock = Clock()
    assert clock.now().utcoffset() is not None
    assert clock.monotonic() <= clock.monotonic()
    assert 0 <= clock.rng.random() < 1


async def watched(watch: SilenceWatch, seconds: float, work: Awaitable[object]) -> bool:
    """Whether `watch` ended the wait for `work`."""
    watch.begin(seconds)
    try:
        await work
    except asyncio.CancelledError:
        if watch.was_it():
            return True
        raise
    finally:
        watch.end()
    return False


def passing(seconds: float) -> asyncio.Future[None]:
    """That so many seconds have gone by."""
    loop = asyncio.get_running_loop()
    passed: asyncio.Future[None] = loop.create_future()
    loop.call_later(seconds, passed.set_result, None)
    return passed


async def test_silence_watch_ends_a_wait_in_time_and_leaves_the_task_usable() -> None:
    """One after another, whichever of them is the longer one."""
    loop, watch = asyncio.get_running_loop(), SilenceWatch()
    for seconds in (60.0, 2.5, 10.0):
        began = loop.time()
        assert await watched(watch, seconds, asyncio.Event().wait())
        assert loop.time() - began == pytest.approx(seconds)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    watch.close()


async def test_silence_watch_counts_from_the_latest_wait() -> None:
    """What came in between was no silence, and the timer of the first wait ends nothing."""
    loop, watch = asyncio.get_running_loop(), SilenceWatch()
    for _ in range(5):
        assert not await watched(watch, 10, passing(9))
    # Nobody waits when the timer rings.
    await passing(30)
    began = loop.time()
    assert await watched(watch, 10, asyncio.Event().wait())
    assert loop.time() - began == pytest.approx(10)
    watch.close()


async def test_silence_watch_leaves_a_callers_cancellation_alone() -> None:
    """Who is cancelled from outside heard no silence."""
    watch = SilenceWatch()
    task = asyncio.create_task(watched(watch, 10, asyncio.Event().wait()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    watch.close()


async def test_silence_watch_whose_cancellation_became_another_error_takes_it_back() -> None:
    """Else the next cancellation of the task would be taken for two."""

    async def failing() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ValueError from None

    watch = SilenceWatch()
    with pytest.raises(ValueError):
        await watched(watch, 1, failing())
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    watch.close()
