"""What does the journal give back when its file was damaged, and what of it is kept aside and counted?"""

from __future__ import annotations

import logging
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.stores.books.journal import Journal
from app.stores.books.journal_file import JournalFile
from app.stores.books.journal_record import MARK
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


@pytest.mark.parametrize("cut", [1, 5, 9, 300])
def test_journal_with_a_torn_tail_gives_what_is_whole(
    journal: Journal, folder: Path, cut: int, caplog: pytest.LogCaptureFixture
) -> None:
    """The record that a killed process was writing is cut off, and said; nothing else is lost."""
    postings = some_postings(1, 2, 3)
    left = left_behind(folder, postings)
    os.truncate(left, left.stat().st_size - cut)
    journal.adopt()
    with caplog.at_level(logging.WARNING):
        assert emptied(journal) == postings[:2]
    assert "in the middle of a record" in caplog.text


@pytest.mark.parametrize("flipped", range(40))
def test_journal_with_a_flipped_bit_loses_one_record_at_most(
    journal: Journal, folder: Path, flipped: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Wherever it is in the record or in what stands before it: those behind it come out, and a loss is told."""
    postings = some_postings(1, 2, 3)
    left = left_behind(folder, postings)
    data = bytearray(left.read_bytes())
    second = data.index(MARK, data.index(MARK) + 1)
    data[second + flipped] ^= 1 << flipped % 8
    left.write_bytes(data)
    journal.adopt()
    is_in_the_mark = flipped < len(MARK)
    assert emptied(journal) == (postings if is_in_the_mark else [postings[0], postings[2]])
    assert journal.lost == (0 if is_in_the_mark else 1)
    assert ("set aside" in caplog.text) is not is_in_the_mark
    assert "middle of a record" not in caplog.text
    assert len(list(folder.glob("*.refused"))) == journal.lost


def test_journal_whose_last_record_is_damaged_keeps_it_aside(journal: Journal, folder: Path) -> None:
    """It is all there, so it is no torn tail: its bytes are kept for a person."""
    postings = some_postings(1, 2)
    left = left_behind(folder, postings)
    data = bytearray(left.read_bytes())
    data[-5] ^= 1
    left.write_bytes(data)
    journal.adopt()
    assert emptied(journal) == postings[:1]
    (aside,) = folder.glob("*.refused")
    assert bytes(data[-50:]) in aside.read_bytes()
    assert journal.lost == 1


def test_journal_that_lost_a_piece_in_its_middle_finds_the_next_record(journal: Journal, folder: Path) -> None:
    """What follows stands nearer than the length says, and is found by its mark."""
    postings = some_postings(1, 2, 3)
    left = left_behind(folder, postings)
    data = left.read_bytes()
    second = data.index(MARK, data.index(MARK) + 1)
    left.write_bytes(data[: second + 60] + data[second + 100 :])
    journal.adopt()
    assert emptied(journal) == [postings[0], postings[2]]
    assert journal.lost == 1


def test_journal_counts_what_it_refuses_once(journal: Journal, folder: Path) -> None:
    """A database that is away makes it read again and again: what is damaged is set aside when the rest is taken."""
    left = left_behind(folder, some_postings(1, 2))
    data = bytearray(left.read_bytes())
    data[-5] ^= 1
    left.write_bytes(data)
    journal.adopt()
    for _ in range(3):
        journal.first(9)
    assert journal.lost == 0
    journal.taken()
    assert journal.lost == 1
    assert len(list(folder.glob("*.refused"))) == 1


def test_journal_finds_a_mark_across_the_edge_of_what_it_reads_at_once(journal: Journal, folder: Path) -> None:
    """A long damage before it: the mark's first bytes are read with one block, its last with the next."""
    left = left_behind(folder, some_postings(1))
    data = left.read_bytes()
    begin = data.index(MARK)
    for shift in range(5):
        left.write_bytes(data[:begin] + bytes(2**20 - shift) + data[begin:])
        one = Journal(folder, is_strict=False)
        one.adopt()
        assert len(emptied(one)) == 1
        assert one.lost == 1
        one.close()


def test_journal_that_ends_within_a_length_is_cut_there(journal: Journal, folder: Path) -> None:
    """Three bytes of what would have been the next record."""
    postings = some_postings(1)
    left = left_behind(folder, postings)
    with left.open("ab") as file:
        file.write(bytes(3))
    journal.adopt()
    assert emptied(journal) == postings


def test_journal_that_cannot_be_begun_leaves_no_file(journal: Journal, folder: Path) -> None:
    """The disk takes the name and not the first line: the next try begins anew."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            journal.put(some_postings(1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(folder.iterdir()) == []
    journal.put(some_postings(1))
    assert not journal.is_empty()


def test_journal_that_is_closed_while_it_waits_is_found_again(folder: Path) -> None:
    """What was adopted and not yet taken goes back to whoever comes next."""
    postings = some_postings(1)
    left_behind(folder, postings)
    for _ in range(2):
        journal = Journal(folder, is_strict=False)
        assert journal.adopt() == 1
        assert journal.first(9) == postings
        journal.close()


def test_journal_with_a_tail_of_zeros_counts_a_loss(journal: Journal, folder: Path) -> None:
    """A file system that lost its power can leave zeros where a record was."""
    postings = some_postings(1)
    left = left_behind(folder, postings)
    with left.open("ab") as file:
        file.write(b"\xff" * 8 + bytes(100))
    journal.adopt()
    assert emptied(journal) == postings
    assert journal.lost == 1


@pytest.mark.parametrize("head", [b"", b"llm-provider"])
def test_journal_whose_head_is_not_whole_is_empty(journal: Journal, folder: Path, head: bytes) -> None:
    """Its process was killed before it had written anything: the file goes."""
    folder.mkdir(parents=True)
    (folder / "1.journal").write_bytes(head)
    assert journal.adopt() == 1
    assert emptied(journal) == []
    assert list(folder.iterdir()) == []


def test_journal_whose_head_is_damaged_gives_its_records(
    journal: Journal, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A flipped bit in the first line costs no row; it is said."""
    postings = some_postings(1, 2)
    left = left_behind(folder, postings)
    data = bytearray(left.read_bytes())
    data[3] ^= 1
    left.write_bytes(data)
    assert journal.adopt() == 1
    assert emptied(journal) == postings
    assert journal.lost == 0
    assert "the head of" in caplog.text


def test_journal_of_another_format_is_left_alone(
    journal: Journal, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A newer version's file waits for that version, and is told of once."""
    folder.mkdir(parents=True)
    (folder / "1.journal").write_bytes(b"llm-provider-service books 9\n" + bytes(50))
    assert journal.adopt() == journal.adopt() == 0
    assert (folder / "1.journal").exists()
    assert caplog.text.count("of another version") == 1


def test_journal_sets_an_unreadable_record_aside(
    journal: Journal, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What is whole but no posting is kept for a person, and the others are not kept out."""
    folder.mkdir(parents=True)
    file = JournalFile.create(folder / "1.journal")
    file.append([b'{"secret": 1}'], is_durable=False)
    file.close()
    postings = some_postings(1)
    journal.adopt()
    journal.put(postings)
    assert emptied(journal) == postings
    (aside,) = folder.glob("*.refused")
    assert b'{"secret": 1}' in aside.read_bytes()
    assert journal.lost == 1
    assert "secret" not in caplog.text
