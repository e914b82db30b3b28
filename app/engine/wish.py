"""What is wished for before anyone asked whether it can serve: a candidate, and who named it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from contracts.requests import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A candidate before anyone asked whether it can serve. `is_named`: by the caller or a logical model."""

    candidate: Candidate
    is_named: bool
    is_preferred: bool = False


def wishes_of_group(group: Iterable[Candidate], preferred: str | None) -> list[Wish]:
    """For the candidates behind a logical model: those of the row that its caller named first before the others."""
    ordered = sorted(group, key=lambda candidate: candidate.provider != preferred)
    return [
        Wish(candidate=candidate, is_named=True, is_preferred=candidate.provider == preferred) for candidate in ordered
    ]


@lru_cache(maxsize=256)
def preferred_wish(name: str, model: str | None) -> Wish:
    """For the provider that a caller named first."""
    return Wish(candidate=Candidate(provider=name, model=model), is_named=True, is_preferred=True)


@lru_cache(maxsize=256)
def wish_for_row(name: str) -> Wish:
    """Kept, because every request wishes for every row, and a candidate's checks are not free."""
    return Wish(candidate=Candidate(provider=name), is_named=False)
