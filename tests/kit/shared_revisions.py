"""What do the stores of several processes share in a test without a database?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from app.ports.books import ConfigRevision
from app.stores.memory_revisions import MemoryConfigRevisions


class SharedRevisions(MemoryConfigRevisions):
    """A database: who wrote which revision is remembered, `meanwhile` is done before each is added."""

    def __init__(self) -> None:
        super().__init__()
        self.authors: list[tuple[int, str]] = []
        self.fault: Exception | None = None
        self.meanwhile: Callable[[], Awaitable[object]] | None = None

    def forget(self) -> None:
        """Somebody removed the database."""
        self._newest = None

    def spoil(self) -> None:
        """Somebody wrote into the database by hand: the newest revision cannot be read, the one before it can."""
        newest = self._newest or ConfigRevision(1)
        self._newest = ConfigRevision(newest.revision + 1, newest.patch, "revision cannot be read")

    async def latest(self) -> ConfigRevision | None:
        """Raises `fault`."""
        if self.fault is not None:
            raise self.fault
        return await super().latest()

    async def add(self, revision: int, patch: Mapping[str, Any], *, author: str) -> bool:
        """After what is done meanwhile."""
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        is_added = await super().add(revision, patch, author=author)
        if is_added:
            self.authors.append((revision, author))
        return is_added
