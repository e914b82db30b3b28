"""What does a reader learn when the database is away, hangs, or was never made?"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from app.stores.books.asking import Asking
from app.stores.books.database import open_engine
from app.stores.books.reader import SqlBookReader
from contracts import StoreUnavailableError
from contracts.usage_reports import UsageQuery
from tests.kit.waiting import until
from tests.kit.written_books import WrittenBooks

_ADD = text("INSERT INTO facts (name, value) VALUES (:name, '') ON CONFLICT (name) DO UPDATE SET value = 'again'")


def engine_without_tables(url: str) -> Engine:
    """A database in which nothing was made yet."""
    return open_engine(url, is_strict=False)


async def test_reader_of_a_database_without_tables_says_so(database_url: str) -> None:
    """It was away when the service began: 503, and try again."""
    engine = engine_without_tables(database_url)
    asking = Asking(engine)
    with pytest.raises(StoreUnavailableError, match="the database") as caught:
        await SqlBookReader(asking).usage(UsageQuery())
    assert caught.value.retry_after == 1.0
    asking.close()
    engine.dispose()


async def test_reader_of_a_database_that_is_away_says_so(tmp_path: Path) -> None:
    """Without the password of its URL."""
    engine = open_engine("postgresql://books:sesame@127.0.0.1:9/books", is_strict=False)
    asking = Asking(engine)
    with pytest.raises(StoreUnavailableError, match=r"127\.0\.0\.1:9") as caught:
        await SqlBookReader(asking).reset_statistics()
    assert "sesame" not in str(caught.value)
    asking.close()
    engine.dispose()


async def test_asking_gives_up_in_time(written: WrittenBooks) -> None:
    """A database that hangs holds a thread, not its caller; the next question is answered."""
    asking, goes_on = Asking(written.engine, time_limit_seconds=0.05), threading.Event()
    with pytest.raises(StoreUnavailableError, match=r"no answer in 0\.05 s"):
        await asking.read(lambda _: goes_on.wait(30))
    with pytest.raises(StoreUnavailableError):
        await asking.write(lambda _: goes_on.wait(30))
    goes_on.set()
    assert (await written.reader.statistics()).total_requests_processed == 0
    asking.close()


async def test_asking_can_be_cancelled(written: WrittenBooks) -> None:
    """A caller who leaves waits no longer."""
    began, goes_on = threading.Event(), threading.Event()

    def hang(_: Connection) -> None:
        began.set()
        goes_on.wait(30)

    task = asyncio.create_task(written.asking.read(hang))
    await asyncio.to_thread(began.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    goes_on.set()


async def test_question_under_way_at_the_end_leaves_no_connection_open(postgresql_url: str) -> None:
    """Whoever asked has left, and the engine is closed: the thread that comes back closes what it held."""
    books, held, goes_on = WrittenBooks(postgresql_url), list[Any](), threading.Event()

    def hang(connection: Connection) -> None:
        held.append(connection.connection.driver_connection)
        goes_on.wait(30)

    task = asyncio.create_task(books.asking.read(hang))
    await until(lambda: bool(held))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    books.close()
    assert not held[0].closed
    goes_on.set()
    await until(lambda: bool(held[0].closed))


async def test_asking_does_not_hide_a_defect(written: WrittenBooks) -> None:
    """What a database refuses for what it says is no outage."""
    insert = text("INSERT INTO facts (name, value) VALUES ('a', 'b'), ('a', 'c')")
    with pytest.raises(IntegrityError):
        await written.asking.write(lambda connection: connection.execute(insert))


async def test_asking_repeats_what_two_transactions_kept_each_other_from(postgresql_url: str) -> None:
    """A deadlock is nobody's fault: PostgreSQL ends one of them, which does when it is tried again."""
    books = WrittenBooks(postgresql_url)
    both_have_one, tries = threading.Barrier(2), list[str]()

    def crosswise(first: str, second: str) -> Callable[[Connection], None]:
        def work(connection: Connection) -> None:
            tries.append(first)
            for name in (first, second):
                connection.execute(_ADD, {"name": name})
                if name == first and len(tries) <= 2:
                    both_have_one.wait(30)

        return work

    with closing(books):
        await asyncio.gather(books.asking.write(crosswise("a", "b")), books.asking.write(crosswise("b", "a")))
    # A busy PostgreSQL may end both of them.
    assert len(tries) >= 3
