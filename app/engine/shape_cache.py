"""Which compiled schemas are kept? The last used ones, by the memory that they take and not by their number."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class WeighedCache(Generic[T]):
    """Values by their text, the least recently used dropped when all of them weigh more than `most_bytes`.

    For one thread. An error of `make` is kept by nobody.
    """

    def __init__(self, make: Callable[[str], T], weigh: Callable[[str, T], int], *, most_bytes: int) -> None:
        self._make = make
        self._weigh = weigh
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, tuple[T, int]] = OrderedDict()
        self._bytes = 0

    @property
    def weight(self) -> int:
        """The bytes that all kept values are taken to need."""
        return self._bytes

    def get(self, text: str) -> T:
        """The value of `text`, made when it is not kept."""
        if text in self._kept:
            self._kept.move_to_end(text)
            return self._kept[text][0]
        value = self._make(text)
        weight = self._weigh(text, value)
        self._kept[text] = value, weight
        self._bytes += weight
        while self._bytes > self._most_bytes:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._bytes -= dropped
        return value
