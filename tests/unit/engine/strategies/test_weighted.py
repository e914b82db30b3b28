"""Does each target get its share, spread evenly?"""

from __future__ import annotations

from collections import Counter

import pytest

from app.engine.strategies.strategy import Choice
from app.engine.strategies.weighted import MAX_CREDITS, Weighted
from tests.unit.engine.strategies.picks import choice, firsts, order


def weighing(**weights: float) -> list[Choice]:
    return [choice(name, weight=weight) for name, weight in weights.items()]


def test_weighted_is_smooth() -> None:
    """The heavy one is not asked in a row."""
    assert firsts(Weighted(), weighing(a=5, b=1, c=1), 14) == "aabacaaaabacaa"


@pytest.mark.parametrize(
    "weights", [{"a": 5, "b": 3, "c": 2}, {"a": 0.5, "b": 0.25, "c": 0.25}, {"a": 1, "b": 1}, {"a": 10_000, "b": 1}]
)
def test_weighted_gives_each_its_share(weights: dict[str, float]) -> None:
    """Over thousands of requests to within one request of the weights."""
    counted = Counter(firsts(Weighted(), weighing(**weights), 10_000))
    total = sum(weights.values())
    assert all(abs(counted[name] - 10_000 * weight / total) <= 1 for name, weight in weights.items()), counted


def test_weighted_shares_out_what_an_absent_one_leaves() -> None:
    """In proportion to the weights of those who are there; back again, nobody makes up for lost time."""
    strategy = Weighted()
    everyone = weighing(a=6, b=3, c=1)
    firsts(strategy, everyone, 7)
    assert firsts(strategy, everyone[1:], 4000).count("b") == pytest.approx(3000, abs=1)
    back = Counter(firsts(strategy, everyone, 1000))
    assert all(abs(back[name] - share) <= 3 for name, share in {"a": 600, "b": 300, "c": 100}.items()), back


def test_weighted_forgives_what_affinity_took() -> None:
    """However often one was first out of turn, the others are not favoured for more than a round after it."""
    strategy = Weighted()
    both = weighing(a=1, b=1)
    for _ in range(5000):
        strategy.chose(both, both[0])
    assert firsts(strategy, both, 100).count("b") <= 53


def test_weighted_falls_back_to_who_is_next() -> None:
    """The rest stands by what each has gathered."""
    assert [one.name for one in Weighted().ordered(weighing(a=1, b=3, c=2), order())] == ["b", "c", "a"]


def test_weighted_is_bounded() -> None:
    """Of many models those unused longest are forgotten."""
    strategy = Weighted()
    first = weighing(a=1, b=1)
    firsts(strategy, first, 1)
    for one in [choice(f"m{number}") for number in range(MAX_CREDITS)]:
        strategy.chose([one], one)
    assert firsts(strategy, first, 1) == "a"


def test_weighted_forgets_nobody_who_stands_to_choice() -> None:
    """More rows than it remembers otherwise: each keeps what it has gathered, and so is first some time."""
    strategy, many = Weighted(), [choice(f"m{number}") for number in range(MAX_CREDITS + 50)]
    picked = set()
    for _ in many:
        first = strategy.ordered(many, order())[0]
        strategy.chose(many, first)
        picked.add(first)
    assert len(picked) == len(many)
