"""The part of the contract that makes and ends callers' keys."""

from __future__ import annotations

from abc import ABC, abstractmethod

from contracts.keys import KeyCreate, KeyCreated, KeyInfo, KeyPage, KeyQuery, KeyRotate


class ICallerKeys(ABC):
    """Keys are kept in the database, and verified from memory: every process follows a change within a second.

    Every method raises StoreUnavailableError while the database is away.
    """

    @abstractmethod
    async def create_key(self, request: KeyCreate) -> KeyCreated:
        """A new key with its secret, which is shown here and never again.

        Raises InvalidRequestError for an `expires_at` that is past, ProviderNotFoundError for a row that is not there.
        """

    @abstractmethod
    async def list_keys(self, query: KeyQuery | None = None) -> KeyPage:
        """One page of the keys, ended ones too, the newest first."""

    @abstractmethod
    async def get_key(self, key_id: str) -> KeyInfo:
        """One key. Raises KeyNotFoundError."""

    @abstractmethod
    async def rotate_key(self, key_id: str, request: KeyRotate | None = None) -> KeyCreated:
        """The key with a new secret; those of before end now, or `grace_seconds` from now if that is sooner than set.

        Raises KeyNotFoundError, and KeyEndedError for a key that was revoked or has expired.
        """

    @abstractmethod
    async def revoke_key(self, key_id: str) -> KeyInfo:
        """Ends the key and all its secrets, for good; again does nothing more. Raises KeyNotFoundError."""
