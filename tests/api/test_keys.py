"""/api/v1/keys: made, shown, changed and ended."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from contracts import KeyCreated, KeyInfo, KeyPage, KeyQuery, KeyRotate, StoreUnavailableError
from tests.api.conftest import ADMIN_KEY, CALLER_KEY, MakeClient, config
from tests.api.made_keys import ADMIN, ASKED, KEYS, asks, made
from tests.unit.http.fake_keys import CREATED, INFO
from tests.unit.http.fake_service import FakeService


@pytest.fixture
def fake() -> FakeService:
    """A service that does what a test tells it to."""
    return FakeService()


@pytest.fixture
def faked(fake: FakeService) -> Iterator[TestClient]:
    """A client of `fake`."""
    with TestClient(create_app(Settings(), service=fake)) as client:
        yield client


def test_made_key_opens_calls_and_nothing_else(guarded: TestClient) -> None:
    """At once; who made it stands in it, and nobody may keep the answer."""
    answer = guarded.post(KEYS, json=ASKED, headers=ADMIN)
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    created = KeyCreated.model_validate(answer.json())
    assert (created.name, created.tenant, created.tags, created.created_by) == (
        "essay marker",
        "school",
        ("essays",),
        "admin",
    )
    assert (created.status, created.expires_at, created.models, created.providers) == ("active", None, None, None)
    assert asks(guarded, created.key) == (200, "mock")
    for header in ({"x-api-key": created.key}, {"authorization": f"Bearer {created.key}"}):
        assert guarded.get("/providers", headers=header).status_code == 200
        assert guarded.get(KEYS, headers=header).status_code == 403
        assert guarded.get("/config", headers=header).status_code == 403
        assert guarded.get("/metrics", headers=header).status_code == 403
    assert asks(guarded, created.id) == (401, "authentication_required")
    assert asks(guarded, created.key[:-1]) == (401, "authentication_required")


def test_secret_is_shown_once(guarded: TestClient) -> None:
    """No other answer has it, nor another field of it than its end."""
    created = made(guarded, ADMIN)
    shown = [guarded.get(path, headers=ADMIN) for path in (KEYS, f"{KEYS}/{created.id}", "/api/v1/audit", "/config")]
    assert [answer.status_code for answer in shown] == [200] * 4
    assert not [answer.url for answer in shown if created.key in answer.text or created.key[6:30] in answer.text]
    assert KeyInfo.model_validate(shown[1].json()) == KeyInfo.model_validate(created.model_dump(exclude={"key"}))


def test_rotated_key_has_a_new_secret(guarded: TestClient) -> None:
    """The old one ends at once, unless it was given time."""
    first = made(guarded, ADMIN)
    second = KeyCreated.model_validate(guarded.post(f"{KEYS}/{first.id}/rotate", json={}, headers=ADMIN).json())
    assert (second.id, second.rotated_at is not None) == (first.id, True)
    assert (asks(guarded, first.key)[0], asks(guarded, second.key)[0]) == (401, 200)
    answer = guarded.post(f"{KEYS}/{first.id}/rotate", json={"grace_seconds": 60}, headers=ADMIN)
    assert answer.headers["cache-control"] == "no-store"
    assert (asks(guarded, second.key)[0], asks(guarded, answer.json()["key"])[0]) == (200, 200)


def test_revoked_key_opens_nothing_and_is_told_so(guarded: TestClient) -> None:
    """Again does nothing more; a new secret for it is 409."""
    created = made(guarded, ADMIN)
    first, second = [guarded.post(f"{KEYS}/{created.id}/revoke", headers=ADMIN) for _ in range(2)]
    assert (first.status_code, first.json()["status"], second.json()) == (200, "revoked", first.json())
    answer = guarded.post("/process", json={"prompt": "hi"}, headers={"x-api-key": created.key})
    assert (answer.status_code, "www-authenticate" in answer.headers) == (401, True)
    assert f"this key ({created.id}) was revoked on 20" in answer.json()["detail"]
    assert created.key not in answer.text
    late = guarded.post(f"{KEYS}/{created.id}/rotate", json={}, headers=ADMIN)
    assert (late.status_code, late.json()["error_type"]) == (409, "key_ended")


def test_keys_are_listed_by_pages(guarded: TestClient) -> None:
    """The newest first, filtered by whose they are and how they stand."""
    created = [made(guarded, ADMIN, name=f"n{number}", tenant="ab"[number % 2]) for number in range(3)]
    guarded.post(f"{KEYS}/{created[2].id}/revoke", headers=ADMIN)
    first = KeyPage.model_validate(guarded.get(KEYS, params={"limit": 2}, headers=ADMIN).json())
    assert len(first.keys) == 2
    cursor = {"limit": 2, "cursor": first.next_cursor or ""}
    second = KeyPage.model_validate(guarded.get(KEYS, params=cursor, headers=ADMIN).json())
    assert {key.id for key in (*first.keys, *second.keys)} == {key.id for key in created}
    assert second.next_cursor is None

    def names(**query: str) -> set[str]:
        return {key["name"] for key in guarded.get(KEYS, params=query, headers=ADMIN).json()["keys"]}

    assert names(tenant="a") == {"n0", "n2"}
    assert names(tenant="a", status="active") == {"n0"}
    assert names(status="revoked") == {"n2"}
    assert names(status="expired") == set()


def test_deeds_are_audited_without_a_secret(guarded: TestClient) -> None:
    """Who made, changed and ended which key, with what was before and after; failed ones too."""
    created = made(guarded, ADMIN)
    rotated = guarded.post(f"{KEYS}/{created.id}/rotate", json={"grace_seconds": 9}, headers=ADMIN).json()["key"]
    guarded.post(f"{KEYS}/{created.id}/revoke", headers=ADMIN)
    guarded.post(f"{KEYS}/{created.id}/rotate", json={}, headers=ADMIN)
    answer = guarded.get("/api/v1/audit", params={"action": "key"}, headers=ADMIN)
    entries = answer.json()["entries"]
    told = [(entry["action"], entry["outcome"], entry["target"], entry["actor"]) for entry in entries]
    deeds = [("rotate", "key_ended"), ("revoke", "success"), ("rotate", "success"), ("create", "success")]
    assert told == [(f"key.{deed}", outcome, created.id, "admin") for deed, outcome in deeds]
    assert [entries[1]["before"]["status"], entries[1]["after"]["status"]] == ["active", "revoked"]
    assert entries[2]["after"]["grace_seconds"] == 9
    assert (entries[3]["before"], entries[3]["after"]["tenant"]) == (None, "school")
    for secret in (created.key, rotated):
        assert not [
            part for part in (secret, secret[6:], secret[-4:]) if f"{part}" in answer.text.replace(created.id, "")
        ]


def test_logs_hold_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """However a key is sent, also where it does not belong; not until the service has told all."""
    settings = Settings(config=config(), admin_api_key=SecretStr(ADMIN_KEY))
    with caplog.at_level(logging.DEBUG), TestClient(create_app(settings)) as client:
        created = made(client, ADMIN)
        asks(client, created.key)
        asks(client, created.key, model="mock-503")
        client.get(f"{KEYS}/{created.key}", headers=ADMIN)
        client.post(KEYS, json={"name": created.key, "key": created.key}, headers=ADMIN)
        client.post(f"{KEYS}/{created.id}/revoke", headers=ADMIN)
        asks(client, created.key)
    # The client of the test writes what it sends.
    told = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
    assert created.id in told
    assert not [secret for secret in (created.key, created.key[6:]) if secret in told]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name"),
    ({"name": "n", "tenant": "a\x00b"}, "tenant"),
    ({"name": "n", "models": []}, "models"),
    ({"name": "n", "expires_at": "2020-01-01"}, "expires_at"),
    ({"name": "n", "expires_at": 1}, "expires_at"),
    ({"name": "n", "tags": ["x"] * 11}, "tags"),
    ({"name": "n", "scopes": ["admin"]}, "scopes"),
    ({}, "name"),
]


@pytest.mark.parametrize("body,field", WRONG)
def test_key_that_cannot_be_is_422(guarded: TestClient, body: dict[str, Any], field: str) -> None:
    """The field is named, and nothing was made."""
    answer = guarded.post(KEYS, json=body, headers=ADMIN)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert guarded.get(KEYS, headers=ADMIN).json()["keys"] == []


def test_key_for_a_provider_that_is_not_there_is_404(guarded: TestClient) -> None:
    """With the list: a limit that is misspelt would shut its caller out."""
    answer = guarded.post(KEYS, json={"name": "n", "providers": ["opnai"]}, headers=ADMIN)
    assert (answer.status_code, answer.json()["error_type"]) == (404, "provider_not_found")
    assert made(guarded, ADMIN, providers=["google"]).providers == ("gemini",)


@pytest.mark.parametrize("method,path", [("GET", ""), ("POST", "/rotate"), ("POST", "/revoke")])
def test_unknown_key_is_404(guarded: TestClient, method: str, path: str) -> None:
    """By its id, or by what is none."""
    for ident in (INFO.id, "x", "%00"):
        answer = guarded.request(method, f"{KEYS}/{ident}{path}", json={}, headers=ADMIN)
        assert (answer.status_code, answer.json()["error_type"]) == (404, "key_not_found")


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "status=gone", "tenant=", "cursor=x", "who=me"])
def test_keys_refuse_a_query_that_they_cannot_read(guarded: TestClient, query: str) -> None:
    """422, and the parameter is named."""
    answer = guarded.get(f"{KEYS}?{query}", headers=ADMIN)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, query.partition("=")[0])


def test_keys_are_for_administrators(make_client: MakeClient) -> None:
    """A configured caller's key does not open them."""
    client = make_client(admin=True, callers=True)
    for method, path in (("GET", KEYS), ("POST", KEYS), ("GET", f"{KEYS}/{INFO.id}"), ("POST", f"{KEYS}/x/revoke")):
        statuses = [
            client.request(method, path, json={}, headers={"x-api-key": key}).status_code for key in ("no", CALLER_KEY)
        ]
        assert statuses == [401, 403]


