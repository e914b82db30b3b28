"""GET /api/v1/circuit-breakers and the reset."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from contracts import CircuitBreakerInfo, CircuitState
from tests.api.conftest import ADMIN_KEY, CALLER_KEY, MakeClient

FAILING = {"prompt": "x", "provider": "mock", "model": "mock-503", "enable_fallback": False}


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    """A client whose circuits open at the first failure."""
    return make_client(circuit_breaker={"failure_threshold": 1})


def circuits(client: TestClient) -> dict[str, CircuitBreakerInfo]:
    """All of them by provider."""
    listed = client.get("/api/v1/circuit-breakers")
    assert listed.status_code == 200
    return {one["provider"]: CircuitBreakerInfo.model_validate(one) for one in listed.json()}


def test_circuit_breakers_are_listed(client: TestClient) -> None:
    """Every row is there, closed, as long as nothing has failed."""
    found = circuits(client)
    assert {"openai", "local", "mock", "second"} <= found.keys()
    assert {one.state for one in found.values()} == {CircuitState.CLOSED}


def test_circuit_breakers_show_what_failed(client: TestClient) -> None:
    """The route that failed is open with its reason and next probe, and the provider's own page says the same."""
    assert client.post("/process", json=FAILING).status_code == 503
    info = circuits(client)["mock"]
    (route,) = info.routes
    assert (route.model, route.state, route.failures) == ("mock-503", CircuitState.OPEN, 1)
    assert (route.last_error, route.reason) == ("provider_unavailable", "provider unavailable")
    assert route.opened_at is not None
    assert route.next_probe_at is not None
    assert (route.next_probe_at - route.opened_at).total_seconds() == pytest.approx(5, abs=0.1)
    assert (info.state, info.opened_at) == (CircuitState.OPEN, route.opened_at)
    assert client.get("/providers/mock").json()["circuit_state"] == "open"


def test_circuit_breakers_are_reset_by_one_call(client: TestClient) -> None:
    """The answer shows the circuits closed, and the next request is sent."""
    client.post("/process", json=FAILING)
    answer = client.post("/api/v1/circuit-breakers/mock/reset")
    assert answer.status_code == 200
    assert CircuitBreakerInfo.model_validate(answer.json()) == circuits(client)["mock"]
    assert (answer.json()["state"], answer.json()["routes"][0]["state"]) == ("closed", "closed")
    assert client.get("/providers/mock").json()["circuit_state"] == "closed"
    assert len(client.post("/process", json=FAILING).json()["attempts"]) == 1


def test_circuit_breakers_of_one_model_are_reset(client: TestClient) -> None:
    """With a model named the others stay open."""
    client.post("/process", json=FAILING)
    client.post("/process", json={**FAILING, "model": "mock-500"})
    routes = client.post("/api/v1/circuit-breakers/mock/reset?model=mock-503").json()["routes"]
    assert {route["model"]: route["state"] for route in routes} == {
        "mock-503": "closed",
        "mock-500": "open",
    }


def test_circuit_breakers_unknown_provider_is_404_with_the_list(client: TestClient) -> None:
    """A name that nobody has is told who there is; `google` is gemini."""
    answer = client.post("/api/v1/circuit-breakers/opnai/reset")
    assert (answer.status_code, answer.json()["error_type"]) == (404, "provider_not_found")
    assert "mock" in answer.json()["detail"]
    assert client.post("/api/v1/circuit-breakers/google/reset").json()["provider"] == "gemini"


@pytest.mark.parametrize("method,path", [("GET", ""), ("POST", "/mock/reset")])
def test_circuit_breakers_are_for_administrators(make_client: MakeClient, method: str, path: str) -> None:
    """A caller's key does not open them."""
    client = make_client(admin=True, callers=True)
    statuses = [
        client.request(method, f"/api/v1/circuit-breakers{path}", headers={"x-api-key": key}).status_code
        for key in (CALLER_KEY, ADMIN_KEY)
    ]
    assert statuses == [403, 200]
