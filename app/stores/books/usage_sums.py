"""How is one range of a roll-up summed up, by one database as by the other?"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Select, Table, case, func, literal_column, select

from app.stores.books.periods import DAY_MINUTES, HOUR_MINUTES, Shift, Span
from app.stores.books.tables import TAG_HOURS, USAGE_HOURS, USAGE_MINUTES
from contracts.usage_reports import UsageGrouping

SUMMED = tuple(
    column.name for column in USAGE_MINUTES.c if not column.primary_key and column.name != "call_duration_us"
)
"""What is summed, by its name in the table."""
BUCKET_MINUTES = {UsageGrouping.DAY: DAY_MINUTES, UsageGrouping.HOUR: HOUR_MINUTES}
"""Groupings by time, and how long a bucket is."""

_UNITS = {USAGE_MINUTES.name: 1, USAGE_HOURS.name: HOUR_MINUTES, TAG_HOURS.name: HOUR_MINUTES}
_GROUP_COLUMNS = {
    UsageGrouping.PROVIDER: "provider",
    UsageGrouping.MODEL: "model",
    UsageGrouping.KEY: "key_id",
    UsageGrouping.TENANT: "tenant",
    UsageGrouping.TAG: "tag",
}


def selection(
    table: Table, span: Span, filters: Mapping[str, str], group_by: UsageGrouping | None, cuts: list[Shift]
) -> Select[Any]:
    """Rows of `grouped`, `shift` and sums: a group's text, or the number of a local day or hour and its offset."""
    time, unit = table.primary_key.columns[0], _UNITS[table.name]
    grouped, shift = _grouping(table, time, unit, group_by, cuts)
    chosen = select(grouped.label("grouped"), shift.label("shift"), *_sum_columns(table))
    chosen = chosen.where(time >= span.start // unit, time < span.end // unit)
    for name, value in filters.items():
        chosen = chosen.where(table.c[name] == value)
    # By their labels: PostgreSQL does not see that two expressions with parameters are the same.
    return chosen.group_by("grouped", "shift")


def add_row(sums: dict[str, int], row: Any) -> None:
    """Adds a row of `selection` to `sums`, exactly."""
    for name in SUMMED:
        sums[name] += int(getattr(row, name))


def _grouping(
    table: Table, time: Column[Any], unit: int, group_by: UsageGrouping | None, cuts: list[Shift]
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    if group_by is None:
        return literal_column("''"), _number(0)
    if group_by in BUCKET_MINUTES:
        shift = _shift_of(time * unit, cuts)
        return (time * unit + shift) // _number(BUCKET_MINUTES[group_by]), shift
    return table.c[_GROUP_COLUMNS[group_by]], _number(0)


def _shift_of(minute: ColumnElement[Any], cuts: list[Shift]) -> ColumnElement[Any]:
    last = _number(cuts[-1].minutes)
    if len(cuts) == 1:
        return last
    ends = [(minute < after.since, _number(cut.minutes)) for cut, after in pairwise(cuts)]
    return case(*ends, else_=last)


def _sum_columns(table: Table) -> list[ColumnElement[Any]]:
    return [func.sum(table.c[name]).label(name) for name in SUMMED]


def _number(value: int) -> ColumnElement[int]:
    """Written out, and known to be whole: so a division by it is one of whole numbers."""
    return literal_column(str(value), BigInteger())
