"""What does the writer do when the journal itself is in the way? Step by step, by a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.stores.books.database import open_engine, reading
from app.stores.books.journal import Journal
from app.stores.books.journal_file import JournalFile
from app.stores.books.posting import Posting
from app.stores.books.posting_json import encode_posting
from app.stores.books.retention import Retention
from app.stores.books.row_keys import RowKeys
from app.stores.books.tables import REQUESTS
from app.stores.books.writer import Writer
from tests.kit.entries import booked
from tests.kit.virtual_time import HandClock

_NOBODY_LISTENS = "postgresql://ada:wonderland@127.0.0.1:1/books"
_KEYS = RowKeys()


class HandledWriter:
    """A writer without its thread, whose folder can be taken away."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        self.engine = open_engine(url, is_strict=False)
        self._clock = HandClock()
        monotonic = self._clock.clock.monotonic
        journal = Journal(folder, is_strict=True)
        self.writer = Writer(self.engine, journal, Retention(None), monotonic=monotonic)

    def attend_later(self, seconds: float = 5.0) -> None:
        """The writer looks around after `seconds`."""
        self._clock.advance(seconds)
        self.writer.attend()

    def write(self, *numbers: int) -> bool:
        """One group."""
        return self.writer.write([Posting(_KEYS.draw(), booked(number)) for number in numbers])

    def count(self) -> int:
        """Requests in the database."""
        with reading(self.engine) as connection:
            return connection.execute(select(func.count()).select_from(REQUESTS)).scalar_one()

    def block(self) -> None:
        """The folder of the journal is a file now."""
        self.folder.rename(self.folder.with_name("elsewhere"))
        self.folder.write_text("a file where the folder should be")

    def unblock(self) -> None:
        """It is back."""
        self.folder.unlink()
        self.folder.with_name("elsewhere").rename(self.folder)


@pytest.fixture
def handled(database_url: str, tmp_path: Path) -> Iterator[HandledWriter]:
    """On a fresh database."""
    made = HandledWriter(database_url, tmp_path / "journal")
    yield made
    made.writer.close()
    made.engine.dispose()


def test_writer_passes_nothing_over_when_it_cannot_set_it_aside(
    handled: HandledWriter, caplog: pytest.LogCaptureFixture
) -> None:
    """An unreadable record waits until there is a place for it; what is behind it waits too, and says why."""
    records = [encode_posting(Posting(_KEYS.draw(), booked(number))) for number in range(501)]
    file = JournalFile.create(handled.folder / "1.journal")
    file.append([*records[:500], b"no posting", records[500]], is_durable=False)
    file.close()
    (handled.folder / "2.journal").mkdir()
    handled.writer.attend()
    assert handled.count() == 500
    assert "2.journal cannot be opened" in caplog.text
    handled.block()
    handled.attend_later()
    assert str(handled.writer.fault).startswith("the journal of the books cannot be brought in: ")
    handled.unblock()
    handled.attend_later()
    assert (handled.count(), handled.writer.lost, handled.writer.fault) == (501, 1, None)
    assert len(list(handled.folder.glob("*.refused"))) == 1


def test_writer_keeps_to_the_journal_until_it_is_through(handled: HandledWriter) -> None:
    """What comes while the journal is brought in goes behind it, so the order stays."""
    assert handled.write(*range(600))
    handled.writer.attend()
    assert handled.count() == 500
    assert handled.write(600)
    assert handled.count() == 500
    assert handled.writer.seconds_to_rest() == 0
    handled.writer.attend()
    assert handled.count() == 601
    assert handled.writer.seconds_to_rest() > 0


def test_writer_that_cannot_remove_its_journal_says_so(
    handled: HandledWriter, caplog: pytest.LogCaptureFixture
) -> None:
    """Its end is an end all the same."""
    handled.write(1)
    handled.writer.attend()
    handled.block()
    handled.writer.close()
    assert "the journal of the books could not be closed" in caplog.text
    handled.unblock()


def test_writer_that_is_stuck_tries_the_journal_again(tmp_path: Path) -> None:
    """Each time that it tries the database, until one of them takes something."""
    handled = HandledWriter(_NOBODY_LISTENS, tmp_path / "journal")
    handled.folder.write_text("a file where the folder should be")
    assert not handled.write(1)
    for _ in range(3):
        handled.attend_later()
        assert handled.writer.is_stuck
    handled.folder.unlink()
    handled.attend_later()
    assert not handled.writer.is_stuck
    assert handled.write(2)
    assert handled.writer.lost == 2
    handled.writer.close()


def test_writer_tries_again_soon_and_then_seldom(tmp_path: Path) -> None:
    """The pauses grow to two seconds and no further."""
    handled = HandledWriter(_NOBODY_LISTENS, tmp_path / "journal")
    pauses = []
    for _ in range(10):
        handled.attend_later()
        pauses.append(handled.writer.seconds_to_rest())
    assert 0.08 <= pauses[0] <= 0.12
    assert max(pauses) <= 2.4
    assert min(pauses[-3:]) >= 1.6
    handled.writer.close()
