"""Who spent what? A usage query becomes a few range reads of the roll-ups, and those a report.

Whole hours are read by the hour, the edges by the minute. Where a zone is half an hour off, the edges are those of
each of its days, and its hours are read by the minute. Tags are kept by the hour only: of such a zone, an hour of UTC
is counted to the day in which it begins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, func, select

from app.stores.books.periods import (
    HOUR_MINUTES,
    Shift,
    Span,
    day_key,
    hour_key,
    local_days,
    minute_after,
    minute_before,
    moment_of,
    shifts,
)
from app.stores.books.rollup import PICO_PER_MICRO
from app.stores.books.tables import TAG_HOURS, USAGE_HOURS, USAGE_MINUTES
from app.stores.books.usage_sums import BUCKET_MINUTES, SUMMED, add_row, selection
from contracts.usage_reports import UsageGroup, UsageGrouping, UsageQuery, UsageReport, UsageSums

_PICODOLLARS = 12

_Sums = dict[str, int]
_Groups = dict[str | None, _Sums]
# A table, and the minutes of it that are read.
_Part = tuple[Table, Span]
_FILTERS = ("provider", "model", "key_id", "tenant", "tag")


def usage_report(connection: Connection, query: UsageQuery, now: datetime) -> UsageReport:
    """The report; `now` has a zone."""
    zone = ZoneInfo(query.timezone)
    recorded = recorded_span(connection)
    asked = _asked_span(query, recorded, now)
    span = asked.within(recorded)
    totals, groups = _summed(connection, query, span, shifts(span, zone))
    is_empty = query.start_date is None and recorded.is_empty
    return UsageReport(
        start_date=None if is_empty else _shown(asked.start, query.starts_at() or now, zone),
        end_date=_shown(asked.end, query.ends_at() or now, zone),
        timezone=query.timezone,
        filters=_filters(query),
        group_by=query.group_by,
        totals=_usage_sums(totals),
        groups=_sorted_groups(groups, query.group_by),
        generated_at=now,
    )


def recorded_span(connection: Connection) -> Span:
    """From the first to the last minute of the books."""
    minute = USAGE_MINUTES.c.minute
    # Apart: SQLite looks both ends up in the key, but reads the whole of it for both at once.
    first, last = (select(end(minute)).scalar_subquery() for end in (func.min, func.max))
    found = connection.execute(select(first, last)).one()
    return Span(0, 0) if found[0] is None else Span(found[0], found[1] + 1)


def dollars(sums: Mapping[str, int], name: str) -> Decimal:
    """The sum of money `name` of `sums` in US dollars, exactly."""
    return Decimal(sums.get(f"{name}_micro", 0) * PICO_PER_MICRO + sums.get(f"{name}_pico", 0)).scaleb(-_PICODOLLARS)


def _asked_span(query: UsageQuery, recorded: Span, now: datetime) -> Span:
    """Whole minutes, or hours for tags. A start in the future is the end too."""
    start, end = query.starts_at(), query.ends_at()
    first = recorded.start if start is None else minute_before(start)
    if end is not None and end == start:
        return Span(first, first)
    last = minute_after(now if end is None else end)
    return Span(first, max(first, last)).widened(HOUR_MINUTES if query.is_by_tag else 1)


def _summed(connection: Connection, query: UsageQuery, span: Span, cuts: list[Shift]) -> tuple[_Sums, _Groups]:
    groups = _read(connection, _parts(query, span, cuts), query, query.group_by, cuts)
    if query.group_by is UsageGrouping.TAG and query.tag is None:
        # A request may be in several of these groups, so their sum is not the total.
        whole = _read(connection, [(USAGE_HOURS, span.widened(HOUR_MINUTES))], query, None, cuts)
        return _added(whole.values()), groups
    return _added(groups.values()), groups if query.group_by is not None else {}


def _parts(query: UsageQuery, span: Span, cuts: list[Shift]) -> list[_Part]:
    if query.is_by_tag:
        return [(TAG_HOURS, span.widened(HOUR_MINUTES))]
    if query.group_by not in BUCKET_MINUTES or all(cut.minutes % HOUR_MINUTES == 0 for cut in cuts):
        return _hours_and_edges(span)
    if query.group_by is UsageGrouping.HOUR:
        return [(USAGE_MINUTES, span)]
    return [part for day in local_days(span, cuts) for part in _hours_and_edges(day)]


def _hours_and_edges(span: Span) -> list[_Part]:
    hours = span.whole_hours()
    if hours.is_empty:
        return [(USAGE_MINUTES, span)]
    return [
        (USAGE_MINUTES, Span(span.start, hours.start)),
        (USAGE_HOURS, hours),
        (USAGE_MINUTES, Span(hours.end, span.end)),
    ]


def _read(
    connection: Connection, parts: list[_Part], query: UsageQuery, group_by: UsageGrouping | None, cuts: list[Shift]
) -> _Groups:
    groups: _Groups = defaultdict(lambda: defaultdict(int))
    for table, span in parts:
        if not span.is_empty:
            for row in connection.execute(selection(table, span, _filters(query), group_by, cuts)):
                add_row(groups[_key(row.grouped, row.shift, group_by)], row)
    return groups


def _key(grouped: str | int, shift: int, group_by: UsageGrouping | None) -> str | None:
    if group_by is UsageGrouping.DAY:
        return day_key(int(grouped))
    if group_by is UsageGrouping.HOUR:
        return hour_key(int(grouped), int(shift))
    return str(grouped) or None


def _filters(query: UsageQuery) -> dict[str, str]:
    return {name: value for name in _FILTERS if (value := getattr(query, name)) is not None}


def _added(groups: Iterable[_Sums]) -> _Sums:
    sums: _Sums = defaultdict(int)
    for group in groups:
        for name, amount in group.items():
            sums[name] += amount
    return sums


def _sorted_groups(groups: _Groups, group_by: UsageGrouping | None) -> list[UsageGroup]:
    made = [UsageGroup(key=key, **dict(_usage_sums(sums))) for key, sums in groups.items()]
    if group_by in BUCKET_MINUTES:
        # An hour that comes twice, when clocks are put back, differs in its offset only.
        return sorted(made, key=lambda group: datetime.fromisoformat(group.key or "").timestamp())
    return sorted(made, key=lambda group: (-group.cost_usd, -group.requests, group.key or ""))


def _usage_sums(sums: _Sums) -> UsageSums:
    counts = {name: sums.get(name, 0) for name in SUMMED if name in UsageSums.model_fields}
    successes = counts["successes"]
    return UsageSums(
        **counts,
        cost_usd=dollars(sums, "cost"),
        estimated_cost_usd=dollars(sums, "estimated_cost"),
        average_response_time_ms=round(sums["duration_us"] / successes / 1000, 3) if successes else None,
    )


def _shown(minute: int, given: datetime, zone: ZoneInfo) -> datetime:
    """The beginning of `minute` in the report's zone; at the ends of the calendar what was given."""
    try:
        return moment_of(minute, zone)
    except OverflowError:
        return given
