"""How are callers' keys made, shown, given a new secret, and ended?"""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta

from app.engine.key_ring import KeyRing
from app.engine.key_secret import digest_of, hint_of, new_secret
from app.engine.sortable_ids import sortable_id
from app.ports.keys import KeyRecord, KeySecret, KeyStore
from app.ports.trail import current_trail
from app.resilience.clock import Clock
from contracts.caller import IN_PROCESS_CALLER
from contracts.errors import InvalidRequestError, KeyEndedError, KeyNotFoundError
from contracts.keys import KeyCreate, KeyCreated, KeyInfo, KeyPage, KeyQuery, KeyStatus
from contracts.redaction import without_keys
from contracts.responses import FieldError

_ID = re.compile(r"key_[0-9a-f-]{36}")


class CallerKeys:
    """Keeps keys in `store`, and tells `ring` of what it changed: in the order of the changes, `one_by_one`.

    Every method raises StoreUnavailableError while the database is away.
    """

    def __init__(self, store: KeyStore, ring: KeyRing, clock: Clock) -> None:
        self._store = store
        self._ring = ring
        self._clock = clock
        # Held by whoever changes a key: of two changes at once the ring could hear the first one last.
        self.one_by_one = asyncio.Lock()

    async def create(self, request: KeyCreate) -> KeyCreated:
        """A new key. Raises InvalidRequestError for one that would have expired already."""
        now, secret = self._clock.now(), new_secret()
        if request.expires_at is not None and request.expires_at <= now:
            raise _past("expires_at")
        trail = current_trail()
        key = KeyRecord(
            **dict(request),
            id=f"key_{sortable_id(now)}",
            hint=hint_of(secret),
            created_at=now,
            created_by=(trail.actor if trail is not None else None) or IN_PROCESS_CALLER.key_id,
            secrets=(KeySecret(digest=digest_of(secret.encode())),),
        )
        await self._store.add(key)
        await self._ring.follow(key)
        return _with_secret(key, now, secret)

    async def page(self, query: KeyQuery) -> KeyPage:
        """One page, the newest first."""
        now = self._clock.now()
        found = await self._store.page(query, now)
        shown = [info_of(key, now) for key in found[: query.limit]]
        return KeyPage(keys=shown, next_cursor=shown[-1].id if len(found) > query.limit else None)

    async def get(self, key_id: str) -> KeyInfo:
        """One key. Raises KeyNotFoundError."""
        found = await self._store.find(key_id) if _ID.fullmatch(key_id) else None
        if found is None:
            raise _unknown(key_id)
        return info_of(found, self._clock.now())

    async def rotate(self, key_id: str, *, grace_seconds: int) -> KeyCreated:
        """A new secret; those of before end. Raises KeyNotFoundError and KeyEndedError."""
        await self.get(key_id)
        now, secret = self._clock.now(), new_secret()
        ends_at = now + timedelta(seconds=grace_seconds)
        digest = digest_of(secret.encode())
        rotated = await self._store.rotate(key_id, digest, hint_of(secret), now=now, ends_at=ends_at)
        if rotated is None:
            raise KeyEndedError(f"the key {key_id} is {(await self.get(key_id)).status}: make a new one")
        await self._ring.follow(rotated)
        return _with_secret(rotated, now, secret)

    async def revoke(self, key_id: str) -> KeyInfo:
        """The key, ended. Raises KeyNotFoundError."""
        now = self._clock.now()
        revoked = await self._store.revoke(key_id, now=now) if _ID.fullmatch(key_id) else None
        if revoked is None:
            raise _unknown(key_id)
        await self._ring.follow(revoked)
        return info_of(revoked, now)


def info_of(key: KeyRecord, now: datetime) -> KeyInfo:
    """What may be shown of it."""
    shown = {name: getattr(key, name) for name in KeyInfo.model_fields if name != "status"}
    return KeyInfo(**shown, status=_status(key, now))


def _with_secret(key: KeyRecord, now: datetime, secret: str) -> KeyCreated:
    return KeyCreated(**dict(info_of(key, now)), key=secret)


def _status(key: KeyRecord, now: datetime) -> KeyStatus:
    if key.revoked_at is not None:
        return KeyStatus.REVOKED
    is_expired = key.expires_at is not None and key.expires_at <= now
    return KeyStatus.EXPIRED if is_expired else KeyStatus.ACTIVE


def _unknown(key_id: str) -> KeyNotFoundError:
    # Whoever confuses a key with its id shall not find it in a log.
    return KeyNotFoundError(f"no key has the id {without_keys(key_id)[:64]}")


def _past(field: str) -> InvalidRequestError:
    message = "is not in the future"
    return InvalidRequestError(f"{field}: {message}", errors=[FieldError(field=field, message=message)])
