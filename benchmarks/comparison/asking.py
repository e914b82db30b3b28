"""What is asked of a contender, at which of its doors?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from benchmarks.comparison.paces import Pace

PROMPT = "Say how a bridge carries a load, in one paragraph."
JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Ask:
    """One POST to this machine."""

    port: int
    path: str
    body: str
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)


@dataclass(frozen=True)
class Surface:
    """One door of a contender. `plain` and `streamed` give what to send there to be answered at a pace, None: at once.

    A surface that is not `is_main` is measured where it differs from the main ones, not everywhere.
    """

    name: str
    plain: Callable[[Pace | None], Ask]
    streamed: Callable[[Pace], Ask]
    is_main: bool = True
