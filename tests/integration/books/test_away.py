"""What becomes of entries while the database is away, full, locked or read-only, and how soon is it used again?"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event as listening

from app.ports.books import Entry
from app.stores.books.database import open_engine
from contracts.errors import ConfigurationError, StoreUnavailableError
from tests.integration.books.opened_books import OpenedBooks, opened
from tests.kit.entries import audited, booked, with_event
from tests.kit.postgres_server import PostgresServer
from tests.kit.waiting import until

_NOBODY_LISTENS = "postgresql://ada:wonderland@127.0.0.1:1/books"


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """One of this test alone."""
    made = PostgresServer()
    yield made
    made.close()


@pytest.mark.parametrize("is_strict", [False, True])
async def test_books_outlive_a_server_that_is_stopped_and_started(
    server: PostgresServer, tmp_path: Path, is_strict: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Before, meanwhile, and after: each entry once, in order; the fault is told once and ends within seconds."""
    caplog.set_level(logging.INFO, "app.stores")
    async with opened(server.url(), tmp_path, is_strict=is_strict) as its:
        await its.append([with_event(number) for number in range(10)])
        server.kill()
        await its.append([with_event(number) for number in range(10, 700)])
        await until(lambda: its.books.fault() is not None)
        address = f"PostgreSQL at 127.0.0.1:{server.port}, database postgres"
        assert its.books.fault() == f"the database ({address}) cannot be reached"
        assert its.journals() == [".journal"]
        server.start()
        await its.is_well()
        await its.append([with_event(number) for number in range(700, 710)])
        await until(lambda: its.counts() == (710, 710, 0, 710))
        assert its.sums()[:2] == (710, 710)
        keys = [row[0] for row in its.rows("SELECT key FROM outbox ORDER BY position")]
        assert keys == [f"cor_{number}" for number in range(710)]
        assert its.books.lost() == 0
    assert its.journals() == []
    assert [record.getMessage() for record in caplog.records].count(
        "the database of the books can be written again"
    ) == 1


async def test_books_begin_while_the_database_is_away(server: PostgresServer, tmp_path: Path) -> None:
    """Nobody waits for it; it is migrated when it comes."""
    server.stop()
    async with opened(server.url(), tmp_path) as its:
        assert its.books.fault() is not None
        await its.append([booked()])
        server.start()
        await its.is_well()
        assert its.counts()[0] == 1


async def test_books_closed_while_the_database_is_away_are_found_at_the_next_start(
    server: PostgresServer, tmp_path: Path
) -> None:
    """What was queued goes to the journal, and from there into the database, by another process if need be."""
    server.stop()
    async with opened(server.url(), tmp_path) as its:
        its.books.append(booked(1))
        its.books.append(Entry(audit=audited()))
    assert its.journals() == [".journal"]
    server.start()
    async with opened(server.url(), tmp_path) as its:
        await until(lambda: its.journals() == [])
        assert its.counts() == (1, 1, 1, 0)


async def test_books_that_can_be_written_nowhere_refuse_when_strict(tmp_path: Path) -> None:
    """Who waits is told; nobody else begins; when the journal takes something again, they may."""
    place = tmp_path / "journal"
    place.write_text("a file where the folder should be")
    async with opened(_NOBODY_LISTENS, place, is_strict=True) as its:
        await its.books.room()
        with pytest.raises(StoreUnavailableError) as refused:
            await its.append([booked()])
        assert refused.value.retry_after == 2.0
        assert "127.0.0.1" not in str(refused.value)
        with pytest.raises(StoreUnavailableError):
            await its.books.room()
        assert its.books.lost() == 2
        place.unlink()
        await until(lambda: _has_room(its))
        await its.append([booked()])
        assert its.books.lost() == 2


