"""How does a line get into the log that nobody needs a record of?

Who writes one for each request makes it by itself: records of `logging` take three times as long as the lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeAlias, runtime_checkable

MakeLine: TypeAlias = Callable[[float, str, str, str, Mapping[str, Any]], str]
"""Of the moment (seconds since 1970), the names of the level and of the logger, the words, and the figures in them:
the line, without its end."""


@runtime_checkable
class LineWriter(Protocol):
    """What a handler of `logging` can be beside."""

    def maker(self) -> MakeLine | None:
        """Makes the lines that it would write of records; None where it wants to see them."""
        ...

    def write(self, lines: Iterable[str]) -> None:
        """Writes all of `lines` at once: each write gives the interpreter's lock away. Raises OSError, ValueError."""
        ...