def test_endpoints_ask_the_service_for_what_was_asked(faked: TestClient, fake: FakeService) -> None:
    """Bodies, queries and paths, as they are read; a secret is in no answer but two."""
    expires = "2030-01-01T00:00:00"
    calls: list[tuple[str, str, Any, object]] = [
        ("POST", KEYS, {"name": "n", "providers": ["google"], "expires_at": expires}, None),
        ("GET", f"{KEYS}?tenant=t&limit=3", None, KeyQuery(tenant="t", limit=3)),
        ("GET", f"{KEYS}/key_1", None, "key_1"),
        ("POST", f"{KEYS}/key_1/rotate", {"grace_seconds": 5}, ("key_1", KeyRotate(grace_seconds=5))),
        ("POST", f"{KEYS}/key_1/revoke", None, "key_1"),
    ]
    for method, path, body, expected in calls:
        answer = faked.request(method, path, json=body)
        assert answer.status_code in (200, 201)
        assert (CREATED.key in answer.text) == (method == "POST" and not path.endswith("revoke"))
        if expected is None:
            asked: Any = fake.asked_of_keys
            assert (asked.providers, asked.expires_at) == (("gemini",), datetime(2030, 1, 1, tzinfo=UTC))
        else:
            assert fake.asked_of_keys == expected


def test_keys_without_their_database_are_503(faked: TestClient, fake: FakeService) -> None:
    """With the time after which to ask again."""
    fake.keys_fault = StoreUnavailableError("the database cannot be reached", retry_after=1.0)
    for method, path in (
        ("GET", KEYS),
        ("GET", f"{KEYS}/x"),
        ("POST", f"{KEYS}/x/rotate"),
        ("POST", f"{KEYS}/x/revoke"),
    ):
        answer = faked.request(method, path, json={} if method == "POST" else None)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
