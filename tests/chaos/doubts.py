"""Whose flaw is it? Where the machine took time away from our processes, a flaw may be the machine's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from tests.chaos.machine import LOST_SECONDS
from tests.chaos.scenario import Scenario
from tests.chaos.scorecard import Result

_MOST_PLAYS = 3


async def without_doubts(
    scenarios: Sequence[Scenario], play: Callable[[Sequence[Scenario], str], Awaitable[list[Result]]]
) -> list[Result]:
    """What `play` gives for all of them, in the order of a first play.

    A flaw counts at once where the machine ran all the time. Otherwise its scenario is played again, beside none but
    others of its kind and against a new service, three times at most; the result says so.
    """
    results = {one.name: one for one in await play(scenarios, "")}
    for number in range(2, _MOST_PLAYS + 1):
        doubted = {name for name, one in results.items() if one.flaws and one.lost_seconds > LOST_SECONDS}
        if not doubted:
            break
        again = await play([one for one in scenarios if one.name in doubted], f", play {number}")
        results |= {one.name: one.after(results.get(one.name)) for one in again}
    return list(results.values())
