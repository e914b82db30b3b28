"""Callers' keys: who verifies them on a request's path, and where they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts.caller import Caller
from contracts.keys import KeyQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySecret:
    """One secret of a key: its SHA-256, and when it ends though the key does not; None: with the key."""

    digest: bytes
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """A key as it is kept. `secrets` are all that it ever had, so that an ended one is known for what it was.

    `models` and `providers`: None is all.
    """

    id: str
    name: str
    tenant: str | None
    tags: tuple[str, ...]
    models: tuple[str, ...] | None
    providers: tuple[str, ...] | None
    hint: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    rotated_at: datetime | None = None
    revoked_at: datetime | None = None
    secrets: tuple[KeySecret, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChanges:
    """What changed since a number was read: the keys as they are, and the number now.

    `is_all`: these are all keys there are, and nothing of before counts.
    """

    number: int
    keys: Sequence[KeyRecord]
    is_all: bool = False


class KeyVerifier(Protocol):
    """Whose key is it? Answered from memory, on every request that brings one."""

    def verify(self, secret: bytes) -> Caller | None:
        """The caller, who may call and nothing else; None: it is nobody's, as far as is known.

        Raises CallerAuthenticationError for a key that has ended, and says how; StoreUnavailableError for one that
        could be somebody's while the keys were never read.
        """
        ...


class KeyStore(Protocol):
    """The keys that outlive the process and reach all others. Each change raises a number that all can see.

    Each method raises StoreUnavailableError while the database is away.
    """

    async def changes(self, since: int) -> KeyChanges | None:
        """What changed after the number `since`; None: nothing did. A number that was never reached: everything."""
        ...

    async def add(self, key: KeyRecord) -> None:
        """Keeps a new key."""
        ...

    async def find(self, key_id: str) -> KeyRecord | None:
        """The key of that id; None: there is none."""
        ...

    async def page(self, query: KeyQuery, now: datetime) -> Sequence[KeyRecord]:
        """Those that are asked for as of `now`, the newest first, one more than `limit` where there are more."""
        ...

    async def rotate(
        self, key_id: str, digest: bytes, hint: str, *, now: datetime, ends_at: datetime
    ) -> KeyRecord | None:
        """Gives it a secret from `now`; its others end at `ends_at`, unless they end before. None: it has ended."""
        ...

    async def revoke(self, key_id: str, *, now: datetime) -> KeyRecord | None:
        """Ends it; one that was revoked before stays as it is. None: there is none."""
        ...
