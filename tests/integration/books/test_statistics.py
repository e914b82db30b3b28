"""Do the statistics say what was done since the reset, over all writers, and what this process would say itself?"""

from __future__ import annotations

import asyncio
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest

from app.engine.statistics import Statistics
from app.resilience.clock import Clock
from contracts.config import LLMProviderConfig
from contracts.reports import LLMServiceStatistics
from contracts.responses import AttemptOutcome
from tests.kit.naive_sums import random_requests
from tests.kit.records import NOON, call_record, cost_of, request_record, usage_of
from tests.kit.written_books import WrittenBooks

# What only one process can know, or only the books.
_OWN = {"uptime_seconds", "since", "requests_per_minute", "total_cached_responses", "average_response_time_ms"}


async def test_statistics_of_empty_books_are_zero(written: WrittenBooks) -> None:
    """From now on, and with no provider."""
    assert await written.reader.statistics() == LLMServiceStatistics(
        total_cost_usd=Decimal(0), uptime_seconds=0.0, since=NOON
    )


async def test_statistics_agree_with_those_of_the_process(written: WrittenBooks) -> None:
    """Every figure, percentiles too; the mean of times to the microsecond that rows are kept by."""
    own = Statistics(Clock())
    requests = random_requests(random.Random(7), 300, since=NOON, until=NOON + timedelta(days=3))
    written.write(*requests)
    for request in requests:
        for call in request.calls:
            own.attempt_ended(call)
        own.request_ended(request)
    found, expected = await written.reader.statistics(), own.report(LLMProviderConfig())
    assert found.model_dump(exclude=_OWN) == expected.model_dump(exclude=_OWN)
    assert found.average_response_time_ms == pytest.approx(expected.average_response_time_ms, abs=0.001)
    assert found.total_cached_responses == sum(request.cache.value == "hit" for request in requests)
    assert found.providers["openai"].p99_ms is not None


async def test_statistics_begin_with_the_first_request(written: WrittenBooks) -> None:
    """As long as nobody has reset them."""
    written.write(*(request_record(at=NOON - timedelta(minutes=minutes)) for minutes in (10, 5, 0)))
    found = await written.reader.statistics()
    assert (found.since, found.requests_per_minute) == (NOON - timedelta(minutes=10), 0.3)


async def test_statistics_are_exact_in_the_middle_of_an_hour(written: WrittenBooks) -> None:
    """What ended before the reset is not in them, though it is written after it; the reports keep all."""
    call = call_record(usage=usage_of(1), cost=cost_of("0.5"), ttft_seconds=0.1)
    failed = call_record(error_type="timeout")
    written.write(request_record(call), request_record(failed))
    written.now = NOON + timedelta(minutes=10)
    since = await written.reader.reset_statistics()
    assert since == written.now
    empty = await written.reader.statistics()
    assert (empty.total_requests_processed, empty.providers, empty.since) == (0, {}, since)
    long_one = request_record(call, duration_seconds=600.0)
    written.write(request_record(failed, at=since - timedelta(seconds=2)), long_one)
    found = await written.reader.statistics()
    assert (found.total_requests_processed, found.total_cost_usd) == (1, Decimal("0.5"))
    assert (found.providers["openai"].requests, found.providers["openai"].errors) == (1, {})
    assert found.providers["openai"].ttft_p50_ms == pytest.approx(100, rel=0.05)


async def test_statistics_are_of_all_writers(written: WrittenBooks, database_url: str) -> None:
    """A second process adds to them, and its reset is the first one's too."""
    second = WrittenBooks(database_url)
    for each in (written, second):
        each.write(request_record(call_record()))
    assert (await written.reader.statistics()).total_requests_processed == 2
    second.now = NOON + timedelta(minutes=1)
    since = await second.reader.reset_statistics()
    assert (await written.reader.statistics()).since == since
    written.write(request_record(call_record(), at=since))
    assert (await second.reader.statistics()).total_requests_processed == 1
    second.close()


async def test_statistics_reset_twice_leave_nothing_behind(written: WrittenBooks) -> None:
    """Rows of the reset before the last are gone; a clock that stepped back does not go behind a reset."""
    written.write(request_record(call_record(ttft_seconds=1), call_record(error_type="x")))
    resets = [await written.reader.reset_statistics() for _ in range(2)]
    assert resets == [NOON, NOON + timedelta(microseconds=1)]
    written.now = NOON - timedelta(hours=1)
    assert await written.reader.reset_statistics() == NOON + timedelta(microseconds=2)
    names = ("statistics", "statistics_latencies", "statistics_errors")
    assert [written.count(name) for name in names] == [0, 0, 0]


async def test_statistics_of_cancelled_calls_have_no_rate(written: WrittenBooks) -> None:
    """They are neither successes nor failures."""
    written.write(request_record(call_record(outcome=AttemptOutcome.CANCELLED), is_cancelled=True))
    found = (await written.reader.statistics()).providers["openai"]
    assert (found.requests, found.success_rate, found.error_rate, found.p50_ms) == (1, None, None, None)
    assert found.tokens_per_second is None


@pytest.mark.parametrize("has_been_reset", [False, True])
async def test_statistics_are_reset_by_many_at_once_under_load(
    written: WrittenBooks, database_url: str, has_been_reset: bool
) -> None:
    """Over two processes that write all the time: each gets a moment of its own, the first reset of all too."""
    second = WrittenBooks(database_url)
    if has_been_reset:
        await written.reader.reset_statistics()
    has_ended = threading.Event()

    def keep_writing(books: WrittenBooks) -> None:
        while not has_ended.is_set():
            books.write(*(request_record(call_record(provider=f"row-{number}")) for number in range(3)))

    with ThreadPoolExecutor(2) as threads:
        load = [threads.submit(keep_writing, books) for books in (written, second)]
        try:
            resets = [books.reader.reset_statistics() for books in (written, second) for _ in range(15)]
            moments = await asyncio.gather(*resets)
        finally:
            has_ended.set()
        for one in load:
            one.result(30)
    assert len(set(moments)) == 30
    assert (await written.reader.statistics()).since == max(moments)
    second.close()
