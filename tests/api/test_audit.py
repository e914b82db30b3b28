"""GET /api/v1/audit: what arrives at the service, and how its answer looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from contracts import AuditPage, StoreUnavailableError
from tests.api.conftest import ADMIN_KEY, CALLER_KEY, MakeClient
from tests.unit.http.fake_books import PAGE
from tests.unit.http.fake_service import FakeService

AUDIT = "/api/v1/audit"


@pytest.fixture
def fake() -> FakeService:
    """A service that does what a test tells it to."""
    return FakeService()


@pytest.fixture
def faked(fake: FakeService) -> Iterator[TestClient]:
    """A client of `fake`."""
    with TestClient(create_app(Settings(), service=fake)) as client:
        yield client


def test_audit_is_a_page_of_entries(faked: TestClient, fake: FakeService) -> None:
    """A hundred of them, unless another number is asked for."""
    answer = faked.get(AUDIT)
    assert (answer.status_code, AuditPage.model_validate(answer.json())) == (200, PAGE)
    assert fake.asked_of_books == {"limit": 100}


def test_audit_asks_for_what_was_named(faked: TestClient, fake: FakeService) -> None:
    """Every filter, the size of the page, and where it begins."""
    asked = {
        "actor": "admin",
        "action": "config",
        "target": "openai",
        "request_id": "r",
        "correlation_id": "c",
        "cursor": "AAAA",
    }
    answer = faked.get(AUDIT, params={**asked, "start": "2026-11-01", "limit": 5})
    assert answer.status_code == 200
    midnight = datetime(2026, 11, 1)  # noqa: DTZ001 - the books take it for UTC
    assert fake.asked_of_books == {**asked, "start": midnight, "limit": 5}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "start=5", "actor=", "cursor=", "who=me", "limit=1&limit=2"]
)
def test_audit_refuses_what_it_cannot_read(faked: TestClient, query: str) -> None:
    """422, and the parameter is named; one that it does not know is not passed over."""
    answer = faked.get(f"{AUDIT}?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, query.partition("=")[0])


def test_audit_without_its_database_is_503(faked: TestClient, fake: FakeService) -> None:
    """With the time after which to ask again."""
    fake.books_fault = StoreUnavailableError("the database cannot be reached", retry_after=1.0)
    answer = faked.get(AUDIT)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def test_audit_is_for_administrators(make_client: MakeClient) -> None:
    """A caller's key does not open it."""
    client = make_client(admin=True, callers=True)
    statuses = [client.get(AUDIT, headers={"x-api-key": key}).status_code for key in ("no", CALLER_KEY, ADMIN_KEY)]
    assert statuses == [401, 403, 200]
