"""Does a report say what was recorded, to the token and the picodollar, however it is asked?"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from contracts.requests import OTHER_TAG
from contracts.usage_reports import UsageGrouping, UsageQuery, UsageReport, UsageSums
from tests.kit.naive_sums import groups_of, random_requests, totals_of
from tests.kit.records import NOON, call_record, cost_of, request_record, usage_of
from tests.kit.written_books import WrittenBooks

# Clocks go back in Stockholm on 2026-10-25 and in New York on 2026-11-01; Lord Howe moves by half an hour.
ZONES = ("UTC", "Europe/Stockholm", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
AUTUMN = datetime(2026, 10, 24, tzinfo=UTC)
EMPTY = UsageSums(cost_usd=Decimal(0), estimated_cost_usd=Decimal(0))


async def report(written: WrittenBooks, **asked: Any) -> UsageReport:
    """The report that is asked for."""
    return await written.reader.usage(UsageQuery(**asked))


def sums_by_key(found: UsageReport) -> dict[str | None, UsageSums]:
    """Its groups, each of which is there once."""
    by_key = {group.key: UsageSums(**group.model_dump(exclude={"key"})) for group in found.groups}
    assert len(by_key) == len(found.groups)
    return by_key


@pytest.mark.parametrize("seed", [1, 2])
async def test_report_agrees_with_every_record(written: WrittenBooks, seed: int) -> None:
    """By every grouping, in zones of all kinds, over a time in which clocks were put back."""
    requests = random_requests(random.Random(seed), 400, since=AUTUMN, until=AUTUMN + timedelta(days=10))
    written.write(*requests[:150])
    written.write(*requests[150:])
    for zone in ZONES:
        for grouping in (UsageGrouping.DAY, UsageGrouping.HOUR):
            found = await report(written, group_by=grouping, timezone=zone)
            assert sums_by_key(found) == groups_of(requests, grouping, zone), (zone, grouping)
            assert found.totals == totals_of(requests)
    for grouping in set(UsageGrouping) - {UsageGrouping.DAY, UsageGrouping.HOUR}:
        found = await report(written, group_by=grouping)
        assert sums_by_key(found) == groups_of(requests, grouping), grouping
        assert found.totals == totals_of(requests)
    assert (await report(written)).totals == totals_of(requests)


@pytest.mark.parametrize("seed", [3, 4])
async def test_report_of_a_range_agrees_with_its_records(written: WrittenBooks, seed: int) -> None:
    """From minute to minute: by whole hours in the middle, by minutes at the edges, or inside of one hour."""
    rng = random.Random(seed)
    requests = random_requests(rng, 300, since=NOON, until=NOON + timedelta(hours=6))
    written.write(*requests)
    for _ in range(25):
        first, last = sorted(rng.sample(range(-30, 390), 2))
        start, end = NOON + timedelta(minutes=first), NOON + timedelta(minutes=last)
        inside = [request for request in requests if start <= request.started_at < end]
        found = await report(written, start_date=start, end_date=end, group_by="provider")
        assert (found.start_date, found.end_date) == (start, end)
        assert found.totals == totals_of(inside)
        assert sums_by_key(found) == groups_of(inside, UsageGrouping.PROVIDER)


@pytest.mark.parametrize(
    "asked,is_in",
    [
        ({"provider": "openai"}, lambda request, one: one.provider == "openai"),
        ({"model": "small"}, lambda request, one: one.model == "small"),
        ({"key_id": "alice"}, lambda request, one: request.caller.key_id == "alice"),
        ({"tenant": "school"}, lambda request, one: request.caller.tenant == "school"),
        ({"tag": "essay"}, lambda request, one: "essay" in request.tags),
        (
            {"provider": "gemini", "tenant": "office", "tag": "=1+1"},
            lambda request, one: (
                one.provider == "gemini" and request.caller.tenant == "office" and "=1+1" in request.tags
            ),
        ),
    ],
)
async def test_report_is_filtered(written: WrittenBooks, asked: dict[str, str], is_in: Any) -> None:
    """Calls by who was called, requests by who answered; all by who asked. The report names its filters."""
    requests = random_requests(random.Random(5), 200, since=NOON, until=NOON + timedelta(hours=3))
    written.write(*requests)
    found = await report(written, end_date=NOON + timedelta(hours=4), **asked)
    counted = [one for request in requests for one in (request, *request.calls) if is_in(request, one)]
    assert 0 < found.totals.requests == sum(one in requests for one in counted)
    assert found.totals.calls == sum(one not in requests for one in counted)
    assert found.filters == asked


async def test_report_by_tag_of_one_tag_has_that_tag_only(written: WrittenBooks) -> None:
    """Its totals are the tag's, not those of every tag."""
    written.write(request_record(tags=("a", "b")), request_record(tags=("b",)), request_record())
    found = await report(written, tag="a", group_by="tag", end_date="2026-12-01")
    assert [(group.key, group.requests) for group in found.groups] == [("a", 1)]
    assert found.totals.requests == 1


