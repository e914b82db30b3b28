"""Where do postings wait while the database is away? In files of a folder: one of our own, and those of the dead.

The oldest come out first, in the order in which they were put in. A file is taken away when all of it is in the books.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from app.stores.books.journal_file import ForeignJournalError, JournalFile
from app.stores.books.posting import Posting
from app.stores.books.posting_json import UNENCODABLE, decode_posting, encode_posting

_log = logging.getLogger(__name__)

_ENDING = ".journal"
_REFUSED = ".refused"


class Journal:
    """For one thread. `is_strict`: what `put` returned from is on disk. Makes no file before it needs one.

    `lost`: rows that cannot be told as JSON, and records that were set aside: damaged, or unknown to this version. How
    many rows were in such a record nobody knows, so it counts as one.
    """

    def __init__(self, folder: Path, *, is_strict: bool) -> None:
        self.lost = 0
        self._folder = folder
        self._is_strict = is_strict
        self._own: JournalFile | None = None
        self._adopted: list[JournalFile] = []
        self._foreign: set[Path] = set()
        self._place_behind_first = 0
        self._refused: list[bytes] = []

    def is_empty(self) -> bool:
        """Whether nothing waits in it."""
        return not self._adopted and (self._own is None or self._own.is_empty())

    def put(self, postings: Sequence[Posting]) -> None:
        """Adds `postings`; those that are not what their types say are lost. Raises OSError, and has added none."""
        records = [record for posting in postings if (record := self._encoded(posting)) is not None]
        self._own_file().append(records, is_durable=self._is_strict)

    def try_room(self) -> None:
        """Raises OSError where there is no room for many groups."""
        self._own_file().try_room()

    def first(self, most: int) -> list[Posting]:
        """At most so many of the oldest, which stay in it until `taken` is called; not for an empty journal.

        Raises OSError.
        """
        batch = self._oldest().first(most)
        self._place_behind_first, self._refused = batch.end, batch.damaged
        return [posting for record in batch.records if (posting := self._read(record)) is not None]

    def taken(self) -> None:
        """What `first` gave is in the books; what it could not read is set aside. Raises OSError."""
        file = self._oldest()
        self._refuse(file.path.name)
        file.take(self._place_behind_first)
        if file in self._adopted and file.is_empty():
            if file.lost_bytes:
                _log.warning("%s ended in the middle of a record: %d bytes were cut", file.path.name, file.lost_bytes)
            self._adopted.remove(file)
            file.remove()

    def adopt(self) -> int:
        """Takes the files of processes that are gone; how many."""
        held = {file.path for file in (*self._adopted, self._own) if file is not None}
        found = [path for path in sorted(self._folder.glob(f"*{_ENDING}")) if path not in held]
        adopted = [file for path in found if (file := self._adopted_from(path)) is not None]
        self._adopted += adopted
        return len(adopted)

    def set_aside(self, *records: bytes) -> None:
        """Keeps what cannot be brought into the books, in a file of its own for a person to look at. Raises OSError."""
        file = JournalFile.create(self._path(_REFUSED))
        try:
            file.append(records, is_durable=True)
        finally:
            file.close()

    def close(self) -> None:
        """Lets go of all files; an empty one of ours goes, others are found at the next start. Raises OSError."""
        self._give_up_own()
        while self._adopted:
            self._adopted.pop().close()

    def _oldest(self) -> JournalFile:
        return self._adopted[0] if self._adopted else cast(JournalFile, self._own)

    def _own_file(self) -> JournalFile:
        if self._own is None or not self._own.is_there():
            self._give_up_own()
            self._own = JournalFile.create(self._path(_ENDING))
        return self._own

    def _give_up_own(self) -> None:
        own, self._own = self._own, None
        if own is None:
            return
        if own.is_empty():
            own.remove()
        elif own.is_there():
            own.close()
        else:
            # It has no name any more, but we can still read it.
            self._adopted.append(own)

    def _path(self, ending: str) -> Path:
        return self._folder / f"{time.time_ns():020d}-{os.getpid()}{ending}"

    def _encoded(self, posting: Posting) -> bytes | None:
        try:
            return encode_posting(posting)
        except UNENCODABLE as failure:
            self.lost += posting.rows()
            _log.error("an entry cannot be put into the journal (%s): it is lost", type(failure).__name__)
            return None

    def _read(self, record: bytes) -> Posting | None:
        try:
            return decode_posting(record)
        except ValueError:
            self._refused.append(record)
            return None

    def _refuse(self, name: str) -> None:
        """Only now, once for each: what was not taken is read again."""
        if not self._refused:
            return
        self.set_aside(*self._refused)
        self.lost += len(self._refused)
        _log.error(
            "%d records of %s are damaged or of another version: they are lost to the books, and were set aside as %s",
            len(self._refused),
            name,
            _REFUSED,
        )
        self._refused = []

    def _adopted_from(self, path: Path) -> JournalFile | None:
        try:
            return JournalFile.adopt(path)
        except FileNotFoundError:
            # Another process was quicker, and is through with it.
            pass
        except ForeignJournalError:
            if path not in self._foreign:
                self._foreign.add(path)
                _log.error("%s is of another version, or damaged from end to end: it stays where it is", path.name)
        except OSError as failure:
            _log.warning("%s cannot be opened, and stays where it is: %s", path.name, failure.strerror)
        return None
