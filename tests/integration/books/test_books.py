"""Is everything that is appended written once, on either database, and counted once?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from app.ports.books import Entry
from app.stores.books.database import open_engine, writing
from app.stores.books.journal import Journal
from app.stores.books.ledger import Ledger
from app.stores.books.posting import NO_KEY, Posting
from app.stores.books.row_keys import RowKeys
from app.stores.books.sql_books import SqlBooks
from tests.integration.books.opened_books import opened
from tests.kit.entries import audited, booked, call, event, request, with_event
from tests.kit.waiting import until

_COST_PICO = 34_000_000


@pytest.mark.parametrize("is_strict", [False, True])
async def test_books_write_every_entry_with_its_sums(database_url: str, tmp_path: Path, is_strict: bool) -> None:
    """Requests, their calls, the audit and the events; no journal is left."""
    async with opened(database_url, tmp_path / "journal", is_strict=is_strict) as its:
        entries = [with_event(number) for number in range(1500)]
        await its.append([*entries, Entry(audit=audited()), booked(calls=(call(), call()))])
        assert its.counts() == (1501, 1502, 1, 1500)
        assert its.sums() == (1501, 1502, 1502 * _COST_PICO)
        assert (its.books.fault(), its.books.lost(), its.journals()) == (None, 0, [])


async def test_books_in_relaxed_mode_commit_by_themselves_and_nobody_waits(database_url: str, tmp_path: Path) -> None:
    """`append` gives nothing to wait for; the row is there soon."""
    async with opened(database_url, tmp_path) as its:
        assert its.books.append(booked()) is None
        await until(lambda: its.counts()[0] == 1)


async def test_books_in_strict_mode_share_commits(database_url: str, tmp_path: Path) -> None:
    """A hundred that wait at once are through in a few transactions, and their rows are there by then."""
    async with opened(database_url, tmp_path, is_strict=True) as its:
        await asyncio.gather(*(its.append([booked(number)]) for number in range(100)))
        assert its.counts()[:2] == (100, 100)
        if database_url.startswith("postgresql"):
            assert its.rows("SELECT count(DISTINCT xmin::text) < 50 FROM requests") == [(True,)]


async def test_books_keep_the_order_of_events(database_url: str, tmp_path: Path) -> None:
    """The outbox holds them in the order in which they were appended."""
    async with opened(database_url, tmp_path) as its:
        entries = [Entry(events=(event(number), event(number))) for number in range(300)]
        await its.append(entries)
        sent = [one.event_id for entry in entries for one in entry.events]
        assert [row[0] for row in its.rows("SELECT event_id FROM outbox ORDER BY position")] == sent


async def test_books_wait_for_room_and_lose_nothing(database_url: str, tmp_path: Path) -> None:
    """Who asks for room while too much is queued waits until a group was written."""
    async with opened(database_url, tmp_path, most_queued=20) as its:

        async def one(number: int) -> None:
            await its.books.room()
            its.books.append(booked(number))

        await asyncio.gather(*(one(number) for number in range(200)))
        await its.books.flush()
        assert its.counts()[0] == 200


async def test_books_that_are_closed_have_written_all(database_url: str, tmp_path: Path) -> None:
    """What was queued at the end is in the database, and no thread is left to lose the rest."""
    async with opened(database_url, tmp_path / "journal") as its:
        for number in range(100):
            its.books.append(booked(number))
        await its.books.aclose()
        assert its.counts()[0] == 100
        assert its.books.append(booked()) is None
        assert its.books.lost() == 2
        assert its.books.fault() == "the writer of the books has ended"
        await its.books.room()
        await its.books.flush()


async def test_books_bring_in_the_journal_of_a_dead_process(database_url: str, tmp_path: Path) -> None:
    """In its order, with its sums, and the file is gone."""
    entries = [with_event(number) for number in range(1200)]
    _leave_journal(tmp_path, entries)
    async with opened(database_url, tmp_path) as its:
        await until(lambda: its.journals() == [])
        assert its.counts() == (1200, 1200, 0, 1200)
        assert its.sums() == (1200, 1200, 1200 * _COST_PICO)
        sent = [entry.events[0].event_id for entry in entries]
        assert [row[0] for row in its.rows("SELECT event_id FROM outbox ORDER BY position")] == sent


async def test_books_count_nothing_twice_after_a_crash_before_the_journal_was_forgotten(
    database_url: str, tmp_path: Path
) -> None:
    """A part of the journal was committed already: its rows and sums are those of one time."""
    postings = [*_postings(with_event(number) for number in range(700)), Posting(NO_KEY, Entry(audit=audited()))]
    _leave_postings(tmp_path, [*postings, *postings[:3]])
    async with opened(database_url, tmp_path / "none") as before:
        with writing(before.database) as connection:
            Ledger().write(connection, [*postings[:300], postings[-1]], may_be_there=False)
    async with opened(database_url, tmp_path) as its:
        await until(lambda: its.journals() == [])
        assert its.counts() == (700, 700, 1, 700)
        assert its.sums() == (700, 700, 700 * _COST_PICO)
        assert its.books.lost() == 0


async def test_books_of_two_processes_add_to_the_same_sums(database_url: str, tmp_path: Path) -> None:
    """Neither overwrites the other's, and neither gives up."""
    async with opened(database_url, tmp_path / "a") as ours, opened(database_url, tmp_path / "b") as theirs:
        for number in range(400):
            for its in (ours, theirs):
                its.books.append(booked(number))
            if number % 40 == 0:
                await asyncio.gather(ours.books.flush(), theirs.books.flush())
        await asyncio.gather(ours.books.flush(), theirs.books.flush())
        await until(lambda: ours.counts()[0] == 800)
        assert ours.sums() == (800, 800, 800 * _COST_PICO)


