"""What is put into a journal, what comes out, and what a process that is gone leaves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.stores.books.journal import Journal
from app.stores.books.posting import Posting
from app.stores.books.row_keys import RowKeys
from tests.kit.entries import booked

_KEYS = RowKeys()


def some_postings(*numbers: int) -> list[Posting]:
    """One for each number."""
    return [Posting(_KEYS.draw(), booked(number)) for number in numbers]


def emptied(journal: Journal, most: int = 100) -> list[Posting]:
    """All that is in it, taken out `most` at a time."""
    found: list[Posting] = []
    while not journal.is_empty():
        found += journal.first(most)
        journal.taken()
    return found


def left_behind(folder: Path, postings: Sequence[Posting]) -> Path:
    """The journal of a process that is gone."""
    journal = Journal(folder, is_strict=False)
    journal.put(postings)
    journal.close()
    (left,) = folder.glob("*.journal")
    return left
