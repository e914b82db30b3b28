"""Is what was asked of the books checked, and is a summary what its two reports say?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.engine.usage import query_of, summary_of
from contracts import (
    AuditPage,
    AuditQuery,
    InvalidRequestError,
    LLMServiceStatistics,
    UsageGroup,
    UsageGrouping,
    UsageQuery,
    UsageReport,
    UsageSummary,
    UsageSummaryQuery,
    UsageSums,
)

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
COUNTS: dict[str, Any] = {"cost_usd": Decimal("1.5"), "estimated_cost_usd": Decimal("0.25"), "total_tokens": 70}


class Reader:
    """A book reader that notes what it is asked for; `sums` are its totals."""

    def __init__(self, **sums: Any) -> None:
        self.asked: list[UsageQuery] = []
        self.sums = UsageSums(**{**COUNTS, **sums})

    async def usage(self, query: UsageQuery) -> UsageReport:
        """A report with one group."""
        self.asked.append(query)
        assert query.end_date is not None
        return UsageReport(
            start_date=query.start_date,
            end_date=query.end_date,
            timezone=query.timezone,
            filters={},
            group_by=query.group_by,
            totals=self.sums,
            groups=[UsageGroup(key=str(query.group_by), **dict(self.sums))],
            generated_at=NOW,
        )

    async def audit(self, query: AuditQuery) -> AuditPage:
        """Not asked for here."""
        raise NotImplementedError

    async def statistics(self) -> LLMServiceStatistics:
        """Not asked for here."""
        raise NotImplementedError

    async def reset_statistics(self) -> datetime:
        """Not asked for here."""
        raise NotImplementedError


async def summary(reader: Reader, **asked: Any) -> UsageSummary:
    """The summary that is asked for."""
    return await summary_of(reader, UsageSummaryQuery(**asked), NOW)


@pytest.mark.parametrize(
    "asked,period,start,end",
    [
        ({}, "24h", NOW - timedelta(days=1), NOW),
        ({"period": "1h"}, "1h", NOW - timedelta(hours=1), NOW),
        ({"period": "24h"}, "24h", NOW - timedelta(days=1), NOW),
        ({"period": "7d"}, "7d", NOW - timedelta(days=7), NOW),
        ({"period": "30d"}, "30d", NOW - timedelta(days=30), NOW),
        ({"start": "2026-11-20"}, None, datetime(2026, 11, 20, tzinfo=UTC), NOW),
        (
            {"start": "2026-11-20T08:00:00+01:00", "end": "2026-11-20T09:00:00"},
            None,
            datetime(2026, 11, 20, 7, tzinfo=UTC),
            datetime(2026, 11, 20, 9, tzinfo=UTC),
        ),
    ],
)
async def test_summary_is_of_its_period(
    asked: dict[str, Any], period: str | None, start: datetime, end: datetime
) -> None:
    """Both reports are of that time, by provider and by model."""
    reader = Reader()
    found = await summary(reader, **asked)
    assert (found.period, found.start, found.end, found.generated_at) == (period, start, end, NOW)
    assert [(query.start_date, query.end_date, query.group_by) for query in reader.asked] == [
        (start, end, UsageGrouping.PROVIDER),
        (start, end, UsageGrouping.MODEL),
    ]


async def test_summary_repeats_its_reports() -> None:
    """Totals, the groups of each, and what is told twice."""
    reader = Reader(cached=1, cache_misses=2, coalesced=5)
    found = await summary(reader)
    assert (found.totals, found.total_tokens, found.total_cost_usd) == (reader.sums, 70, Decimal("1.5"))
    assert [group.key for group in (*found.by_provider, *found.by_model)] == ["provider", "model"]
    assert found.cache_hit_rate == 33.33


async def test_summary_without_look_ups_has_no_hit_rate() -> None:
    """Null is not zero."""
    assert (await summary(Reader())).cache_hit_rate is None


@pytest.mark.parametrize(
    "asked,field",
    [({"start": "2026-11-20", "end": "2026-11-19"}, "end"), ({"start": "2026-11-22"}, "start")],
)
async def test_summary_that_ends_before_it_begins_is_refused(asked: dict[str, Any], field: str) -> None:
    """And the field is named."""
    reader = Reader()
    with pytest.raises(InvalidRequestError) as caught:
        await summary(reader, **asked)
    assert [error.field for error in caught.value.errors] == [field]
    assert reader.asked == []


def ask_report(**values: Any) -> UsageQuery:
    """A query for a report."""
    return query_of(UsageQuery, values)


def ask_summary(**values: Any) -> UsageSummaryQuery:
    """A query for a summary."""
    return query_of(UsageSummaryQuery, values)


@pytest.mark.parametrize(
    "ask,values,field",
    [
        (ask_report, {"start_date": NOW, "end_date": NOW - timedelta(seconds=1)}, "end_date"),
        (ask_report, {"group_by": "week"}, "group_by"),
        (ask_report, {"timezone": "Mars"}, "timezone"),
        (ask_report, {"start_date": 5}, "start_date"),
        (ask_summary, {"period": "2h"}, "period"),
        (ask_summary, {"period": "1h", "start": NOW}, "period"),
        (ask_summary, {"period": "1h", "end": NOW}, "period"),
        (ask_summary, {"end": NOW}, "start"),
    ],
)
def test_query_that_breaks_a_rule_names_the_field(ask: Callable[..., Any], values: dict[str, Any], field: str) -> None:
    """As an error of our own tree."""
    with pytest.raises(InvalidRequestError, match=field) as caught:
        ask(**values)
    assert [error.field for error in caught.value.errors] == [field]


def test_query_takes_what_seed_b_gives() -> None:
    """Times without a zone; what was not given is the default."""
    start, end = datetime(2025, 1, 1), datetime(2025, 12, 31)  # noqa: DTZ001 - as the README prints it
    query = ask_report(start_date=start, end_date=end, provider=None, timezone="Europe/Stockholm")
    assert query.starts_at() == datetime(2024, 12, 31, 23, tzinfo=UTC)
    assert query.ends_at() == datetime(2025, 12, 30, 23, tzinfo=UTC)
    assert (query.provider, query.group_by) == (None, None)
