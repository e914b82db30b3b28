"""Does the journal give back all that was put in, in order, whatever happened to its file?"""

from __future__ import annotations

import logging
import os
import resource
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from app.ports.books import Entry
from app.stores.books.journal import Journal
from app.stores.books.journal_file import JournalFile
from app.stores.books.posting import NO_KEY, Posting
from app.stores.books.row_keys import RowKeys
from tests.kit.entries import audited, booked

_KEYS = RowKeys()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    """One of this process."""
    made = Journal(folder, is_strict=True)
    yield made
    made.close()


def _postings(*numbers: int) -> list[Posting]:
    return [Posting(_KEYS.draw(), booked(number)) for number in numbers]


def _emptied(journal: Journal, most: int = 100) -> list[Posting]:
    found: list[Posting] = []
    while not journal.is_empty():
        found += journal.first(most)
        journal.taken()
    return found


def _left_behind(folder: Path, postings: Sequence[Posting]) -> Path:
    """The journal of a process that is gone."""
    journal = Journal(folder, is_strict=False)
    journal.put(postings)
    journal.close()
    (left,) = folder.glob("*.journal")
    return left


def test_journal_gives_back_in_order_in_pieces(journal: Journal) -> None:
    """What was put in in groups comes out in pieces of another size, each once."""
    postings = _postings(*range(25))
    journal.put(postings[:10])
    journal.put(postings[10:])
    assert journal.first(7) == journal.first(7) == postings[:7]
    assert _emptied(journal, 7) == postings


def test_journal_takes_more_while_it_is_read(journal: Journal) -> None:
    """Who is late stands behind."""
    first, second = _postings(1, 2), _postings(3)
    journal.put(first)
    journal.first(1)
    journal.taken()
    journal.put(second)
    assert _emptied(journal) == [first[1], *second]


def test_journal_is_private_and_gone_when_it_is_empty(folder: Path) -> None:
    """Nobody else may read it, and none is left behind for nothing."""
    journal = Journal(folder, is_strict=False)
    assert not folder.exists()
    journal.put(_postings(1))
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    _emptied(journal)
    journal.close()
    assert list(folder.iterdir()) == []


def test_journal_of_a_dead_process_is_adopted_before_our_own(journal: Journal, folder: Path) -> None:
    """The oldest first; its file goes when all of it was taken."""
    old, own = _postings(1, 2), _postings(3)
    left = _left_behind(folder, old)
    journal.put(own)
    assert journal.adopt() == 1
    assert journal.adopt() == 0
    assert _emptied(journal) == [*old, *own]
    assert not left.exists()


def test_journal_of_a_living_process_is_left_alone(journal: Journal, folder: Path) -> None:
    """It is locked as long as its process lives."""
    journal.put(_postings(1))
    other = Journal(folder, is_strict=False)
    assert other.adopt() == 0
    assert other.is_empty()
    other.close()


@pytest.mark.parametrize("cut", [1, 5, 9, 300])
def test_journal_with_a_torn_tail_gives_what_is_whole(
    journal: Journal, folder: Path, cut: int, caplog: pytest.LogCaptureFixture
) -> None:
    """The record that a killed process was writing is cut off, and said; nothing else is lost."""
    postings = _postings(1, 2, 3)
    left = _left_behind(folder, postings)
    os.truncate(left, left.stat().st_size - cut)
    journal.adopt()
    with caplog.at_level(logging.WARNING):
        assert _emptied(journal) == postings[:2]
    assert "in the middle of a record" in caplog.text


def test_journal_with_a_damaged_record_is_cut_there(journal: Journal, folder: Path) -> None:
    """A flipped bit is no posting, and what follows cannot be trusted."""
    postings = _postings(1, 2)
    left = _left_behind(folder, postings)
    data = bytearray(left.read_bytes())
    data[-5] ^= 1
    left.write_bytes(data)
    journal.adopt()
    assert _emptied(journal) == postings[:1]


