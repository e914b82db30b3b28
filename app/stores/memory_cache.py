"""Which answers does this process keep in its memory, and which have to go?

The objects themselves are kept, which nobody changes: a hit decodes nothing and waits for nothing.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from app.ports import CacheKey, CacheSize, Kept
from app.stores.answer_weight import memory_bytes
from contracts.cache import CacheConfig

logger = logging.getLogger(__name__)

# What every entry takes besides its content: the frame of an answer, its key, its places in the two orders. Measured.
ENTRY_BYTES = 1400


# A key's own hash and comparison are Python: 2 µs more for a hit.
_Name = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Entry:
    answer: Kept
    kept_at: float
    bytes: int


class MemoryCache:
    """Answers of this process alone: the one not asked for the longest goes first. `clock` gives seconds.

    Belongs to one event loop.
    """

    backend: Literal["memory"] = "memory"

    def __init__(self, config: CacheConfig, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._config = config
        self._clock = clock
        self._by_use: OrderedDict[_Name, _Entry] = OrderedDict()
        self._by_age: OrderedDict[_Name, None] = OrderedDict()
        self._bytes = 0
        self._evictions = 0

    async def start(self) -> None:
        """There is nothing to watch over."""

    def adopt(self, config: CacheConfig) -> None:
        """From now on these limits hold, for what is kept already too."""
        self._config = config
        self._shrink()

    def fault(self) -> str | None:
        """None: memory is always there."""
        return None

    async def find(self, keys: Sequence[CacheKey]) -> Sequence[Kept | None]:
        """The answer under each key, or None for it. Does not wait."""
        kept_after = self._clock() - self._config.ttl_seconds
        return [self._found(_name(key), kept_after) for key in keys]

    async def keep(self, key: CacheKey, answer: Kept) -> None:
        """Keeps `answer`, unless it alone would not have room. Does not wait."""
        try:
            size = ENTRY_BYTES + memory_bytes(answer)
        except ValueError as error:
            logger.warning("an answer of %s cannot be kept: %s", key.provider, error)
            return
        if size > self._config.max_bytes:
            return
        name = _name(key)
        if name in self._by_use:
            self._drop(name)
        self._by_use[name] = _Entry(answer, self._clock(), size)
        self._by_age[name] = None
        self._bytes += size
        self._shrink()

    async def clear(self, *, provider: str | None, model: str | None) -> int:
        """Takes out all, or those of a provider, a model, or a model there; how many."""
        self._drop_expired()
        asked_for = [name for name in self._by_use if provider in {None, name[0]} and model in {None, name[1]}]
        for name in asked_for:
            self._drop(name)
        return len(asked_for)

    async def size(self) -> CacheSize:
        """What it holds now, in bytes of memory."""
        self._drop_expired()
        return CacheSize(keys=len(self._by_use), bytes=self._bytes, evictions=self._evictions)

    async def aclose(self) -> None:
        """Forgets all."""
        await self.clear(provider=None, model=None)

    def _found(self, name: _Name, kept_after: float) -> Kept | None:
        entry = self._by_use.get(name)
        if entry is None:
            return None
        if entry.kept_at <= kept_after:
            self._drop(name)
            return None
        self._by_use.move_to_end(name)
        return entry.answer

    def _shrink(self) -> None:
        self._drop_expired()
        while len(self._by_use) > self._config.max_entries or self._bytes > self._config.max_bytes:
            self._drop(next(iter(self._by_use)))
            self._evictions += 1

    def _drop_expired(self) -> None:
        kept_after = self._clock() - self._config.ttl_seconds
        while self._by_age and self._by_use[oldest := next(iter(self._by_age))].kept_at <= kept_after:
            self._drop(oldest)

    def _drop(self, name: _Name) -> None:
        self._bytes -= self._by_use.pop(name).bytes
        del self._by_age[name]


def _name(key: CacheKey) -> _Name:
    return key.provider, key.model, key.digest
