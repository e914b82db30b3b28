"""Is every minute read once, and counted to the right day and hour of every zone?"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from app.stores.books.periods import (
    EPOCH,
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

YEAR = Span(minute_before(datetime(2026, 1, 1, tzinfo=UTC)), minute_before(datetime(2027, 1, 1, tzinfo=UTC)))
SOME_ZONES = random.Random(8).sample(sorted(available_timezones()), 40)


def test_span_takes_in_whole_units() -> None:
    """Those that it touches, or those inside of it; nothing stays nothing."""
    assert Span(61, 179).widened(60) == Span(60, 180)
    assert Span(60, 180).widened(60) == Span(60, 180).whole_hours() == Span(60, 180)
    assert Span(61, 179).whole_hours() == Span(120, 120)
    assert Span(61, 241).whole_hours() == Span(120, 240)
    assert Span(61, 61).widened(60) == Span(61, 61)
    assert Span(5, 4).is_empty


def test_span_is_cut_to_another() -> None:
    """What lies outside is empty."""
    assert Span(-100, 10**9).within(Span(5, 9)) == Span(5, 9)
    assert Span(6, 8).within(Span(5, 9)) == Span(6, 8)
    assert Span(0, 5).within(Span(5, 9)).is_empty
    assert Span(9, 20).within(Span(5, 9)).is_empty


def test_minutes_hold_their_moment() -> None:
    """Rounded down at the beginning and up at the end, before 1970 too."""
    moment = datetime(2026, 11, 21, 12, 0, 30, 1, tzinfo=UTC)
    minute = minute_before(moment)
    assert moment_of(minute, ZoneInfo("UTC")) == moment.replace(second=0, microsecond=0)
    assert minute_after(moment) == minute + 1
    assert minute_after(moment.replace(second=0, microsecond=0)) == minute
    assert (minute_before(EPOCH - timedelta(seconds=1)), minute_after(EPOCH - timedelta(seconds=1))) == (-1, 0)


def test_shifts_of_a_zone_without_changes_are_one() -> None:
    """India, and an empty span of any zone."""
    assert shifts(YEAR, ZoneInfo("Asia/Kolkata")) == [Shift(YEAR.start, 330)]
    assert shifts(Span(0, 0), ZoneInfo("Europe/Stockholm")) == [Shift(0, 60)]


def test_shifts_are_where_clocks_change() -> None:
    """To the minute; half an hour on Lord Howe."""
    spring = minute_before(datetime(2026, 3, 29, 1, tzinfo=UTC))
    autumn = minute_before(datetime(2026, 10, 25, 1, tzinfo=UTC))
    assert shifts(YEAR, ZoneInfo("Europe/Stockholm")) == [
        Shift(YEAR.start, 60),
        Shift(spring, 120),
        Shift(autumn, 60),
    ]
    assert [shift.minutes for shift in shifts(YEAR, ZoneInfo("Australia/Lord_Howe"))] == [660, 630, 660]
    assert shifts(Span(spring, spring + 1), ZoneInfo("Europe/Stockholm")) == [Shift(spring, 120)]
    assert shifts(Span(spring - 1, spring + 1), ZoneInfo("Europe/Stockholm"))[1] == Shift(spring, 120)


@pytest.mark.parametrize("name", SOME_ZONES)
def test_shifts_give_every_minute_its_offset(name: str) -> None:
    """In zones of all kinds, over ten years."""
    zone = ZoneInfo(name)
    span = Span(minute_before(datetime(2020, 1, 1, tzinfo=UTC)), minute_before(datetime(2030, 1, 1, tzinfo=UTC)))
    found = shifts(span, zone)
    for minute in random.Random(9).sample(range(span.start, span.end), 300):
        shift = [one for one in found if one.since <= minute][-1]
        assert moment_of(minute, zone).utcoffset() == timedelta(minutes=shift.minutes)


@pytest.mark.parametrize("name", SOME_ZONES)
def test_days_cover_their_span_and_hold_one_date_each(name: str) -> None:
    """None overlaps another, and none is longer than a day."""
    zone = ZoneInfo(name)
    span = Span(YEAR.start + 17, YEAR.end - 17)
    days = local_days(span, shifts(span, zone))
    assert [days[0].start, *(day.end for day in days)] == [*(day.start for day in days), span.end]
    for day in days:
        assert moment_of(day.start, zone).date() == moment_of(day.end - 1, zone).date()
    assert 365 <= len(days) <= 371


def test_days_of_nothing_are_none() -> None:
    """No minute, no day."""
    assert local_days(Span(5, 5), [Shift(5, 330)]) == []


def test_keys_are_what_a_reader_expects() -> None:
    """A date, and the beginning of an hour with its offset."""
    assert day_key(20_000) == "2024-10-04"
    assert hour_key(480_000, 330) == "2024-10-04T00:00:00+05:30"
    assert hour_key(480_000, -180) == "2024-10-04T00:00:00-03:00"
