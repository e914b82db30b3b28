"""What comes of an answer while it is written: more text, more reasoning, more of a tool call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from contracts.quick_making import quickly_made


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDelta:
    """More text of the answer (`is_refusal`: of a refusal)."""

    text: str = field(repr=False)
    is_refusal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasoningDelta:
    """More of what the model thinks."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallDelta:
    """More of the tool call number `index`: its first delta carries `id` and `name`, `arguments` is a fragment."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = field(default="", repr=False)


Delta = TextDelta | ReasoningDelta | ToolCallDelta


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class RelayedEvent:
    """One event of a vendor's stream as it came, for a caller of the same dialect, and what it adds to the answer.

    `event` is its name, `message` where it has none. `is_end`: the answer's finish was said, here or before.
    """

    event: str
    data: str = field(repr=False)
    deltas: tuple[Delta, ...] = field(default=(), repr=False)
    is_end: bool = False
    type: Literal["relayed"] = "relayed"


# What is read of an open reply.
Piece = Delta | RelayedEvent
