"""What does a vendor say, in no dialect, and what does it take to say it in one?

A stream is a list of events, so that it can be cut between any two of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

INPUT_TOKENS, OUTPUT_TOKENS = 12, 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What a vendor says: words in pieces, or a call of the tool `look`, perhaps after thoughts."""

    pieces: tuple[str, ...] = ()
    arguments: dict[str, Any] | None = None
    thoughts: str = ""
    call_id: str = "call_A"

    @property
    def text(self) -> str:
        """All its words."""
        return "".join(self.pieces)


@dataclass(frozen=True, slots=True)
class Tongue:
    """A dialect: the end of its path, how a whole answer and the events of a stream are written, and an error."""

    name: str
    plain: Callable[[Answer], dict[str, Any]]
    stream: Callable[[Answer], list[str]]
    error: Callable[[int, str, str], dict[str, Any]]
    media_type: str = "text/event-stream"


def sse(data: Any, event: str | None = None) -> str:
    """One server-sent event."""
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {data if isinstance(data, str) else json.dumps(data)}\n\n"
