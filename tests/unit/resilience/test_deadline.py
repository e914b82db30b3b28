"""How is time bounded?"""

from __future__ import annotations

import asyncio

import pytest

from app.resilience.clock import Clock
from app.resilience.deadline import Deadline, time_limit
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
