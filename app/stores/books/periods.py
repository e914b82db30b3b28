"""Which minutes does a report read, and into whose day or hour does each of them fall?

Days have 23 or 25 hours where clocks are changed, and some zones are half an hour off: so what is read is cut where
the zone's offset changes, and within each piece days and hours are a matter of arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
HOUR_MINUTES = 60
DAY_MINUTES = 24 * HOUR_MINUTES


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes since 1970, from `start` (included) to `end` (not included)."""

    start: int
    end: int

    @property
    def is_empty(self) -> bool:
        """Whether no minute is in it."""
        return self.start >= self.end

    def within(self, other: Span) -> Span:
        """What of it lies in `other`; nothing is an empty span there, not somewhere beyond the calendar."""
        start = min(max(self.start, other.start), other.end)
        return Span(start, max(start, min(self.end, other.end)))

    def widened(self, unit: int) -> Span:
        """With every unit of that many minutes that it touches; nothing stays nothing."""
        if self.is_empty:
            return self
        return Span(self.start // unit * unit, -(-self.end // unit) * unit)

    def whole_hours(self) -> Span:
        """The whole hours inside; empty when there is none."""
        start = -(-self.start // HOUR_MINUTES) * HOUR_MINUTES
        return Span(start, max(start, self.end // HOUR_MINUTES * HOUR_MINUTES))


@dataclass(frozen=True, slots=True)
class Shift:
    """From minute `since` on, clocks of the zone are `minutes` before UTC's."""

    since: int
    minutes: int


def minute_before(moment: datetime) -> int:
    """The minute that `moment` is in."""
    return (moment - EPOCH) // _MINUTE


def minute_after(moment: datetime) -> int:
    """The minute that begins with `moment` or next after it."""
    return -((EPOCH - moment) // _MINUTE)


def moment_of(minute: int, zone: ZoneInfo) -> datetime:
    """The beginning of `minute` as clocks of `zone` show it. Raises OverflowError outside of the years 1 to 9999."""
    try:
        return (EPOCH + minute * _MINUTE).astimezone(zone)
    except ValueError as error:
        # What the two say of a year that is none differs.
        raise OverflowError from error


def shifts(span: Span, zone: ZoneInfo) -> list[Shift]:
    """The offsets of `zone` in `span`, one after the other; at least one."""
    days = [*range(span.start, span.end, DAY_MINUTES), max(span.start, span.end - 1)]
    found = [Shift(span.start, _offset(span.start, zone))]
    for before, after in pairwise(days):
        if _offset(before, zone) != _offset(after, zone):
            found.append(_first_shift(before, after, zone))
    return found


def local_days(span: Span, cuts: list[Shift]) -> list[Span]:
    """`span` cut at the midnights of the zone, and where its clocks change."""
    edges = {span.start, span.end, *(cut.since for cut in cuts)}
    for cut, end in zip(cuts, [*(cut.since for cut in cuts[1:]), span.end], strict=True):
        first = -(-(cut.since + cut.minutes) // DAY_MINUTES) * DAY_MINUTES - cut.minutes
        edges.update(range(first, end, DAY_MINUTES))
    return [Span(start, end) for start, end in pairwise(sorted(edges))]


def day_key(local_day: int) -> str:
    """The date that is `local_day` days after 1970-01-01."""
    return (date(1970, 1, 1) + timedelta(days=local_day)).isoformat()


def hour_key(local_hour: int, shift_minutes: int) -> str:
    """When the hour began, `local_hour` hours after 1970 by clocks that are `shift_minutes` before UTC's."""
    zone = timezone(shift_minutes * _MINUTE)
    return (EPOCH + timedelta(hours=local_hour)).replace(tzinfo=zone).isoformat()


def _first_shift(before: int, after: int, zone: ZoneInfo) -> Shift:
    """Where between two minutes of different offsets the change lies."""
    old = _offset(before, zone)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(middle, zone) == old else (before, middle)
    return Shift(after, _offset(after, zone))


def _offset(minute: int, zone: ZoneInfo) -> int:
    offset = moment_of(minute, zone).utcoffset()
    return 0 if offset is None else offset // _MINUTE
