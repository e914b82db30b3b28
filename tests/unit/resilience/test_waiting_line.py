"""Who is next?"""

from __future__ import annotations

import asyncio

from app.resilience.waiting_line import Waiter, WaitingLine
from contracts.requests import Priority


def waiter(priority: Priority, tokens: int = 1) -> Waiter[str]:
    return Waiter(priority, tokens, asyncio.get_running_loop().create_future())


async def test_line_serves_the_urgent_first_and_equals_in_turn() -> None:
    """Urgent before high before normal before low; within one the first to come."""
    line: WaitingLine[str] = WaitingLine()
    came = [waiter(priority) for priority in (*Priority, *Priority)]
    for one in came:
        line.add(one)
    served = []
    while (first := line.first()) is not None:
        served.append(came.index(first))
        line.remove(first)
    assert served == [3, 7, 2, 6, 1, 5, 0, 4]


async def test_line_knows_who_is_ahead() -> None:
    """Those of one's own priority and above, with their tokens."""
    line: WaitingLine[str] = WaitingLine()
    for priority in (Priority.URGENT, Priority.NORMAL, Priority.NORMAL, Priority.LOW):
        line.add(waiter(priority, tokens=10))
    counts = [line.ahead_of(priority) for priority in (Priority.URGENT, Priority.HIGH, Priority.NORMAL, Priority.LOW)]
    assert counts == [(1, 10), (1, 10), (3, 30), (4, 40)]


async def test_line_is_left_once() -> None:
    """Who is not there is not counted out."""
    line: WaitingLine[str] = WaitingLine()
    one, other = waiter(Priority.LOW), waiter(Priority.LOW)
    line.add(one)
    line.add(other)
    line.remove(one)
    line.remove(one)
    assert (len(line), line.first(), line.ahead_of(Priority.LOW)) == (1, other, (1, 1))