async def test_books_take_an_event_that_is_there_already_for_the_same(database_url: str, tmp_path: Path) -> None:
    """Two entries with one event: both requests are booked, and the event once."""
    twice = event()
    async with opened(database_url, tmp_path) as its:
        for _ in range(2):
            await its.append([Entry(request=request(), events=(twice,)), booked()])
        assert its.counts() == (4, 4, 0, 1)
        assert its.books.lost() == 0


async def test_books_take_odd_texts(database_url: str, tmp_path: Path) -> None:
    """A NUL, half of a surrogate pair or an endless name keeps nobody's row out."""
    odd = [
        booked(1, user_id="nul\0"),
        booked(2, model="\ud83d" * 300, tags=("t\0",), provider="p" * 100),
        booked(3, requested_model="m" * 1000, calls=(call(model="\0", error_type="e" * 99),)),
    ]
    async with opened(database_url, tmp_path) as its:
        await its.append([booked(0), *odd])
        assert its.counts()[:2] == (4, 4)
        assert its.books.lost() == 0


@pytest.mark.parametrize("is_away", [False, True])
async def test_books_set_aside_what_no_database_takes(
    database_url: str, tmp_path: Path, is_away: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """One entry of impossible numbers is kept for a person and counted; those beside it are written."""
    unfit = booked(1, calls=(call(duration_seconds=1e30, model="private"),))
    entries = [booked(0), unfit, booked(2)]
    if is_away:
        _leave_journal(tmp_path, entries)
    async with opened(database_url, tmp_path) as its:
        await its.append([] if is_away else entries)
        await until(lambda: its.counts()[:2] == (2, 2))
        await until(lambda: its.journals() == [".refused"])
        assert its.sums()[:2] == (2, 2)
        assert its.books.lost() == 2
        assert its.books.fault() is None
    assert "was set aside beside the journal" in caplog.text
    assert "private" not in caplog.text


async def test_books_delete_what_is_too_old_and_keep_its_sums(database_url: str, tmp_path: Path) -> None:
    """Requests and their calls beyond the days; what is younger stays."""
    async with opened(database_url, tmp_path) as its:
        await its.append([booked(number) for number in range(1100)])
        its.run("UPDATE requests SET at_us = 0 WHERE request_id <> 'req_7'")
        its.run("UPDATE requests SET at_us = 9000000000000000 WHERE request_id = 'req_7'")
    async with opened(database_url, tmp_path, retention_days=30) as its:
        await until(lambda: its.counts()[:2] == (1, 1))
        assert its.sums()[0] == 1100
        await its.append([booked(1)])
        assert its.counts()[:2] == (2, 2)


async def test_books_that_were_never_opened_can_be_closed(sqlite_url: str, tmp_path: Path) -> None:
    """Nothing was begun, so nothing is to be ended."""
    books = SqlBooks(open_engine(sqlite_url, is_strict=True), tmp_path, is_strict=True)
    await books.flush()
    await books.aclose()
    assert books.fault() == "the database was not asked yet"


def _postings(entries: Iterable[Entry]) -> list[Posting]:
    keys = RowKeys()
    return [Posting(keys.draw(), entry) for entry in entries]


def _leave_journal(folder: Path, entries: list[Entry]) -> None:
    _leave_postings(folder, _postings(entries))


def _leave_postings(folder: Path, postings: list[Posting]) -> None:
    """As a process does that was killed while the database was away."""
    journal = Journal(folder, is_strict=False)
    journal.put(postings)
    journal.close()
