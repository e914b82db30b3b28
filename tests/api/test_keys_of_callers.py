"""What does a caller meet whose key was made by /api/v1/keys?"""

from __future__ import annotations

from starlette.testclient import TestClient

from tests.api.made_keys import ADMIN, KEYS, asks, made


def test_local_requests_stay_open_without_a_key_of_ours(client: TestClient) -> None:
    """With no key configured: SDKs send any; one that was made applies, and one that ended is refused."""
    assert asks(client, "sk-anything") == (200, "mock")
    created = made(client, providers=["second"])
    assert created.created_by == "local"
    assert asks(client, "sk-anything") == (200, "mock")
    assert client.post("/process", json={"prompt": "hi"}).status_code == 200
    assert asks(client, created.key) == (200, "second")
    assert client.get("/config", headers={"x-api-key": created.key}).status_code == 403
    client.post(f"{KEYS}/{created.id}/revoke")
    assert asks(client, created.key) == (401, "authentication_required")
    assert client.get("/config").status_code == 200


def test_remote_requests_get_in_with_a_made_key(client: TestClient) -> None:
    """Though none is configured; through a proxy, too."""
    created, forwarded = made(client), {"x-forwarded-for": "10.0.0.7"}
    statuses = [
        client.post("/process", json={"prompt": "hi"}, headers={**forwarded, "x-api-key": key}).status_code
        for key in (created.key, "sk-anything")
    ]
    assert statuses == [200, 401]


def test_limited_key_meets_its_limits(guarded: TestClient) -> None:
    """What is named is 403 with what may be used; else what it may not use is passed over, and explained."""
    created = made(guarded, ADMIN, models=["mock-echo"], providers=["second"])
    assert asks(guarded, created.key) == (200, "second")
    assert asks(guarded, created.key, model="mock-echo") == (200, "second")
    assert asks(guarded, created.key, preferred_provider="mock") == (403, "forbidden")
    assert asks(guarded, created.key, model="mock-other") == (403, "forbidden")
    headers = {"x-api-key": created.key}
    refused = guarded.post("/process/stream", json={"prompt": "hi", "model": "mock/mock-echo"}, headers=headers)
    assert refused.status_code == 403
    assert refused.json()["detail"] == (
        f"the key {created.id} may not use the provider mock; it may use: models mock-echo; providers second"
    )
    batch = guarded.post(
        "/process/batch", json={"requests": [{"prompt": "a"}, {"prompt": "b", "provider": "mock"}]}, headers=headers
    ).json()
    assert (batch["succeeded"], batch["failed"]) == (1, 1)
    explained = guarded.post("/process/explain", json={"prompt": "hi"}, headers=headers).json()
    reasons = {one["provider"]: one["reason"] for one in explained["excluded"]}
    assert ([one["provider"] for one in explained["candidates"]], reasons["mock"]) == (["second"], "not_allowed")


def test_limited_key_sees_the_providers_that_it_may_use(guarded: TestClient) -> None:
    """In both lists; another row is 403, an unknown one 404 as ever."""
    headers = {"x-api-key": made(guarded, ADMIN, providers=["second"]).key}
    assert [row["name"] for row in guarded.get("/providers", headers=headers).json()] == ["second"]
    overview = guarded.get("/api/v1/providers", headers=headers).json()
    assert ([row["name"] for row in overview["providers"]], overview["default_provider"]) == (["second"], "second")
    paths = ("second", "mock", "opnai")
    assert [guarded.get(f"/providers/{name}", headers=headers).status_code for name in paths] == [200, 403, 404]


def test_usage_is_reported_by_key_and_tenant(guarded: TestClient) -> None:
    """Grouped and filtered, with the key's tags; what its caller says of himself is not it."""
    one, other = made(guarded, ADMIN), made(guarded, ADMIN, tenant="office", tags=[])
    for secret in (one.key, one.key, other.key):
        asks(guarded, secret, tags=["own"], user_id="school")

    def report(**query: str) -> dict[str, int]:
        answer = guarded.post("/reports/usage", json=query, headers=ADMIN)
        return {group["key"]: group["requests"] for group in answer.json()["groups"]}

    assert report(group_by="tenant") == {"school": 2, "office": 1}
    assert report(group_by="key") == {one.id: 2, other.id: 1}
    assert report(group_by="tag") == {"own": 3, "essays": 2}
    assert report(group_by="tenant", key_id=other.id) == {"office": 1}
    summary = "/api/v1/usage/summary"
    for query, requests in (({}, 3), ({"tenant": "school"}, 2), ({"key_id": other.id}, 1), ({"tenant": "none"}, 0)):
        assert guarded.get(summary, params=query, headers=ADMIN).json()["totals"]["requests"] == requests
