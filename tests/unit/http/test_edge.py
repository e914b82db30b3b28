"""What is answered before the lifespan, while it runs, and while the service drains?"""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.unit.http.fake_service import FakeService, health_report

PUBLIC = {"/livez", "/readyz", "/healthz", "/openapi.json", "/docs", "/docs/start.js", "/redoc", "/redoc/logo-mini.svg"}


def _operations(app: FastAPI) -> list[tuple[str, str]]:
    paths = app.openapi()["paths"]
    return [(method.upper(), path.replace("{provider}", "local")) for path, item in paths.items() for method in item]


def test_edge_before_the_lifespan_only_lives(service: FakeService) -> None:
    """An app that has not started lives, is not ready, and answers nothing else."""
    app = create_app(Settings(), service=service)
    client = TestClient(app)
    assert (client.get("/livez").status_code, client.get("/livez").json()) == (200, {"status": "starting"})
    others = [operation for operation in _operations(app) if operation[1] != "/livez"]
    assert len(others) > 15
    for method, path in others:
        answer = client.request(method, path)
        told = answer.json()["error"]["llm_service"] if path.startswith("/v1/") else answer.json()
        assert (answer.status_code, told["error_type"]) == (503, "service_not_started")


def test_edge_lifespan_starts_and_stops_the_service(service: FakeService) -> None:
    """The service runs exactly as long as the app."""
    with TestClient(create_app(Settings(), service=service)) as client:
        assert service.running
        assert client.get("/readyz").json() == {"status": "ok"}
    assert not service.running


def test_edge_draining_is_not_ready_but_serves(service: FakeService) -> None:
    """While it drains the service lives and answers what comes, and says that it wants no more."""
    app = create_app(Settings(), service=service)
    with TestClient(app) as client:
        app.state.edge.drain()
        assert client.get("/livez").json() == {"status": "draining"}
        refusal = client.get("/readyz")
        assert (refusal.status_code, refusal.json()["detail"]) == (503, "the service is draining")
        assert client.post("/process", json={"prompt": "x"}).status_code == 200


def test_edge_every_endpoint_but_the_public_needs_a_key(service: FakeService) -> None:
    """With keys configured, each operation refuses a caller without one, and the administrative ones a caller's key."""
    settings = Settings(admin_api_key=SecretStr("admin-7f"), api_keys=(SecretStr("caller-1a"),))
    app = create_app(settings, service=service)
    calling = {"/process", "/process/stream", "/process/batch", "/process/explain", "/providers", "/providers/local"}
    calling |= {"/api/v1/comparison", "/api/v1/comparison/batch", "/api/v1/providers"}
    calling |= {path for _, path in _operations(app) if path.startswith("/v1/")}
    with TestClient(app) as client:
        for method, path in _operations(app):
            bare = client.request(method, path).status_code
            mine = client.request(method, path, headers={"x-api-key": "caller-1a"}).status_code
            root = client.request(method, path, headers={"x-api-key": "admin-7f"}).status_code
            assert (bare == 401, mine == 403) == (path not in PUBLIC, path not in PUBLIC | calling), path
            assert root not in (401, 403), path


def test_edge_routes_outside_the_document_are_known() -> None:
    """What the document does not list is the pages, and the document itself."""
    app = create_app(Settings(), service=FakeService())
    outside = {path for route in app.routes if isinstance(path := getattr(route, "path", None), str)}
    assert outside - {"/docs/assets"} <= PUBLIC


@pytest.mark.parametrize("flag,status", [(True, 200), (False, 401)])
def test_edge_anonymous_callers_follow_the_settings(service: FakeService, flag: bool, status: int) -> None:
    """The setting opens the calling endpoints to those without a key."""
    settings = Settings(admin_api_key=SecretStr("admin-7f"), allow_anonymous_callers=flag)
    with TestClient(create_app(settings, service=service)) as client:
        assert client.post("/process", json={"prompt": "x"}).status_code == status
        assert client.get("/config").status_code == 401


def test_edge_healthz_of_a_stopped_service_is_503(client: TestClient, service: FakeService) -> None:
    """A service that was stopped under its app can serve nothing, and the probe says so."""
    service.report = health_report(status="not_started")
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["error_type"]) == (503, "service_not_started")


def test_edge_healthz_names_dependencies_that_are_down(client: TestClient, service: FakeService) -> None:
    """A store that is down degrades the service, and an administrator reads which, and why."""
    service.report = health_report(status="degraded", dependency_faults={"redis": "it gave no answer in 50 ms"})
    assert client.get("/healthz").json() == {
        "status": "degraded",
        "degraded": ["redis: down (it gave no answer in 50 ms)"],
    }


def test_edge_document_is_built_once(service: FakeService) -> None:
    """The API's document is made at the first call and kept."""
    app = create_app(Settings(), service=service)
    assert app.openapi() is app.openapi()
