"""GET /providers, GET /api/v1/providers and the switches."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from contracts import ProviderInfo, ProviderOverview
from tests.api.conftest import ADMIN_KEY, CALLER_KEY, MakeClient


def test_providers_are_listed(client: TestClient) -> None:
    """Every row is there, each kind we know and those that were added."""
    infos = {row["name"]: ProviderInfo.model_validate(row) for row in client.get("/providers").json()}
    assert {"openai", "anthropic", "gemini", "deepseek", "openrouter", "ollama", "local", "mock", "second"} <= set(
        infos
    )
    assert (infos["mock"].usable, infos["openai"].usable) == (True, False)
    assert "OPENAI_API_KEY" in (infos["openai"].unusable_reason or "")


def test_providers_one_is_shown(client: TestClient) -> None:
    """One row by its name; google is gemini; no key is in it."""
    answer = client.get("/providers/second")
    assert (answer.json()["name"], answer.json()["type"]) == ("second", "mock")
    assert "sk-second" not in answer.text
    assert client.get("/providers/google").json()["name"] == "gemini"


@pytest.mark.parametrize(
    "method,path",
    [
        ("GET", "/providers/opnai"),
        ("POST", "/providers/opnai/enable"),
        ("POST", "/providers/opnai/disable"),
        ("GET", "/providers/opnai/health"),
        ("POST", "/providers/opnai/test"),
        ("POST", "/api/v1/providers/opnai/test"),
    ],
)
def test_providers_unknown_is_404_with_the_list(client: TestClient, method: str, path: str) -> None:
    """Wherever a provider is named, an unknown one is told who there is."""
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()["error_type"]) == (404, "provider_not_found")
    assert "mock" in answer.json()["detail"]


def test_providers_are_switched_off_and_on(client: TestClient) -> None:
    """The switch acts on the next request, and stands in the configuration."""
    off = client.post("/providers/mock/disable")
    assert off.json() == {"provider": "mock", "enabled": False, "message": "mock is disabled"}
    assert client.post("/process", json={"prompt": "x"}).json()["provider"] == "second"
    assert client.get("/config").json()["config"]["providers"]["mock"]["enabled"] is False
    on = client.post("/providers/mock/enable")
    assert on.json() == {"provider": "mock", "enabled": True, "message": "mock is enabled"}
    assert client.post("/process", json={"prompt": "x"}).json()["provider"] == "mock"


def test_providers_switched_on_without_a_key_say_so(client: TestClient) -> None:
    """Enabling does not pretend that a row can be used."""
    message = client.post("/providers/openai/enable").json()["message"]
    assert message.startswith("openai is enabled, but cannot be used: ")
    assert "OPENAI_API_KEY" in message


def test_providers_show_the_embedded_model_by_name(client: TestClient) -> None:
    """The embedded model is one: its row lists it, so that callers know what to name."""
    row = client.get("/providers/local").json()
    assert row["models"] == [row["default_model"]]


def test_provider_overview_says_what_the_list_says_and_who_is_first(client: TestClient) -> None:
    """Each row as in GET /providers, with its failures in a row; who is asked first, and the strategy."""
    overview = ProviderOverview.model_validate(client.get("/api/v1/providers").json())
    listed = [ProviderInfo.model_validate(row) for row in client.get("/providers").json()]
    assert [ProviderInfo(**row.model_dump(exclude={"failures"})) for row in overview.providers] == listed
    assert (overview.default_provider, overview.selection_strategy) == ("mock", "priority")
    assert {row.failures for row in overview.providers} == {0}


def test_provider_overview_follows_what_happens(make_client: MakeClient) -> None:
    """A row that fails shows how often and its circuit; one that is switched off is no longer asked first."""
    client = make_client(circuit_breaker={"failure_threshold": 2}, selection_strategy="random")
    failing = {"prompt": "x", "provider": "mock", "model": "mock-503", "enable_fallback": False}
    for failures, circuit in ((1, "closed"), (2, "open")):
        client.post("/process", json=failing)
        rows = {row["name"]: row for row in client.get("/api/v1/providers").json()["providers"]}
        assert (rows["mock"]["failures"], rows["mock"]["circuit_state"]) == (failures, circuit)
        assert rows["mock"]["last_error"] == "provider_unavailable"
    client.post("/providers/mock/disable")
    overview = client.get("/api/v1/providers").json()
    assert (overview["default_provider"], overview["selection_strategy"]) == ("second", "random")


def test_provider_overview_opens_to_callers_and_tests_to_administrators(make_client: MakeClient) -> None:
    """As the list and the test of seed B do; no key of a vendor is shown."""
    client = make_client(admin=True, callers=True)
    keys = [{"x-api-key": key} for key in ("no", CALLER_KEY, ADMIN_KEY)]
    seen = [client.get("/api/v1/providers", headers=key) for key in keys]
    assert [answer.status_code for answer in seen] == [401, 200, 200]
    assert "sk-second" not in seen[2].text
    tested = [client.post("/api/v1/providers/mock/test", headers=key).status_code for key in keys]
    assert tested == [401, 403, 200]