async def test_report_by_tag_is_of_whole_hours(written: WrittenBooks) -> None:
    """It takes in the hours that the dates lie in, and says so."""
    written.write(*(request_record(at=NOON + timedelta(minutes=m), tags=("a",)) for m in (-1, 0, 59, 60)))
    asked = {"start_date": NOON + timedelta(minutes=30), "end_date": NOON + timedelta(minutes=40)}
    found = await report(written, **asked, group_by="tag")
    assert (found.start_date, found.end_date) == (NOON, NOON + timedelta(hours=1))
    assert (found.totals.requests, found.groups[0].requests) == (2, 2)
    assert (await report(written, **asked)).totals == EMPTY


async def test_report_takes_in_the_whole_minutes_of_its_dates(written: WrittenBooks) -> None:
    """And says from when to when it is."""
    written.write(*(request_record(at=NOON + timedelta(seconds=s)) for s in (-1, 0, 59, 60, 119, 120)))
    found = await report(written, start_date=NOON + timedelta(seconds=30), end_date=NOON + timedelta(seconds=60.5))
    assert (found.start_date, found.end_date) == (NOON, NOON + timedelta(minutes=2))
    assert found.totals.requests == 4


async def test_report_without_dates_is_of_all(written: WrittenBooks) -> None:
    """From the first request to now, the present minute too."""
    written.now = NOON + timedelta(seconds=20)
    written.write(request_record(at=NOON - timedelta(days=400)), request_record(at=NOON + timedelta(seconds=19)))
    found = await report(written, timezone="Europe/Stockholm")
    assert found.totals.requests == 2
    assert found.start_date == NOON - timedelta(days=400)
    assert found.end_date == NOON + timedelta(minutes=1)
    assert (found.start_date.utcoffset(), found.timezone) == (timedelta(hours=2), "Europe/Stockholm")
    assert found.generated_at == written.now


async def test_report_of_empty_books_is_empty(written: WrittenBooks) -> None:
    """No error, no groups, and no beginning."""
    for grouping in (None, *UsageGrouping):
        found = await report(written, group_by=grouping)
        assert (found.start_date, found.totals, found.groups) == (None, EMPTY, [])


@pytest.mark.parametrize(
    "dates",
    [
        {"start_date": "2030-01-01"},
        {"start_date": "2030-01-01", "end_date": "2030-01-02"},
        {"end_date": "1999-01-01"},
        {"start_date": NOON, "end_date": NOON},
        {"start_date": NOON + timedelta(seconds=1), "end_date": NOON + timedelta(seconds=1)},
    ],
)
async def test_report_of_an_empty_range_is_empty(written: WrittenBooks, dates: dict[str, Any]) -> None:
    """Before all requests, after them, or of no time at all."""
    written.write(request_record(call_record(usage=usage_of(1)), at=NOON, tags=("a",)))
    for grouping in (None, *UsageGrouping):
        found = await report(written, **dates, group_by=grouping)
        assert (found.totals, found.groups) == (EMPTY, [])


@pytest.mark.parametrize("zone", ZONES)
async def test_report_of_a_hundred_years_is_as_good_as_any(written: WrittenBooks, zone: str) -> None:
    """And one from the beginning of the calendar to its end."""
    requests = random_requests(random.Random(6), 20, since=AUTUMN, until=AUTUMN + timedelta(days=200))
    written.write(*requests)
    for start, end in (("1970-01-01", "2070-01-01"), ("0001-01-01", "9999-12-31T23:59:59.999999")):
        query = UsageQuery(start_date=start, end_date=end, timezone=zone)
        for grouping in UsageGrouping:
            found = await written.reader.usage(query.model_copy(update={"group_by": grouping}))
            assert found.totals == totals_of(requests)
            before, after = query.starts_at() - found.start_date, found.end_date - query.ends_at()
            assert timedelta(0) <= min(before, after)
            assert max(before, after) < timedelta(hours=1)


async def test_report_days_of_twenty_five_hours_are_one_day(written: WrittenBooks) -> None:
    """The hour that comes twice is two hours, told apart by their offsets."""
    midnight = datetime(2026, 10, 24, 22, tzinfo=UTC)
    written.write(*(request_record(at=midnight + timedelta(hours=hour)) for hour in range(26)))
    asked = {"start_date": "2026-10-25", "end_date": "2026-10-26", "timezone": "Europe/Stockholm"}
    (day,) = (await report(written, **asked, group_by="day")).groups
    assert (day.key, day.requests) == ("2026-10-25", 25)
    hours = [group.key for group in (await report(written, **asked, group_by="hour")).groups]
    assert hours[1:5] == [
        "2026-10-25T01:00:00+02:00",
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T03:00:00+01:00",
    ]
    assert len(hours) == 25


