"""Caches of answers that are not in this process: one that takes its time, and one that cannot be asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from app.ports import CacheKey, CacheSize, Kept
from app.stores.memory_cache import MemoryCache
from contracts.cache import CacheConfig
from contracts.errors import StoreUnavailableError
from tests.kit.virtual_time import elapse

ANSWERS_AFTER_SECONDS = 0.01


class FarStore:
    """Implements `app.ports.ResponseCache` as Redis does: whoever asks waits 10 ms. `looks`: how often it was asked."""

    backend: Literal["memory", "redis"] = "redis"

    def __init__(self, clock: Callable[[], float], config: CacheConfig | None = None) -> None:
        self._near = MemoryCache(config or CacheConfig(), clock=clock)
        self.is_down = False
        self.looks = 0
        self.kept: list[CacheKey] = []

    async def start(self) -> None:
        """There is nothing to watch over."""

    def adopt(self, config: CacheConfig) -> None:
        """Its limits."""
        self._near.adopt(config)

    def fault(self) -> str | None:
        """As told."""
        return "Redis at test:1 cannot be reached" if self.is_down else None

    async def find(self, keys: Sequence[CacheKey]) -> Sequence[Kept | None] | None:
        """What is kept."""
        self.looks += 1
        await elapse(ANSWERS_AFTER_SECONDS)
        return None if self.is_down else await self._near.find(keys)

    async def keep(self, key: CacheKey, answer: Kept) -> None:
        """Keeps it."""
        await elapse(ANSWERS_AFTER_SECONDS)
        if not self.is_down:
            self.kept.append(key)
            await self._near.keep(key, answer)

    async def clear(self, *, provider: str | None, model: str | None) -> int:
        """Takes it out. Raises StoreUnavailableError."""
        if self.is_down:
            raise StoreUnavailableError(self.fault() or "")
        return await self._near.clear(provider=provider, model=model)

    async def size(self) -> CacheSize | None:
        """How much there is."""
        return None if self.is_down else await self._near.size()

    async def aclose(self) -> None:
        """Forgets all."""
        await self._near.aclose()
