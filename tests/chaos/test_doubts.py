"""Is a scenario played again where, and only where, the machine took time away from what was measured?"""

from __future__ import annotations

from collections.abc import Sequence

from tests.chaos.doubts import without_doubts
from tests.chaos.machine import LOST_SECONDS, Machine
from tests.chaos.scenario import Scenario, Stage
from tests.chaos.scorecard import Result, scorecard

_LONG_IN_C = 20_000_000


class Plays:
    """A player whose scenarios go as told: for each play, the flaws and the seconds that were lost."""

    def __init__(self, *plays: tuple[tuple[str, ...], float]) -> None:
        self.plays = list(plays)
        self.played: list[tuple[list[str], str]] = []

    async def __call__(self, scenarios: Sequence[Scenario], play: str) -> list[Result]:
        """Every scenario goes alike."""
        self.played.append(([one.name for one in scenarios], play))
        flaws, lost = self.plays.pop(0)
        return [
            Result(
                name=one.name,
                told="",
                rules=(),
                public=None,
                saw="",
                attempts="",
                seconds=1,
                flaws=flaws if one.name == "shaky" else (),
                lost_seconds=lost,
            )
            for one in scenarios
        ]


async def _nothing(stage: Stage) -> None:
    del stage


_SCENARIOS = [Scenario(name=name, told="", play=_nothing) for name in ("steady", "shaky")]


async def test_flaw_on_a_machine_that_ran_counts_at_once() -> None:
    """Nothing is played again."""
    plays = Plays((("late",), LOST_SECONDS))
    results = await without_doubts(_SCENARIOS, plays)
    assert [(one.name, one.flaws) for one in results] == [("steady", ()), ("shaky", ("late",))]
    assert plays.played == [(["steady", "shaky"], "")]


async def test_flaw_on_a_machine_that_stood_still_is_looked_at_again_and_told() -> None:
    """Only the scenario with the flaw is played again; the scorecard says so."""
    plays = Plays((("late",), 0.8), ((), 0.8))
    results = await without_doubts(_SCENARIOS, plays)
    assert [(one.name, one.passed) for one in results] == [("steady", True), ("shaky", True)]
    assert plays.played == [(["steady", "shaky"], ""), (["shaky"], ", play 2")]
    assert "~ played again, for 0.80 s lost to the machine: late" in scorecard(results, faults={}, failed_only=True)


async def test_flaw_that_stays_is_one() -> None:
    """Three plays, and it counts."""
    plays = Plays((("late",), 0.8), (("late",), 0.8), (("later",), 0.8))
    shaky = (await without_doubts(_SCENARIOS, plays))[1]
    assert shaky.flaws == ("later",)
    assert len(shaky.doubted) == 2
    assert plays.plays == []


def test_machine_tells_time_in_which_no_thread_of_ours_ran() -> None:
    """A long call in C keeps the interpreter to itself, as a machine that stands still does."""
    with Machine() as machine:
        lost = machine.watch()
        sum(range(_LONG_IN_C))
        assert lost() > LOST_SECONDS


def test_machine_knows_no_waits_of_a_process_that_is_gone() -> None:
    """A service that was ended in its scenario is no error."""
    with Machine() as machine:
        assert machine.watch(2**22 + 1)() >= 0
