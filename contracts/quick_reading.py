"""How is the value of a word read quickly? In one step, where the library's own takes two calls of Python."""

from __future__ import annotations

from enum import StrEnum
from operator import attrgetter
from typing import TypeVar

E = TypeVar("E", bound=StrEnum)


def quickly_read(words: type[E]) -> type[E]:
    """`words`, whose `value` is the same: 0.08 → 0.02 µs. pydantic asks for five of them in each answer it writes."""
    words.value = property(attrgetter("_value_"))  # type: ignore[assignment]  # mypy holds it for a text
    return words
