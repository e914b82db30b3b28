"""Is chance fair, and does it come from the clock?"""

from __future__ import annotations

import random
from collections import Counter

from app.engine.strategies.random_order import RandomOrder
from tests.unit.engine.strategies.picks import choices, firsts, order


def test_random_is_uniform() -> None:
    """Each of three is first in a third of thousands of requests, within four standard deviations."""
    counted = Counter(firsts(RandomOrder(random.Random(3)), choices("abc"), 9000))
    assert all(abs(counted[name] - 3000) < 180 for name in "abc"), counted


def test_random_orders_the_rest_at_random_too() -> None:
    """All six orders of three are equally likely."""
    strategy, asked = RandomOrder(random.Random(5)), order()
    counted = Counter("".join(one.name for one in strategy.ordered(choices("abc"), asked)) for _ in range(6000))
    assert len(counted) == 6
    assert all(abs(times - 1000) < 120 for times in counted.values()), counted


def test_random_repeats_with_its_seed() -> None:
    """So that a test, or an incident, can be played again."""
    first, second = (firsts(RandomOrder(random.Random(11)), choices("abcd"), 50) for _ in range(2))
    assert first == second
