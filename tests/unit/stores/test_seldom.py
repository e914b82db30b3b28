"""Is what happens all the time said now and then, and counted in full?"""

from __future__ import annotations

from app.stores.seldom import Seldom
from tests.kit.virtual_time import HandClock


def test_seldom_tells_the_first_at_once_and_the_rest_together() -> None:
    """Nothing is lost in the count."""
    hand = HandClock()
    seldom = Seldom(60, hand.clock.monotonic)
    assert [seldom.count() for _ in range(5)] == [1, None, None, None, None]
    hand.advance(59.9)
    assert seldom.count() is None
    hand.advance(0.1)
    assert [seldom.count(), seldom.count()] == [6, None]
