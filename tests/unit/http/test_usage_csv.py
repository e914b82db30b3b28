"""Is a report as CSV safe to open, whole, and exact?"""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest

from app.http.usage_csv import csv_answer, csv_text
from contracts import UsageGroup, UsageGrouping, UsageReport, UsageSums
from tests.unit.http.fake_books import REPORT

SUMS = UsageSums(cost_usd=Decimal("0"), estimated_cost_usd=Decimal("0"))


def table(report: UsageReport) -> list[dict[str, str]]:
    """The rows of a report, as a spreadsheet reads them."""
    return list(csv.DictReader(io.StringIO(csv_text(report), newline="")))


def grouped(*keys: str | None, **sums: Any) -> UsageReport:
    """A report by tag with a group of each key."""
    groups = [UsageGroup(key=key, **{**dict(SUMS), **sums}) for key in keys]
    return REPORT.model_copy(update={"group_by": UsageGrouping.TAG, "groups": groups})


@pytest.mark.parametrize("key", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\n=x", "\uff1d1", "=cmd|' /C calc'!A0"])
def test_csv_cell_that_begins_like_a_formula_is_text(key: str) -> None:
    """An apostrophe stands before it."""
    assert table(grouped(key))[0]["key"] == f"'{key}"


@pytest.mark.parametrize("key", ["a=1", "2026-11-01", 'a,"b"', "two\r\nlines", "日本", "'x", " =1"])
def test_csv_cell_of_other_text_is_as_it_is(key: str) -> None:
    """Quoted where it must be."""
    assert table(grouped(key))[0]["key"] == key


def test_csv_numbers_are_exact_and_never_defused() -> None:
    """Money to the picodollar and never in powers of ten, what is not there as nothing."""
    (row,) = table(
        grouped(
            None,
            cost_usd=Decimal("0.000000000001"),
            estimated_cost_usd=Decimal("-12.50"),
            requests=10**15,
            average_response_time_ms=None,
        )
    )
    assert (row["key"], row["cost_usd"], row["estimated_cost_usd"]) == ("", "0.000000000001", "-12.5")
    assert (row["requests"], row["average_response_time_ms"], row["calls"]) == (str(10**15), "", "0")


def test_csv_money_that_is_whole_keeps_its_zeros() -> None:
    """A hundred dollars are no one dollar."""
    (row,) = table(grouped("a", cost_usd=Decimal(100), estimated_cost_usd=Decimal("0E-12")))
    assert (row["cost_usd"], row["estimated_cost_usd"]) == ("100", "0")


def test_csv_without_groups_is_the_total() -> None:
    """One row; and with a grouping that found nothing, none."""
    total = REPORT.model_copy(update={"group_by": None, "groups": []})
    (row,) = table(total)
    assert (row["key"], row["requests"]) == ("total", "1200")
    assert table(grouped()) == []


def test_csv_file_is_named_by_its_days() -> None:
    """Those that are known."""
    answer = csv_answer(REPORT.model_copy(update={"start_date": None}))
    assert answer.headers["content-disposition"] == 'attachment; filename="usage_2026-12-01.csv"'
