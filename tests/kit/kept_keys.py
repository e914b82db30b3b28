"""What are callers' keys kept in, in a test without a database? And which clock says when they end?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from app.ports.keys import KeyChanges, KeyRecord, KeySecret
from app.resilience.clock import Clock
from contracts.keys import KeyQuery
from tests.kit.virtual_time import EPOCH


class Calendar:
    """What time it is, moved by hand."""

    def __init__(self) -> None:
        self.now = EPOCH
        self.clock = Clock(now=lambda: self.now)

    def advance(self, seconds: float) -> None:
        """So many seconds pass."""
        self.now += timedelta(seconds=seconds)


class KeptKeys:
    """KeyStore in memory; `fault` is raised instead of an answer. `asked` counts the looks for changes."""

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.asked = 0
        self._number = 0
        self._keys: dict[str, tuple[int, KeyRecord]] = {}

    def forget(self) -> None:
        """Somebody put another database there."""
        self._number, self._keys = 0, {}

    async def changes(self, since: int) -> KeyChanges | None:
        """See the port."""
        self.asked += 1
        self._check()
        if since == self._number:
            return None
        is_all = since > self._number
        keys = [key for number, key in self._keys.values() if is_all or number > since]
        return KeyChanges(number=self._number, keys=keys, is_all=is_all)

    async def add(self, key: KeyRecord) -> None:
        """See the port."""
        self._check()
        self._put(key)

    async def find(self, key_id: str) -> KeyRecord | None:
        """See the port."""
        self._check()
        return self._keys[key_id][1] if key_id in self._keys else None

    async def page(self, query: KeyQuery, now: datetime) -> Sequence[KeyRecord]:
        """The first page of all; a database knows the rest."""
        self._check()
        keys = sorted((key for _, key in self._keys.values()), key=lambda key: key.id, reverse=True)
        return [replace(key, secrets=()) for key in keys[: query.limit + 1]]

    async def rotate(
        self, key_id: str, digest: bytes, hint: str, *, now: datetime, ends_at: datetime
    ) -> KeyRecord | None:
        """See the port."""
        key = await self.find(key_id)
        if key is None or key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
            return None
        former = (
            replace(secret, ends_at=ends_at if secret.ends_at is None else min(secret.ends_at, ends_at))
            for secret in key.secrets
        )
        secrets = (*former, KeySecret(digest=digest))
        return self._put(replace(key, hint=hint, rotated_at=now, secrets=secrets))

    async def revoke(self, key_id: str, *, now: datetime) -> KeyRecord | None:
        """See the port."""
        key = await self.find(key_id)
        if key is None or key.revoked_at is not None:
            return key
        return self._put(replace(key, revoked_at=now))

    def _put(self, key: KeyRecord) -> KeyRecord:
        self._number += 1
        self._keys[key.id] = (self._number, key)
        return key

    def _check(self) -> None:
        if self.fault is not None:
            raise self.fault
