"""How long does a route rest after rate limits?"""

from __future__ import annotations

import pytest

from app.resilience.cooldown import Cooldown
from tests.kit.virtual_time import HandClock


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


@pytest.fixture
def cooldown(hand: HandClock) -> Cooldown:
    return Cooldown(hand.clock)


def rests(cooldown: Cooldown, hand: HandClock, times: int) -> list[float]:
    """How long it rests after each of so many limits, one after the other."""
    seconds: list[float] = []
    for _ in range(times):
        cooldown.limited(None)
        seconds.append(cooldown.remaining())
        hand.advance(seconds[-1])
    return seconds


def test_cooldown_begins_awake(cooldown: Cooldown) -> None:
    """Nothing rests before the first limit."""
    assert cooldown.remaining() == 0


def test_cooldown_doubles_to_a_minute(cooldown: Cooldown, hand: HandClock) -> None:
    """Without Retry-After it rests 1 s, doubling to 60 s."""
    assert rests(cooldown, hand, 9) == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_cooldown_follows_the_vendor(cooldown: Cooldown, hand: HandClock) -> None:
    """With Retry-After it rests just so long, above a minute too."""
    cooldown.limited(90)
    hand.advance(30)
    assert cooldown.remaining() == 60


def test_cooldown_never_shortens(cooldown: Cooldown) -> None:
    """A second, shorter wish does not take the first back."""
    cooldown.limited(20)
    cooldown.limited(2)
    cooldown.rest(1)
    assert cooldown.remaining() == 20


def test_cooldown_calls_refused_together_are_one_step(cooldown: Cooldown, hand: HandClock) -> None:
    """A burst of calls that are refused at once doubles nothing."""
    for _ in range(20):
        cooldown.limited(None)
        hand.advance(0.01)
    assert cooldown.remaining() < 1
    hand.advance(1)
    cooldown.limited(None)
    assert cooldown.remaining() == 2


def test_cooldown_success_ends_the_doubling(cooldown: Cooldown, hand: HandClock) -> None:
    """After an answer the next rest is 1 s again."""
    rests(cooldown, hand, 5)
    cooldown.clear()
    assert rests(cooldown, hand, 2) == [1, 2]


def test_cooldown_outlasts_late_answers(cooldown: Cooldown) -> None:
    """An answer to a call that was under way before the limit does not end the rest that the vendor asked for."""
    cooldown.limited(30)
    cooldown.clear()
    assert cooldown.remaining() == 30


def test_cooldown_spares_beside_its_rest(cooldown: Cooldown, hand: HandClock) -> None:
    """A used-up limit rests nothing: it is told apart, for a minute at most, until a reply says otherwise."""
    cooldown.spare(20)
    assert (cooldown.spared_for(), cooldown.remaining()) == (20, 0)
    hand.advance(21)
    assert cooldown.spared_for() == 0
    cooldown.spare(86_400)
    assert cooldown.spared_for() == 60
    cooldown.spare(0)
    assert cooldown.spared_for() == 0
    cooldown.spare(-3)
    assert cooldown.spared_for() == 0


def test_cooldown_ends_when_told(cooldown: Cooldown, hand: HandClock) -> None:
    """A reset ends the rest, the sparing, and the doubling."""
    rests(cooldown, hand, 5)
    cooldown.limited(30)
    cooldown.spare(30)
    cooldown.end()
    assert (cooldown.remaining(), cooldown.spared_for()) == (0, 0)
    assert rests(cooldown, hand, 1) == [1]
