"""Are a plan's targets judged only as far as somebody looks, and is what is seen the same for all who look?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from app.engine.target import Plan, Target, Targets
from tests.kit.fake_provider import FakeProvider

ALPHA, BETA, GAMMA = (Target(provider=FakeProvider(name), model="one") for name in ("alpha", "beta", "gamma"))


class Judge:
    """Gives `targets` one after the other, and remembers which it was asked for."""

    def __init__(self, *targets: Target) -> None:
        self.seen: list[Target] = []
        self._targets = targets

    def __iter__(self) -> Iterator[Target]:
        for target in self._targets:
            self.seen.append(target)
            yield target


def test_targets_judge_no_other_for_who_looks_at_the_first() -> None:
    """Neither by its place nor as the first of a loop that ends with it."""
    judge = Judge(BETA, GAMMA)
    targets = Targets([ALPHA], judge)
    assert targets[0] is ALPHA
    assert next(iter(targets)) is ALPHA
    assert (judge.seen, list(targets.judged)) == ([], [ALPHA])


@pytest.mark.parametrize(
    "look",
    [
        list,
        lambda targets: [*targets[:1], *targets[1:]],
        lambda targets: [targets[place] for place in range(len(targets))],
    ],
    ids=["loop", "slices", "places"],
)
def test_targets_are_the_same_however_one_looks(look: Callable[[Targets], list[Target]]) -> None:
    """All in their order, each judged once, and one that comes twice stands in its first place."""
    judge = Judge(BETA, ALPHA, GAMMA)
    targets = Targets([ALPHA], judge)
    assert look(targets) == [ALPHA, BETA, GAMMA]
    assert list(targets) == [ALPHA, BETA, GAMMA]
    assert judge.seen == [BETA, ALPHA, GAMMA]


def test_plan_knows_what_is_judged() -> None:
    """Of targets that wait, those that were looked at; of given ones, all."""
    targets = Targets([ALPHA], [BETA])
    plan = Plan(targets=targets)
    assert list(plan.judged) == [ALPHA]
    assert len(targets) == 2
    assert list(plan.judged) == [ALPHA, BETA]
    assert Plan(targets=(ALPHA,)).judged == (ALPHA,)
    assert plan.affinity is None