def test_journal_that_ends_within_a_length_is_cut_there(journal: Journal, folder: Path) -> None:
    """Three bytes of what would have been the next record."""
    postings = _postings(1)
    left = _left_behind(folder, postings)
    with left.open("ab") as file:
        file.write(bytes(3))
    journal.adopt()
    assert _emptied(journal) == postings


def test_journal_that_cannot_be_begun_leaves_no_file(journal: Journal, folder: Path) -> None:
    """The disk takes the name and not the first line: the next try begins anew."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            journal.put(_postings(1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(folder.iterdir()) == []
    journal.put(_postings(1))
    assert not journal.is_empty()


def test_journal_that_is_closed_while_it_waits_is_found_again(folder: Path) -> None:
    """What was adopted and not yet taken goes back to whoever comes next."""
    postings = _postings(1)
    _left_behind(folder, postings)
    for _ in range(2):
        journal = Journal(folder, is_strict=False)
        assert journal.adopt() == 1
        assert journal.first(9) == postings
        journal.close()


def test_journal_with_a_tail_of_zeros_is_cut_there(journal: Journal, folder: Path) -> None:
    """A file system that lost its power can leave zeros or an endless length."""
    postings = _postings(1)
    left = _left_behind(folder, postings)
    with left.open("ab") as file:
        file.write(b"\xff" * 8 + bytes(100))
    journal.adopt()
    assert _emptied(journal) == postings


@pytest.mark.parametrize("head", [b"", b"llm-provider"])
def test_journal_whose_head_is_not_whole_is_empty(journal: Journal, folder: Path, head: bytes) -> None:
    """Its process was killed before it had written anything: the file goes."""
    folder.mkdir(parents=True)
    (folder / "1.journal").write_bytes(head)
    assert journal.adopt() == 1
    assert _emptied(journal) == []
    assert list(folder.iterdir()) == []


def test_journal_of_another_format_is_left_alone(journal: Journal, folder: Path) -> None:
    """A newer version's file waits for that version."""
    folder.mkdir(parents=True)
    (folder / "1.journal").write_bytes(b"llm-provider-service books 2\n" + bytes(50))
    assert journal.adopt() == 0
    assert (folder / "1.journal").exists()


def test_journal_sets_an_unreadable_record_aside(
    journal: Journal, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What is whole but no posting is kept for a person, and the others are not kept out."""
    folder.mkdir(parents=True)
    file = JournalFile.create(folder / "1.journal")
    file.append([b'{"secret": 1}'], is_durable=False)
    file.close()
    postings = _postings(1)
    journal.adopt()
    journal.put(postings)
    assert _emptied(journal) == postings
    (aside,) = folder.glob("*.refused")
    assert b'{"secret": 1}' in aside.read_bytes()
    assert journal.lost == 1
    assert "secret" not in caplog.text


def test_journal_that_was_removed_is_made_again(journal: Journal, folder: Path) -> None:
    """Somebody tidied up: what was in it is still read, and what comes now is found after a crash."""
    before, after = _postings(1), _postings(2)
    journal.put(before)
    (file,) = folder.iterdir()
    file.unlink()
    journal.put(after)
    assert len(list(folder.iterdir())) == 1
    assert _emptied(journal) == [*before, *after]


def test_journal_in_a_place_that_takes_no_file_says_so(tmp_path: Path) -> None:
    """OSError, and nothing half done."""
    (tmp_path / "file").write_text("not a folder")
    journal = Journal(tmp_path / "file", is_strict=True)
    with pytest.raises(OSError):
        journal.put(_postings(1))
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
    assert file.first(9)[0] == [b"first", b"second"]
    full.close()
    file.remove()


def test_journal_leaves_out_what_cannot_be_told(journal: Journal, caplog: pytest.LogCaptureFixture) -> None:
    """A record that is not what its types say is counted as lost; those beside it are kept."""
    endless: list[object] = []
    endless.append(endless)
    postings = _postings(1)
    journal.put([Posting(NO_KEY, Entry(audit=audited(before=endless))), *postings])
    assert journal.lost == 1
    assert _emptied(journal) == postings
    assert "cannot be put into the journal (ValueError)" in caplog.text
