"""How many may go in a minute, how many at once, and when the next?"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.resilience.pace import Pace
from tests.kit.virtual_time import HandClock


def gone(per_minute: int, hand: HandClock, seconds: float) -> list[float]:
    """When each went, of callers who go as soon as they may, for so long."""
    pace, began = Pace(per_minute, hand.clock), hand.seconds
    times: list[float] = []
    while hand.seconds - began < seconds:
        if wait := pace.wait(1):
            hand.advance(wait)
        else:
            pace.take(1)
            times.append(hand.seconds - began)
    return times


def test_pace_lets_a_tenth_go_at_once() -> None:
    """The rest is spread evenly."""
    times = gone(60, HandClock(), 10)
    assert [round(time, 3) for time in times[:6]] == [0] * 6
    assert [round(after - before, 3) for before, after in pairwise(times[5:10])] == [
        pytest.approx(60 / 55, abs=0.001)
    ] * 4


@given(st.integers(1, 200))
def test_pace_no_minute_holds_more(per_minute: int) -> None:
    """Wherever a minute begins, it holds the allowance at most; and nearly all of it is used."""
    times = gone(per_minute, HandClock(), 130)
    for first, begin in enumerate(times):
        assert sum(begin <= time < begin + 60 - 1e-3 for time in times[first:]) <= per_minute
    assert len(times) >= per_minute * 0.9 * 2


def test_pace_counts_those_before() -> None:
    """Who comes behind others waits for what they will take, too."""
    pace = Pace(60, HandClock().clock)
    assert pace.wait(1, behind=5) == 0
    assert pace.wait(1, behind=11) == pytest.approx(6 * 60 / 55)


def test_pace_lets_the_large_go_when_it_is_full() -> None:
    """What is larger than the tenth waits for no more than that, and all after it pay for it."""
    hand = HandClock()
    pace = Pace(1000, hand.clock)
    assert pace.wait(700) == 0
    pace.take(700)
    assert pace.wait(100) == pytest.approx(700 / (901 / 60))
    hand.advance(700 / (901 / 60))
    assert pace.wait(700) == 0


def test_pace_takes_back_what_was_too_much() -> None:
    """An estimate is corrected both ways, and what is given back is no more than a full bucket."""
    pace = Pace(1000, HandClock().clock)
    pace.take(100)
    pace.take(-60)
    assert pace.wait(60) == 0
    pace.take(60)
    pace.take(30)
    assert pace.wait(1) == pytest.approx(31 / (901 / 60))
    pace.take(-1000)
    assert pace.wait(101) == 0
    pace.take(100)
    assert pace.wait(1) > 0


def test_pace_changes_without_forgetting() -> None:
    """Another allowance holds at once; it is no new bucket."""
    hand = HandClock()
    pace = Pace(60, hand.clock)
    pace.take(6)
    pace.adopt(600)
    assert pace.wait(1) == pytest.approx(60 / 541)
    hand.advance(60)
    pace.adopt(60)
    assert (pace.wait(1, behind=5), pace.wait(1, behind=6)) == (0, pytest.approx(60 / 55))
