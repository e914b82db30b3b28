"""Does the journal give back all that was put in, in order, whatever happened to its file?"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.ports.books import Entry
from app.stores.books.journal import Journal
from app.stores.books.journal_file import JournalFile
from app.stores.books.posting import NO_KEY, Posting
from tests.kit.entries import audited
from tests.kit.journals import emptied, left_behind, some_postings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where journals are kept."""
    return tmp_path / "state" / "journal"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    """One of this process."""
    made = Journal(folder, is_strict=True)
    yield made
    made.close()


def test_journal_gives_back_in_order_in_pieces(journal: Journal) -> None:
    """What was put in in groups comes out in pieces of another size, each once."""
    postings = some_postings(*range(25))
    journal.put(postings[:10])
    journal.put(postings[10:])
    assert journal.first(7) == journal.first(7) == postings[:7]
    assert emptied(journal, 7) == postings


def test_journal_takes_more_while_it_is_read(journal: Journal) -> None:
    """Who is late stands behind."""
    first, second = some_postings(1, 2), some_postings(3)
    journal.put(first)
    journal.first(1)
    journal.taken()
    journal.put(second)
    assert emptied(journal) == [first[1], *second]


def test_journal_is_private_and_gone_when_it_is_empty(folder: Path) -> None:
    """Nobody else may read it, and none is left behind for nothing."""
    journal = Journal(folder, is_strict=False)
    assert not folder.exists()
    journal.put(some_postings(1))
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    emptied(journal)
    journal.close()
    assert list(folder.iterdir()) == []


def test_journal_of_a_dead_process_is_adopted_before_our_own(journal: Journal, folder: Path) -> None:
    """The oldest first; its file goes when all of it was taken."""
    old, own = some_postings(1, 2), some_postings(3)
    left = left_behind(folder, old)
    journal.put(own)
    assert journal.adopt() == 1
    assert journal.adopt() == 0
    assert emptied(journal) == [*old, *own]
    assert not left.exists()


def test_journal_of_a_living_process_is_left_alone(journal: Journal, folder: Path) -> None:
    """It is locked as long as its process lives."""
    journal.put(some_postings(1))
    other = Journal(folder, is_strict=False)
    assert other.adopt() == 0
    assert other.is_empty()
    other.close()


def test_journal_that_was_removed_is_made_again(journal: Journal, folder: Path) -> None:
    """Somebody tidied up: what was in it is still read, and what comes now is found after a crash."""
    before, after = some_postings(1), some_postings(2)
    journal.put(before)
    (file,) = folder.iterdir()
    file.unlink()
    journal.put(after)
    assert len(list(folder.iterdir())) == 1
    assert emptied(journal) == [*before, *after]


def test_journal_in_a_place_that_takes_no_file_says_so(tmp_path: Path) -> None:
    """OSError, and nothing half done."""
    (tmp_path / "file").write_text("not a folder")
    journal = Journal(tmp_path / "file", is_strict=True)
    with pytest.raises(OSError):
        journal.put(some_postings(1))
    assert journal.is_empty()
    journal.close()


def test_journal_on_a_full_disk_keeps_what_it_had(folder: Path) -> None:
    """A group that does not fit is refused whole, and the next one that fits stands right behind what was there."""
    file = JournalFile.create(folder / "1.journal")
    file.append([b"first"], is_durable=True)
    full = JournalFile(file.path, os.open("/dev/full", os.O_RDWR), 29)
    with pytest.raises(OSError, match="No space"):
        full.append([b"lost"], is_durable=True)
    assert full.is_empty()
    file.append([b"second"], is_durable=True)
    assert file.first(9).records == [b"first", b"second"]
    full.close()
    file.remove()


def test_journal_leaves_out_what_cannot_be_told(journal: Journal, caplog: pytest.LogCaptureFixture) -> None:
    """A record that is not what its types say is counted as lost; those beside it are kept."""
    endless: list[object] = []
    endless.append(endless)
    postings = some_postings(1)
    journal.put([Posting(NO_KEY, Entry(audit=audited(before=endless))), *postings])
    assert journal.lost == 1
    assert emptied(journal) == postings
    assert "cannot be put into the journal (ValueError)" in caplog.text
