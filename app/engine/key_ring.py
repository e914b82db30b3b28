"""Whose key is it? Known from memory: what the database says of callers' keys, as of the last look at it.

A look-up by digest tells nothing by the time it takes: who sends a secret cannot choose what its SHA-256 begins with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.engine.key_secret import PREFIX, digest_of
from app.ports.keys import KeyRecord, KeySecret, KeyStore
from app.resilience.clock import Clock
from contracts.caller import Caller, Scope
from contracts.errors import CallerAuthenticationError, StoreUnavailableError

_PREFIX = PREFIX.encode()
_CALLS_ONLY = frozenset({Scope.CALL})
_RETRY_AFTER_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Held:
    """A secret, and who calls with it. `ends_at` None: never; `is_over`: whatever the clock says."""

    caller: Caller
    key: KeyRecord
    ends_at: datetime | None
    is_over: bool


class KeyRing:
    """Implements app.ports.keys.KeyVerifier. `is_known`: there is no key of before, so nothing need be read first."""

    def __init__(self, store: KeyStore, clock: Clock, *, is_known: bool) -> None:
        self._store = store
        self._clock = clock
        self._is_known = is_known
        self._number = 0
        self._held: dict[bytes, _Held] = {}
        self._reading = asyncio.Lock()

    def verify(self, secret: bytes) -> Caller | None:
        """See the port."""
        if not secret.startswith(_PREFIX):
            return None
        held = self._held.get(digest_of(secret))
        if held is None:
            if self._is_known:
                return None
            msg = "callers' keys were not read yet: the database is away"
            raise StoreUnavailableError(msg, retry_after=_RETRY_AFTER_SECONDS)
        if held.is_over or (held.ends_at is not None and held.ends_at <= self._clock.now()):
            raise CallerAuthenticationError(self._why_over(held))
        return held.caller

    async def refresh(self) -> None:
        """Takes over what changed. Raises StoreUnavailableError; what is known stays known then."""
        async with self._reading:
            changes = await self._store.changes(self._number)
            if changes is not None:
                if changes.is_all:
                    self._held.clear()
                self._held |= _held_of(changes.keys)
                self._number = changes.number
            self._is_known = True

    async def follow(self, key: KeyRecord) -> None:
        """This process changed `key` just now. Whatever is being read meanwhile is older."""
        async with self._reading:
            self._held |= _held_of([key])

    def _why_over(self, held: _Held) -> str:
        key = held.key
        if key.revoked_at is not None:
            return f"this key ({key.id}) was revoked on {_shown(key.revoked_at)}"
        if key.expires_at is not None and key.expires_at <= self._clock.now():
            return f"this key ({key.id}) expired on {_shown(key.expires_at)}"
        return f"this secret of the key {key.id} was replaced by a newer one, and has ended"


def _held_of(keys: Iterable[KeyRecord]) -> dict[bytes, _Held]:
    held = {}
    for key in keys:
        caller = _caller(key)
        for secret in key.secrets:
            ends = [moment for moment in (secret.ends_at, key.expires_at) if moment is not None]
            held[secret.digest] = _Held(caller, key, min(ends, default=None), _is_over(key, secret))
    return held


def _is_over(key: KeyRecord, secret: KeySecret) -> bool:
    """Ended by hand: that is so at once, also where this machine's clock is behind that of whoever did it."""
    is_replaced = secret.ends_at is not None and key.rotated_at is not None and secret.ends_at <= key.rotated_at
    return key.revoked_at is not None or is_replaced


def _caller(key: KeyRecord) -> Caller:
    return Caller(
        key_id=key.id,
        scopes=_CALLS_ONLY,
        tenant=key.tenant,
        tags=key.tags,
        models=None if key.models is None else frozenset(key.models),
        providers=None if key.providers is None else frozenset(key.providers),
    )


def _shown(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
