"""How long is each interval of an outage?"""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.resilience.outage import Outage
from tests.kit.virtual_time import HandClock


def intervals(hand: HandClock, *, seconds: float, longest: float = 120.0) -> list[tuple[float, float]]:
    """Age of the outage at each interval's beginning, and the interval, when every probe fails at once."""
    outage, began = Outage(hand.clock, longest_seconds=longest), hand.seconds
    found = [(0.0, outage.interval_seconds)]
    while hand.seconds - began < seconds:
        hand.advance(outage.until_probe())
        outage.go_on(longest_seconds=longest, probed_for_seconds=0)
        found.append((hand.seconds - began, outage.interval_seconds))
    return found


def test_outage_begins_with_five_seconds() -> None:
    """The first interval is 5 s, without jitter, and less where the configuration says so."""
    hand = HandClock()
    assert Outage(hand.clock, longest_seconds=120).interval_seconds == 5
    assert Outage(hand.clock, longest_seconds=2).interval_seconds == 2


def test_outage_grows_by_half_with_jitter() -> None:
    """The second is 7.5 s and the third 11.25 s, give or take a fifth, and never twice the same."""
    seconds, thirds = [], []
    hand = HandClock()
    for _ in range(200):
        outage = Outage(hand.clock, longest_seconds=120)
        outage.go_on(longest_seconds=120, probed_for_seconds=0)
        seconds.append(outage.interval_seconds)
        outage.go_on(longest_seconds=120, probed_for_seconds=0)
        thirds.append(outage.interval_seconds)
    assert 6.0 <= min(seconds) < 6.3 < 8.7 < max(seconds) <= 9.0
    assert len(set(seconds)) == 200
    assert 9.0 <= min(thirds) < 9.3
    assert max(thirds) == 12


def test_outage_that_is_young_is_probed_every_twelve_seconds() -> None:
    """Of the intervals that begin in the first two minutes none is longer than 12 s."""
    young = [length for age, length in intervals(HandClock(), seconds=119) if age < 120]
    assert max(young) == 12
    assert len(young) >= 10


def test_outage_that_lasts_is_probed_ever_more_seldom() -> None:
    """After two minutes the intervals grow by half again, up to the longest and never beyond."""
    late = [length for age, length in intervals(HandClock(), seconds=3000) if age >= 120]
    assert 12 < late[0] <= 12 * 1.5 * 1.2
    assert max(late) == 120
    assert min(late[8:]) >= 96
    assert all(following <= 1.5 * 1.2 / 0.8 * length for length, following in pairwise(late))


@pytest.mark.parametrize("probed_for,shortest,longest", [(0.0, 6.0, 9.0), (4.0, 2.0, 5.0), (30.0, 1.0, 1.0)])
def test_outage_counts_from_the_probes_beginning(probed_for: float, shortest: float, longest: float) -> None:
    """What a probe took is taken off the next interval, of which a second is left."""
    outage = Outage(HandClock().clock, longest_seconds=120)
    outage.go_on(longest_seconds=120, probed_for_seconds=probed_for)
    assert shortest <= outage.interval_seconds <= longest
    assert outage.until_probe() == pytest.approx(outage.interval_seconds)
