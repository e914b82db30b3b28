"""GET /providers/{p}/health, POST /providers/{p}/test and the same under /api/v1."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from contracts import ProviderHealth


def test_provider_health_is_unknown_before_a_call(client: TestClient) -> None:
    """Nothing was sent, so nothing is known; a call changes that."""
    assert ProviderHealth.model_validate(client.get("/providers/mock/health").json()).status == "unknown"
    client.post("/process", json={"prompt": "x"})
    after = ProviderHealth.model_validate(client.get("/providers/mock/health").json())
    assert (after.status, after.success_rate, after.checked_at is not None) == ("healthy", 100.0, True)


@pytest.mark.parametrize("query", ["", "?deep=true", "?deep=false"])
@pytest.mark.parametrize("prefix", ["", "/api/v1"])
def test_provider_health_is_measured_by_a_test(client: TestClient, prefix: str, query: str) -> None:
    """A test calls the vendor now and says how long it took, under the path of either seed."""
    health = ProviderHealth.model_validate(client.post(f"{prefix}/providers/mock/test{query}").json())
    assert (health.provider, health.status) == ("mock", "healthy")
    assert health.latency_ms is not None


def test_provider_health_of_an_unusable_row_is_reported(client: TestClient) -> None:
    """A vendor that cannot be called is an answer, not an error."""
    answer = client.post("/providers/openai/test")
    assert (answer.status_code, answer.json()["status"]) == (200, "offline")
    assert "OPENAI_API_KEY" in answer.json()["error_message"]


def test_provider_health_wrong_depth_is_422(client: TestClient) -> None:
    """`deep` is true or false."""
    for prefix in ("", "/api/v1"):
        assert client.post(f"{prefix}/providers/mock/test?deep=maybe").json()["errors"][0]["field"] == "deep"


def test_provider_test_knows_google_as_gemini(client: TestClient) -> None:
    """Seed A's name of the vendor is answered by ours, and a deep test is recorded."""
    assert client.post("/api/v1/providers/google/test").json()["provider"] == "gemini"
    client.post("/api/v1/providers/mock/test?deep=true")
    assert client.get("/statistics").json()["providers"]["mock"]["requests"] == 1
