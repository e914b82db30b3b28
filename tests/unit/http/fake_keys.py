"""The part of a fake service that keeps callers' keys: examples, and what was asked for."""

from __future__ import annotations

from contracts import ICallerKeys, KeyCreate, KeyCreated, KeyInfo, KeyPage, KeyQuery, KeyRotate

CREATED = KeyCreated.model_validate(KeyCreated.model_json_schema()["example"])
INFO = KeyInfo.model_validate(KeyInfo.model_json_schema()["example"])


class FakeKeys(ICallerKeys):
    """`keys_fault` is raised instead of an answer; `asked_of_keys` is what was given last."""

    keys_fault: Exception | None = None

    def __init__(self) -> None:
        self.asked_of_keys: object = None

    async def create_key(self, request: KeyCreate) -> KeyCreated:
        self._noted(request)
        return CREATED

    async def list_keys(self, query: KeyQuery | None = None) -> KeyPage:
        self._noted(query)
        return KeyPage(keys=[INFO], next_cursor=INFO.id)

    async def get_key(self, key_id: str) -> KeyInfo:
        self._noted(key_id)
        return INFO

    async def rotate_key(self, key_id: str, request: KeyRotate | None = None) -> KeyCreated:
        self._noted((key_id, request))
        return CREATED

    async def revoke_key(self, key_id: str) -> KeyInfo:
        self._noted(key_id)
        return INFO

    def _noted(self, asked: object) -> None:
        if self.keys_fault is not None:
            raise self.keys_fault
        self.asked_of_keys = asked
