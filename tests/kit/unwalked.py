"""JSON that nobody may walk through: to show that something was refused before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Unwalked(dict[str, Any]):
    """An object that raises AssertionError when it is looked into."""

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("walked")

    def items(self) -> Any:
        raise AssertionError("walked")

    def values(self) -> Any:
        raise AssertionError("walked")
