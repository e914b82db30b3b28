"""What is tried: a provider and a model there, and the plan of all that will be tried for one request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from app.engine.affinity import Affinity
from app.ports import Provider
from app.pricing import Prices, Tariff
from contracts.calls import Reply
from contracts.config import LLMProviderConfig
from contracts.quick_making import quickly_made
from contracts.requests import Candidate


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A provider and a model there that will be tried. `note` is for the caller whom it serves as a second choice.

    `weight` is its share under the strategy `weighted`.
    """

    provider: Provider
    model: str
    note: str | None = None
    timeout_seconds: float | None = None
    params: Mapping[str, Any] = field(default_factory=dict, repr=False)
    weight: float = 1

    @property
    def name(self) -> str:
        """`provider/model`."""
        return f"{self.provider.name}/{self.model}"

    def tariff(self, prices: Prices) -> Tariff:
        """What its calls cost."""
        return prices.tariff(self.provider.name, self.provider.type, self.model)


class Targets(Sequence[Target]):
    """Targets of different names. Those after `judged` come from `others` when somebody looks beyond the first.

    An answer that is kept for the first one needs no other: to judge eight rows is most of what a plan costs.
    """

    __slots__ = ("_others", "judged")

    def __init__(self, judged: Sequence[Target], others: Iterable[Target]) -> None:
        self.judged = judged
        self._others: Iterable[Target] | None = others

    @overload
    def __getitem__(self, index: int) -> Target: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Target]: ...
    def __getitem__(self, index: int | slice) -> Target | Sequence[Target]:
        return self.judged[0] if index == 0 else self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Target]:
        yield self.judged[0]
        yield from self._all()[1:]

    def _all(self) -> Sequence[Target]:
        others, self._others = self._others, None
        if others is not None:
            self.judged = of_different_names((*self.judged, *others))
        return self.judged


def target_of(
    candidate: Candidate, provider: Provider, model: str, note: str | None, config: LLMProviderConfig
) -> Target:
    """What a candidate, or a row that nobody named, is as a target: `model` of its row `provider`."""
    return Target(
        provider=provider,
        model=model,
        note=note,
        timeout_seconds=candidate.timeout_seconds,
        params=candidate.params,
        weight=candidate.weight or config.providers[provider.name].weight,
    )


def of_different_names(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """The targets, each name once, where it stands first."""
    if len(targets) < 2:
        return targets
    by_name: dict[str, Target] = {}
    for target in targets:
        by_name.setdefault(target.name, target)
    return tuple(by_name.values())


def nothing(target: Target, reply: Reply) -> None:
    """For plans whose answers nobody can build on."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The targets in order. `is_second_choice`: the first of them stands in for one that could not be used.

    `affinity` is told who served, where it has a choice at the conversation's next turn: with several targets, or
    `has_choice` whatever their number.
    `answered` is told each whole answer, kept ones too: another process may have asked for them.
    """

    targets: Sequence[Target]
    warnings: tuple[str, ...] = ()
    is_second_choice: bool = False
    affinity: Affinity | None = None
    has_choice: bool = False
    answered: Callable[[Target, Reply], None] = nothing

    @property
    def judged(self) -> Sequence[Target]:
        """The targets that are known by now: the first, and all that anybody named."""
        return self.targets.judged if isinstance(self.targets, Targets) else self.targets