async def test_report_groups_are_the_dearest_first(written: WrittenBooks) -> None:
    """Then those with the most requests."""
    for key_id, usd, count in (("cheap", "0.1", 1), ("dear", "7", 1), ("often", "0.05", 2)):
        call = call_record(usage=usage_of(1), cost=cost_of(usd))
        written.write(*(request_record(call, key_id=key_id) for _ in range(count)))
    found = await report(written, group_by="key", end_date="2026-12-01")
    assert [(group.key, group.cost_usd) for group in found.groups] == [
        ("dear", Decimal(7)),
        ("often", Decimal("0.1")),
        ("cheap", Decimal("0.1")),
    ]


async def test_report_sums_of_money_outgrow_64_bits(written: WrittenBooks) -> None:
    """Of one row of a roll-up, and of many: the databases would refuse picodollars, or make a fraction of them."""
    counted = [call_record(cost=cost_of("999.999999999999"), usage=usage_of(1)) for _ in range(1000)]
    estimated = [call_record(cost=cost_of("1000"), usage=usage_of(1, is_estimated=True)) for _ in range(1000)]
    for _ in range(10):
        written.write(request_record(*counted, *estimated, tags=("t",)))
    dollars = (Decimal("999.999999999999") * 10_000, Decimal(10_000_000))
    for asked in ({"start_date": NOON}, {"group_by": "tag"}, {"group_by": "day"}, {"tag": "t"}):
        found = await report(written, end_date="2026-12-01", **asked)
        assert (found.totals.cost_usd, found.totals.estimated_cost_usd) == dollars
    assert (await written.reader.statistics()).total_cost_usd == sum(dollars)


async def test_report_outlives_clocks_that_step(written: WrittenBooks) -> None:
    """Back over a reset, and forward by a day: each request is reported once, at the time that its clock said."""
    before, after = NOON - timedelta(hours=3), NOON + timedelta(days=1)
    for at in (NOON, before, after, NOON):
        written.write(request_record(call_record(usage=usage_of(1)), at=at))
    await written.reader.reset_statistics()
    written.write(request_record(call_record(usage=usage_of(1)), at=before))
    found = await report(written, group_by="day", end_date=after + timedelta(days=1))
    assert [(group.key, group.requests) for group in found.groups] == [("2026-11-21", 4), ("2026-11-22", 1)]
    # By this machine's clock, what is of tomorrow has not been yet.
    assert (await report(written)).totals.requests == 2
    assert (await written.reader.statistics()).since == NOON


async def test_report_tags_of_an_hour_are_bounded(written: WrittenBooks) -> None:
    """Those beyond the first thousand are others, also for the next group and for another hour's memory."""
    written.write(*(request_record(tags=(f"tag-{number}",)) for number in range(990)))
    written.write(*(request_record(tags=(f"more-{number:02}", "tag-1")) for number in range(30)))
    written.write(request_record(tags=("late",)), request_record(at=NOON + timedelta(hours=1), tags=("late",)))
    found = await report(written, group_by="tag", end_date="2026-12-01")
    counts = {group.key: group.requests for group in found.groups}
    assert len(counts) == 1002
    assert (counts[OTHER_TAG], counts["late"], counts["tag-1"], counts["more-09"]) == (21, 1, 31, 1)
    assert found.totals.requests == 1022


async def test_report_models_that_callers_made_up_are_bounded(written: WrittenBooks) -> None:
    """Five hundred a day have sums of their own, the rest is one; what answered has its own however late it comes."""
    failed = {"error_type": "model_not_found"}
    for start in (0, 300, 600):
        names = [f"made-up-{number:03}" for number in range(start, start + 300)]
        written.write(*(request_record(call_record(model=name, **failed), **failed, model=name) for name in names))
    written.write(request_record(call_record(model="real", usage=usage_of(1))))
    written.write(
        request_record(call_record(model="next-day", started_at=NOON + timedelta(days=1)), at=NOON + timedelta(days=1))
    )
    found = await report(written, group_by="model", end_date="2026-12-01")
    calls = {group.key: group.calls for group in found.groups}
    assert len(calls) == 503
    assert (calls["other"], calls["real"], calls["next-day"], calls["made-up-499"]) == (400, 1, 1, 1)
    assert (found.totals.requests, found.totals.calls) == (902, 902)
    assert written.count("calls") == 902
