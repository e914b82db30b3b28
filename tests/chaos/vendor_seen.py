"""What did the vendor see: every request, when it came, how much was answered, and when its caller left?"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Seen:
    """One request. Times are seconds of the system's monotonic clock, which all processes of a machine share.

    `said_words`: how many words of the answer stood in the conversation already. `caller_left_at`: the caller closed
    the connection before the exchange was over. `run`: the model's suffix, else what the words say, else the row.
    """

    row: str
    run: str
    model: str
    fault: str
    path: str
    is_stream: bool
    last_role: str
    said_words: int
    input_words: int
    number: int = 0
    at: float = 0.0
    ended_at: float | None = None
    caller_left_at: float | None = None
    bytes_sent: int = 0
    status: int | None = None


@dataclass(slots=True)
class Memory:
    """All that was seen; `healed` runs misbehave no more."""

    requests: list[Seen] = field(default_factory=list)
    healed: set[str] = field(default_factory=set)
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _first: dict[tuple[str, str], float] = field(default_factory=dict)

    def note(self, seen: Seen) -> None:
        """A request is here: it gets its time, and its number among those to the same row and model."""
        key = (seen.row, seen.model)
        seen.at = time.monotonic()
        self._counts[key] += 1
        seen.number = self._counts[key]
        self._first.setdefault(key, seen.at)
        self.requests.append(seen)

    def first_at(self, seen: Seen) -> float:
        """When the first request to the same row and model came."""
        return self._first[(seen.row, seen.model)]

    def report(self, runs: Sequence[str] | None) -> list[dict[str, Any]]:
        """The requests of these runs, in the order of arrival; None: all."""
        return [asdict(one) for one in self.requests if runs is None or one.run in runs]

    def open_exchanges(self) -> list[dict[str, Any]]:
        """Requests that are neither answered nor given up."""
        return [asdict(one) for one in self.requests if one.ended_at is None]
