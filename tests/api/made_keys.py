"""How does a test make a caller's key by the API, and call with it?"""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from contracts import KeyCreated
from tests.api.conftest import ADMIN_KEY

KEYS = "/api/v1/keys"
ADMIN = {"x-api-key": ADMIN_KEY}
ASKED: dict[str, Any] = {"name": "essay marker", "tenant": "school", "tags": ["essays"]}


def made(client: TestClient, headers: dict[str, str] | None = None, **fields: Any) -> KeyCreated:
    """A key that was made there."""
    answer = client.post(KEYS, json={**ASKED, **fields}, headers=headers)
    assert answer.status_code == 201, answer.text
    return KeyCreated.model_validate(answer.json())


def asks(client: TestClient, secret: str, **fields: Any) -> tuple[int, str]:
    """Status, and the provider or the kind of error, of a call with that key."""
    answer = client.post("/process", json={"prompt": "hi", **fields}, headers={"authorization": f"Bearer {secret}"})
    body = answer.json()
    return answer.status_code, body["provider"] if answer.status_code == 200 else body["error_type"]
