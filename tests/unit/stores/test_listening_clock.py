"""Which time counts as time in which somebody listened?"""

from __future__ import annotations

import asyncio

from app.stores.listening_clock import MOST_A_TICK_SECONDS, TICK_SECONDS, ListeningClock
from tests.kit.virtual_time import HandClock, elapse


async def test_clock_runs_from_its_beginning_to_its_end() -> None:
    """As any clock does while the loop is free; before, between and after it stands still."""
    loop, is_wanted = asyncio.get_running_loop(), True
    clock = ListeningClock(lambda: is_wanted, clock=loop.time)
    await elapse(1)
    assert clock.now() == 0
    clock.begin()
    await elapse(0.1)
    clock.begin()
    await elapse(0.1)
    assert abs(clock.now() - 0.2) < 0.001
    is_wanted = False
    await elapse(1)
    assert clock.now() < 0.2 + 2 * TICK_SECONDS
    is_wanted, stood_at = True, clock.now()
    clock.begin()
    await elapse(0.1)
    clock.stop()
    clock.stop()
    await elapse(1)
    assert abs(clock.now() - stood_at - 0.1) < 0.001


async def test_clock_hardly_runs_while_the_loop_is_held_up() -> None:
    """Seconds between two ticks count as hundredths of one."""
    hand = HandClock()
    clock = ListeningClock(lambda: True, clock=hand.clock.monotonic)
    clock.begin()
    hand.advance(3)
    assert clock.now() == MOST_A_TICK_SECONDS
    await elapse(1.5 * TICK_SECONDS)
    assert clock.now() == MOST_A_TICK_SECONDS
    hand.advance(TICK_SECONDS)
    assert abs(clock.now() - MOST_A_TICK_SECONDS - TICK_SECONDS) < 1e-6
    clock.stop()
