"""Which patch makes the configuration that is in force, where there is no database? Kept for this process's life."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class MemoryConfigRevisions:
    """ConfigRevisions in memory; see the port."""

    def __init__(self) -> None:
        self._newest: tuple[int, Mapping[str, Any]] | None = None

    async def latest(self) -> tuple[int, Mapping[str, Any]] | None:
        """The newest revision and its patch; None: there is none."""
        return self._newest

    async def add(self, revision: int, patch: Mapping[str, Any], *, author: str) -> bool:
        """Adds `revision`; False when it, or a later one, was there already."""
        if self._newest is not None and revision <= self._newest[0]:
            return False
        self._newest = (revision, patch)
        return True