async def test_books_that_can_be_written_nowhere_count_what_they_lose_when_relaxed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Callers are served; the loss is counted, and told at a bounded pace without secrets."""
    place = tmp_path / "journal"
    place.write_text("a file where the folder should be")
    async with opened(_NOBODY_LISTENS, place) as its:
        for number in range(5):
            await its.books.room()
            await its.append([with_event(number)])
        assert its.books.lost() == 15
    lines = [record.getMessage() for record in caplog.records if "rows were lost" in record.getMessage()]
    assert len(lines) == 1
    assert "wonderland" not in caplog.text
    assert "ada" not in caplog.text


async def test_books_go_on_after_the_disk_was_full(sqlite_url: str, tmp_path: Path) -> None:
    """SQLITE_FULL: the journal takes over, and the rows follow when there is room."""
    pages = [200]
    engine = open_engine(sqlite_url, is_strict=True)
    listening.listen(engine, "connect", lambda connection, _: connection.execute(f"PRAGMA max_page_count = {pages[0]}"))
    async with opened(sqlite_url, tmp_path, is_strict=True, engine=engine) as its:
        await its.append([with_event(number) for number in range(3000)])
        await until(lambda: its.books.fault() is not None)
        assert str(its.books.fault()).endswith("has no room left: its disk is full")
        assert its.counts()[0] < 3000
        pages[0] = 100_000
        await its.is_well()
        await until(lambda: its.counts() == (3000, 3000, 0, 3000))
        assert its.sums()[:2] == (3000, 3000)
        assert its.books.lost() == 0


async def test_books_go_on_after_somebody_locked_the_file(sqlite_url: str, tmp_path: Path) -> None:
    """Another process holds a transaction for longer than we wait: meanwhile the journal takes over."""
    async with opened(sqlite_url, tmp_path, is_strict=True) as its:
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await its.append([booked()])
        assert str(its.books.fault()).endswith("is locked by another process")
        other.execute("ROLLBACK")
        other.close()
        await its.is_well()
        assert its.counts()[0] == 1


async def test_books_do_not_take_a_database_that_is_read_only(sqlite_url: str, tmp_path: Path) -> None:
    """It is migrated and can be read, and still every entry goes to the journal, until it can be written."""
    async with opened(sqlite_url, tmp_path) as its:
        await its.append([booked(0)])
    switch = ["ON"]
    engine = open_engine(sqlite_url, is_strict=False)
    listening.listen(engine, "connect", lambda connection, _: connection.execute(f"PRAGMA query_only = {switch[0]}"))
    async with opened(sqlite_url, tmp_path, engine=engine) as its:
        assert str(its.books.fault()).endswith("is read-only: nothing can be written to it")
        await its.append([booked(1)])
        assert its.counts()[0] == 1
        switch[0] = "OFF"
        # Those that were opened before stay as they are.
        engine.dispose()
        await its.is_well()
        assert its.counts()[0] == 2


async def test_books_notice_that_their_file_was_removed(sqlite_url: str, tmp_path: Path) -> None:
    """SQLite would go on writing into a file without a name: a new one is made instead."""
    async with opened(sqlite_url, tmp_path) as its:
        await its.append([booked(0)])
        its.database.dispose()
        for path in (tmp_path / "state").iterdir():
            path.unlink()
        await its.append([booked(1)])
        await its.is_well()
        assert its.rows("SELECT request_id FROM requests") == [("req_1",)]


async def test_books_refuse_a_schema_that_is_newer(database_url: str, tmp_path: Path) -> None:
    """An older version must not write what a newer one would misread; it says both versions, and no password."""
    async with opened(database_url, tmp_path) as its:
        await its.append([booked()])
        its.run("UPDATE books_schema SET version_num = '9999'")
    with pytest.raises(ConfigurationError, match=r"schema is 9999, this version knows up to \d{4}"):
        async with opened(database_url, tmp_path):
            pass


async def test_books_that_meet_a_newer_schema_later_keep_to_the_journal(server: PostgresServer, tmp_path: Path) -> None:
    """Another version migrated while we were away: nothing is written there, nothing is lost, and it is said."""
    async with opened(server.url(), tmp_path) as its:
        its.run("UPDATE books_schema SET version_num = '9999'")
        its.database.dispose()
        server.kill()
        server.start()
        await its.append([booked()])
        await until(lambda: "newer version" in str(its.books.fault()))
        await its.append([booked()])
        assert its.counts()[0] == 0
        assert its.journals() == [".journal"]
        assert its.books.lost() == 0


async def test_books_go_on_when_old_rows_cannot_be_deleted(sqlite_url: str, tmp_path: Path) -> None:
    """It is tried again an hour later, and what happens now is written."""
    async with opened(sqlite_url, tmp_path) as its:
        await its.append([booked(0)])
        its.run("UPDATE requests SET at_us = 0")
        its.run("CREATE TRIGGER kept BEFORE DELETE ON requests BEGIN SELECT raise(ABORT, 'kept'); END")
    async with opened(sqlite_url, tmp_path, retention_days=1) as its:
        await its.is_well()
        await its.append([booked(1)])
        await until(lambda: its.counts()[0] == 2)


@pytest.mark.parametrize("is_strict", [False, True])
async def test_books_whose_writer_dies_of_a_defect_leave_nobody_waiting(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_strict: bool
) -> None:
    """What is appended then is counted as lost; a strict caller is told."""
    died: list[object] = []
    monkeypatch.setattr(threading, "excepthook", died.append)
    engine = open_engine(sqlite_url, is_strict=is_strict)
    listening.listen(engine, "connect", _defect)
    async with opened(sqlite_url, tmp_path, is_strict=is_strict, engine=engine) as its:
        assert its.books.fault() == "the writer of the books has ended"
        if is_strict:
            with pytest.raises(StoreUnavailableError):
                await its.append([booked()])
            with pytest.raises(StoreUnavailableError):
                await its.books.room()
        else:
            await its.append([booked()])
            await its.books.room()
        assert its.books.lost() == 2
    assert len(died) == 1


def _defect(*_: object) -> None:
    msg = "a defect"
    raise RuntimeError(msg)


async def _has_room(its: OpenedBooks) -> bool:
    try:
        await asyncio.wait_for(its.books.room(), 1)
    except StoreUnavailableError:
        return False
    return True
