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

from app.ports import CachedAnswer, CacheKey, CacheSize
from app.stores.answer_weight import memory_bytes
from contracts.cache import CacheConfig

logger = logging.getLogger(__name__)

# What every entry takes besides its content: the frame of an answer, its key, its places in the two orders. Measured.
ENTRY_BYTES = 1500


@dataclass(frozen=True, slots=True)
class _Entry:
    answer: CachedAnswer
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
        self._by_use: OrderedDict[CacheKey, _Entry] = OrderedDict()
        self._by_age: OrderedDict[CacheKey, None] = OrderedDict()
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

    async def find(self, keys: Sequence[CacheKey]) -> Sequence[CachedAnswer | None]:
        """The answer under each key, or None for it. Does not wait."""
        kept_after = self._clock() - self._config.ttl_seconds
        return [self._found(key, kept_after) for key in keys]

    async def keep(self, key: CacheKey, answer: CachedAnswer) -> None:
        """Keeps `answer`, unless it alone would not have room. Does not wait."""
        try:
            size = ENTRY_BYTES + memory_bytes(answer)
        except ValueError as error:
            logger.warning("an answer of %s cannot be kept: %s", key.provider, error)
            return
        if size > self._config.max_bytes:
            return
        if key in self._by_use:
            self._drop(key)
        self._by_use[key] = _Entry(answer, self._clock(), size)
        self._by_age[key] = None
        self._bytes += size
        self._shrink()

    async def clear(self, *, provider: str | None, model: str | None) -> int:
        """Takes out all, or those of a provider, a model, or a model there; how many."""
        self._drop_expired()
        asked_for = [key for key in self._by_use if provider in {None, key.provider} and model in {None, key.model}]
        for key in asked_for:
            self._drop(key)
        return len(asked_for)

    async def size(self) -> CacheSize:
        """What it holds now, in bytes of memory."""
        self._drop_expired()
        return CacheSize(keys=len(self._by_use), bytes=self._bytes, evictions=self._evictions)

    async def aclose(self) -> None:
        """Forgets all."""
        await self.clear(provider=None, model=None)

    def _found(self, key: CacheKey, kept_after: float) -> CachedAnswer | None:
        entry = self._by_use.get(key)
        if entry is None:
            return None
        if entry.kept_at <= kept_after:
            self._drop(key)
            return None
        self._by_use.move_to_end(key)
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

    def _drop(self, key: CacheKey) -> None:
        self._bytes -= self._by_use.pop(key).bytes
        del self._by_age[key]
