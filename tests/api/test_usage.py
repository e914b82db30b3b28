"""POST /reports/usage and GET /api/v1/usage/summary: what arrives at the service, and how its answer looks."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from contracts import StoreUnavailableError, UsageAnalyticsDisabledError, UsageGrouping, UsageReport, UsageSummary
from tests.api.conftest import ADMIN_KEY, CALLER_KEY, MakeClient
from tests.unit.http.fake_books import REPORT, SUMMARY
from tests.unit.http.fake_service import FakeService

USAGE, SUMMED_UP = "/reports/usage", "/api/v1/usage/summary"


@pytest.fixture
def fake() -> FakeService:
    """A service that does what a test tells it to."""
    return FakeService()


@pytest.fixture
def faked(fake: FakeService) -> Iterator[TestClient]:
    """A client of `fake`."""
    with TestClient(create_app(Settings(), service=fake)) as client:
        yield client


def test_usage_report_is_what_the_service_says(faked: TestClient, fake: FakeService) -> None:
    """Nothing asked: everything there is."""
    answer = faked.post(USAGE, json={})
    assert (answer.status_code, UsageReport.model_validate(answer.json())) == (200, REPORT)
    assert fake.asked_of_books == {"timezone": "UTC"}


def test_usage_report_asks_for_what_was_named(faked: TestClient, fake: FakeService) -> None:
    """Dates with and without a time, filters, grouping, zone; `google` is gemini."""
    body = {
        "start_date": "2026-11-01",
        "end_date": "2026-12-01T08:30:00+01:00",
        "provider": "google",
        "model": "gemini-4",
        "tenant": "Schule Süd",
        "group_by": "tag",
        "timezone": "Europe/Stockholm",
    }
    assert faked.post(USAGE, json=body).status_code == 200
    assert fake.asked_of_books == {
        **body,
        "start_date": datetime(2026, 11, 1),  # noqa: DTZ001 - it is in the zone of the query
        "end_date": datetime(2026, 12, 1, 8, 30, tzinfo=timezone(timedelta(hours=1))),
        "provider": "gemini",
        "group_by": UsageGrouping.TAG,
    }


@pytest.mark.parametrize(
    "body,field",
    [
        ({"start_date": "2026-12-01", "end_date": "2026-11-01"}, "end_date"),
        ({"start_date": 1700000000}, "start_date"),
        ({"start_date": "1700000000"}, "start_date"),
        ({"end_date": "2026-02-30"}, "end_date"),
        ({"end_date": True}, "end_date"),
        ({"timezone": "Europe"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"group_by": "week"}, "group_by"),
        ({"provider": ""}, "provider"),
        ({"tag": "a", "key_id": "k"}, "key_id"),
        ({"tag": "a", "group_by": "key"}, "group_by"),
        ({"key_id": "k", "group_by": "tag"}, "key_id"),
        ({"tenant": "a\x00b"}, "tenant"),
        ({"from": "2026-11-01"}, "from"),
    ],
)
def test_usage_report_refuses_what_makes_no_sense(faked: TestClient, body: dict[str, Any], field: str) -> None:
    """422, and the field is named."""
    answer = faked.post(USAGE, json=body)
    assert (answer.status_code, answer.json()["error_type"]) == (422, "invalid_request")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_usage_report_needs_a_body(faked: TestClient) -> None:
    """An empty one is not JSON."""
    assert faked.post(USAGE).status_code == 400


def rows_of(text: str) -> list[list[str]]:
    """The cells of a CSV file."""
    return list(csv.reader(io.StringIO(text, newline="")))


def test_usage_report_is_a_table_where_one_is_asked_for(faked: TestClient) -> None:
    """RFC 4180, to be saved as a file, a row for each group."""
    answer = faked.post(f"{USAGE}?format=csv", json={})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="usage_2026-11-01_2026-12-01.csv"'
    head, row = rows_of(answer.text)
    assert head[:3] == ["key", "requests", "successes"]
    cells = dict(zip(head, row, strict=True))
    assert (cells["key"], cells["requests"], cells["cost_usd"]) == ("gpt-6-luna", "1200", "1.84217715")
    assert answer.text.endswith("\r\n")


def test_usage_report_refuses_a_format_that_it_has_not(faked: TestClient) -> None:
    """422, and the parameter is named."""
    answer = faked.post(f"{USAGE}?format=xls", json={})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "format")


def test_usage_summary_is_what_the_service_says(faked: TestClient, fake: FakeService) -> None:
    """For each period that seed A names, and for none."""
    answer = faked.get(SUMMED_UP)
    assert (answer.status_code, UsageSummary.model_validate(answer.json())) == (200, SUMMARY)
    assert fake.asked_of_books == {}
    for period in ("1h", "24h", "7d", "30d"):
        assert faked.get(f"{SUMMED_UP}?period={period}").status_code == 200
        assert fake.asked_of_books == {"period": period}


def test_usage_summary_of_a_time_asks_for_it(faked: TestClient, fake: FakeService) -> None:
    """A date is its midnight."""
    assert faked.get(f"{SUMMED_UP}?start=2026-11-01&end=2026-11-02T12:00:00Z").status_code == 200
    assert fake.asked_of_books == {
        "start": datetime(2026, 11, 1),  # noqa: DTZ001 - the service takes it for UTC
        "end": datetime(2026, 11, 2, 12, tzinfo=UTC),
    }


@pytest.mark.parametrize("query", ["period=2h", "start=yesterday", "end=5"])
def test_usage_summary_refuses_what_it_cannot_read(faked: TestClient, query: str) -> None:
    """422, and the parameter is named."""
    answer = faked.get(f"{SUMMED_UP}?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, query.partition("=")[0])


@pytest.mark.parametrize("method,path", [("POST", USAGE), ("GET", SUMMED_UP)])
def test_usage_that_is_not_recorded_is_409(faked: TestClient, fake: FakeService, method: str, path: str) -> None:
    """The configuration says so."""
    fake.books_fault = UsageAnalyticsDisabledError("usage is not recorded")
    answer = faked.request(method, path, json={})
    assert (answer.status_code, answer.json()["error_type"]) == (409, "usage_analytics_disabled")


@pytest.mark.parametrize("method,path", [("POST", USAGE), ("GET", SUMMED_UP)])
def test_usage_without_its_database_is_503(faked: TestClient, fake: FakeService, method: str, path: str) -> None:
    """With the time after which to ask again."""
    fake.books_fault = StoreUnavailableError("the database cannot be reached", retry_after=1.0)
    answer = faked.request(method, path, json={})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


@pytest.mark.parametrize("method,path", [("POST", USAGE), ("GET", SUMMED_UP)])
def test_usage_is_for_administrators(make_client: MakeClient, method: str, path: str) -> None:
    """A caller's key does not open it; with usage switched off an administrator learns that."""
    client = make_client(admin=True, callers=True, enable_usage_analytics=False)
    statuses = [
        client.request(method, path, headers={"x-api-key": key}, json={}).status_code
        for key in ("no", CALLER_KEY, ADMIN_KEY)
    ]
    assert statuses == [401, 403, 409]


def test_usage_report_of_a_provider_that_is_nowhere_is_404(make_client: MakeClient) -> None:
    """A slip is told, with the rows that there are; one that only had nothing to do has an empty report."""
    client = make_client()
    refused = client.post("/reports/usage", json={"provider": "opnai"})
    assert (refused.status_code, refused.json()["error_type"]) == (404, "provider_not_found")
    assert "mock" in refused.json()["detail"]
    idle = client.post("/reports/usage", json={"provider": "google"})
    assert (idle.status_code, idle.json()["totals"]["requests"]) == (200, 0)
