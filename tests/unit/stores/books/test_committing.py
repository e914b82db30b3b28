"""Is a transaction that met another one tried again, and one that meets a fault given up at once?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import Connection, Engine, exc, func, select

from app.ports.books import Entry
from app.stores.books.committing import Committing
from app.stores.books.database import open_engine, reading, writing
from app.stores.books.migrations import migrate
from app.stores.books.posting import NO_KEY, Posting
from app.stores.books.row_keys import RowKeys
from app.stores.books.tables import REQUESTS
from tests.kit.entries import audited, booked

_DEADLOCK = exc.OperationalError("", None, psycopg.errors.DeadlockDetected())


class MeetingOthers:
    """Transactions on `engine`, of which the first ones fail with `failures` after their work was done."""

    def __init__(self, engine: Engine, failures: list[Exception], *, are_committed: bool = False) -> None:
        self._engine = engine
        self._failures = failures
        self._are_committed = are_committed

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One of them."""
        with writing(self._engine) as connection:
            yield connection
            if self._failures and not self._are_committed:
                raise self._failures.pop(0)
        if self._failures:
            raise self._failures.pop(0)


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    """A migrated database."""
    made = open_engine(sqlite_url, is_strict=False)
    migrate(made)
    yield made
    made.dispose()


def _refused(record: bytes) -> None:
    raise OSError(28, "No space left on device")


def _requests(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(REQUESTS)).scalar_one()


@pytest.mark.parametrize("are_committed", [False, True])
def test_committing_repeats_when_two_met(engine: Engine, are_committed: bool) -> None:
    """A deadlock's victim is written the next time; if it had come through after all, it is not written twice."""
    others = MeetingOthers(engine, [_DEADLOCK, _DEADLOCK], are_committed=are_committed)
    Committing(others.transaction, _refused).commit([Posting(RowKeys().draw(), booked())], may_be_there=False)
    assert _requests(engine) == 1


def test_committing_gives_up_when_it_meets_others_for_ever(engine: Engine) -> None:
    """The caller decides what becomes of the group: it is not lost here."""
    committing = Committing(MeetingOthers(engine, [_DEADLOCK] * 99).transaction, _refused)
    with pytest.raises(exc.OperationalError):
        committing.commit([Posting(RowKeys().draw(), booked())], may_be_there=False)
    assert (_requests(engine), committing.lost) == (0, 0)


def test_committing_does_not_repeat_a_fault(engine: Engine) -> None:
    """A database that is away is asked once."""
    failures: list[Exception] = [exc.OperationalError("", None, psycopg.errors.DiskFull()), _DEADLOCK]
    with pytest.raises(exc.OperationalError):
        Committing(MeetingOthers(engine, failures).transaction, _refused).commit(
            [Posting(RowKeys().draw(), booked())], may_be_there=False
        )
    assert failures == [_DEADLOCK]


def test_committing_goes_on_when_an_unfit_entry_cannot_be_set_aside(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """It is counted and told; the others are written."""
    committing = Committing(MeetingOthers(engine, []).transaction, _refused)
    unfit = Posting(NO_KEY, Entry(audit=audited(id="no uuid")))
    committing.commit([unfit, Posting(RowKeys().draw(), booked())], may_be_there=False)
    assert (_requests(engine), committing.lost) == (1, 1)
    assert "nor set aside" in caplog.text
