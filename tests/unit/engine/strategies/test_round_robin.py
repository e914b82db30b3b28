"""Does every target have its turn, whoever comes and goes?"""

from __future__ import annotations

from collections import Counter

from app.engine.strategies.round_robin import MAX_TURNS, RoundRobin
from tests.unit.engine.strategies.picks import choice, choices, firsts, order


def test_round_robin_gives_each_its_turn() -> None:
    """One after the other in the order of the configuration, and over thousands of requests exactly evenly."""
    strategy = RoundRobin()
    assert firsts(strategy, choices("abc"), 6) == "abcabc"
    assert Counter(firsts(strategy, choices("abc"), 3000)) == {"a": 1000, "b": 1000, "c": 1000}


def test_round_robin_falls_back_to_who_is_next() -> None:
    """The rest stands in the order of the turns to come."""
    strategy = RoundRobin()
    firsts(strategy, choices("abc"), 1)
    assert [one.name for one in strategy.ordered(choices("abc"), order())] == ["b", "c", "a"]


def test_round_robin_shares_out_the_turns_of_who_is_away() -> None:
    """Nobody behind a gap has two turns; who comes back has one at once, and not all that were missed."""
    strategy = RoundRobin()
    firsts(strategy, choices("abc"), 3)
    assert Counter(firsts(strategy, choices("ac"), 2000)) == {"a": 1000, "c": 1000}
    assert firsts(strategy, choices("abc"), 6) == "bacbac"


def test_round_robin_keeps_different_sets_even() -> None:
    """Requests that only some can serve leave no one with two turns of the others."""
    strategy = RoundRobin()
    picked = [firsts(strategy, choices(names), 1) for _ in range(1000) for names in ("abc", "ab", "bc")]
    counted = Counter(picked)
    assert all(900 <= counted[name] <= 1100 for name in "abc"), counted


def test_round_robin_explains_without_taking_a_turn() -> None:
    """Asking who would be first changes nothing."""
    strategy = RoundRobin()
    assert {strategy.ordered(choices("ab"), order())[0].name for _ in range(5)} == {"a"}


def test_round_robin_is_bounded() -> None:
    """Of many models the longest unused is forgotten, and so is first again."""
    strategy = RoundRobin()
    many = [choice(f"m{number}") for number in range(MAX_TURNS + 1)]
    for one in many:
        strategy.chose([one], one)
    assert firsts(strategy, many[1:3] + many[:1], 1) == "m0"


def test_round_robin_gives_each_of_very_many_its_turn() -> None:
    """More rows than it remembers otherwise: all the same nobody has two turns before everybody had one."""
    strategy, many = RoundRobin(), [choice(f"m{number}") for number in range(MAX_TURNS + 50)]
    picked = []
    for _ in many:
        picked.append(strategy.ordered(many, order())[0])
        strategy.chose(many, picked[-1])
    assert len(set(picked)) == len(many)
