"""Which patch makes the configuration that is in force, where there is no database? Kept for this process's life."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.ports.books import ConfigRevision


class MemoryConfigRevisions:
    """ConfigRevisions in memory; see the port."""

    def __init__(self) -> None:
        self._newest: ConfigRevision | None = None

    async def latest(self) -> ConfigRevision | None:
        """The newest; None: there is none."""
        return self._newest

    async def add(self, revision: int, patch: Mapping[str, Any], *, author: str) -> bool:
        """Adds `revision`; False when it, or a later one, was there already."""
        if self._newest is not None and revision <= self._newest.revision:
            return False
        self._newest = ConfigRevision(revision, patch)
        return True
