"""Is a report of any dates in any zone a report, or a refusal that names the field: never a defect?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.engine.usage import summary_of
from contracts.errors import InvalidRequestError
from contracts.usage_reports import UsageGrouping, UsageQuery, UsageReport, UsageSummaryQuery
from tests.kit.records import NOON, request_record
from tests.kit.written_books import WrittenBooks

FIRST, LAST = "0001-01-01T00:00:00", "9999-12-31T23:59:59.999999"
OFFSETS = st.sampled_from(["", "Z", "+14:00", "-12:00", "+23:59", "-23:59", "+05:45"])
TIMES = st.sampled_from([FIRST, LAST, "0001-01-01T00:00:01", "9999-12-31", "1969-12-31T23:59:59.9", "2026-11-21T12:00"])
ANY_TIMES = st.datetimes().map(datetime.isoformat)
MOMENTS = st.builds(lambda time, offset: time + (offset if "T" in time else ""), TIMES | ANY_TIMES, OFFSETS)
ZONES = st.sampled_from(
    ["UTC", "Pacific/Kiritimati", "Etc/GMT+12", "Etc/GMT-14", "Asia/Kathmandu", "America/St_Johns", "Africa/Monrovia"]
)


def _query(**asked: Any) -> UsageQuery | None:
    """None: it is refused."""
    try:
        return UsageQuery(**{name: value for name, value in asked.items() if value is not None})
    except ValidationError:
        return None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    start=st.none() | MOMENTS,
    end=st.none() | MOMENTS,
    zone=ZONES,
    group_by=st.none() | st.sampled_from(UsageGrouping),
)
async def test_report_of_any_dates_is_one_or_a_refusal(
    written: WrittenBooks, start: str | None, end: str | None, zone: str, group_by: UsageGrouping | None
) -> None:
    """It can be written as JSON, and takes in nothing that is not in it."""
    written.now = NOON + timedelta(hours=2)
    if not written.count("requests"):
        written.write(request_record(tags=("t",)))
    query = _query(start_date=start, end_date=end, timezone=zone, group_by=group_by)
    if query is None:
        return
    found = await written.reader.usage(query)
    assert UsageReport.model_validate_json(found.model_dump_json()).groups == found.groups
    begins, ends = query.starts_at(), query.ends_at()
    slack = timedelta(hours=1)
    if (begins is None or begins <= NOON) and (ends is None or ends >= NOON + slack):
        assert found.totals.requests == 1
    if (begins is not None and begins >= NOON + slack) or (ends is not None and ends <= NOON - slack):
        assert found.totals.requests == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.none() | MOMENTS, end=st.none() | MOMENTS, now=st.sampled_from([NOON, NOON.astimezone(timezone.min)]))
async def test_summary_of_any_dates_is_one_or_a_refusal(
    written: WrittenBooks, start: str | None, end: str | None, now: datetime
) -> None:
    """The same for the summary."""
    try:
        query = UsageSummaryQuery(**{name: at for name, at in (("start", start), ("end", end)) if at is not None})
        found = await summary_of(written.reader, query, now)
    except (ValidationError, InvalidRequestError):
        return
    assert found.model_dump_json()


@pytest.mark.parametrize("zone", ["localtime", "posixrules", "Europe", "../UTC", "", "UTC\0", "Factory", "right/UTC"])
def test_zone_that_is_no_place_is_refused(zone: str) -> None:
    """Whatever a machine's own files are called: the same report everywhere."""
    assert _query(timezone=zone) is None


@pytest.mark.parametrize("zone", ["UTC", "Europe/Stockholm", "Etc/GMT+12", "EST", "America/Argentina/Ushuaia"])
def test_zone_of_the_database_is_taken(zone: str) -> None:
    """Old names too."""
    query = _query(timezone=zone, start_date="2026-11-01")
    assert query is not None
    assert query.starts_at() == datetime(2026, 11, 1, tzinfo=ZoneInfo(zone))
    assert datetime(2026, 11, 1, tzinfo=UTC) - timedelta(days=1) < query.starts_at()
