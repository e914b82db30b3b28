"""What is wished for before anyone asked whether it can serve: a candidate, and who named it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from contracts.requests import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A candidate before anyone asked whether it can serve. `is_named`: by the caller or a logical model."""

    candidate: Candidate
    is_named: bool
    is_preferred: bool = False


@lru_cache(maxsize=256)
def preferred_wish(name: str, model: str | None) -> Wish:
    """For the provider that a caller named first."""
    return Wish(candidate=Candidate(provider=name, model=model), is_named=True, is_preferred=True)


@lru_cache(maxsize=256)
def wish_for_row(name: str) -> Wish:
    """Kept, because every request wishes for every row, and a candidate's checks are not free."""
    return Wish(candidate=Candidate(provider=name), is_named=False)
