"""How are records kept in one file so that what was once kept is found again, and half of a record is not?

A head that names the format, then the records, each by itself (`journal_record`): what is damaged is told from what
stands behind it. A file belongs to who holds the lock on it; the kernel lets go of it when the process is gone, however
it went.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Self

from app.stores.books.journal_record import Condition, Piece, framed, mark_from, piece_at

_log = logging.getLogger(__name__)

_HEAD = b"llm-provider-service books 2\n"
_ROOM_BYTES = 4 * 2**20


class ForeignJournalError(Exception):
    """A file that nothing of ours stands in: another version's, or one whose every part was damaged."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The oldest of a file: its records, what of it was damaged, and the place behind both."""

    records: list[bytes] = field(repr=False)
    damaged: list[bytes] = field(repr=False)
    end: int


class JournalFile:
    """An open, locked file. `lost_bytes`: the torn tail that was cut when it was read."""

    def __init__(self, path: Path, fd: int, end: int) -> None:
        self.path = path
        self.lost_bytes = 0
        self._fd = fd
        self._start = len(_HEAD)
        self._end = end

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new, empty one, that only its owner may read. Raises OSError."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            # Who finds it before it is locked takes it for a dead process's, and removes it: then another is made.
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _write_all(fd, _HEAD, 0)
            os.fsync(fd)
            _sync_folder(path.parent)
        except BaseException:
            os.close(fd)
            with suppress(OSError):
                path.unlink()
            raise
        return cls(path, fd, len(_HEAD))

    @classmethod
    def adopt(cls, path: Path) -> Self | None:
        """One that a dead process left; None while its process lives. Raises OSError, and ForeignJournalError."""
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        found: Self | None = None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            end = os.fstat(fd).st_size
            _check_head(path, fd, end)
            found = cls(path, fd, max(end, len(_HEAD)))
        except BlockingIOError:
            # It is locked: found stays None.
            pass
        finally:
            if found is None:
                os.close(fd)
        return found

    def is_empty(self) -> bool:
        """Whether all was taken."""
        return self._start >= self._end

    def is_there(self) -> bool:
        """Whether it can still be found: a file that somebody removed would be lost with this process."""
        try:
            return os.fstat(self._fd).st_ino == self.path.stat().st_ino
        except OSError:
            return False

    def append(self, records: Sequence[bytes], *, is_durable: bool) -> None:
        """Adds all of `records`, or none. `is_durable`: they are on disk then. Raises OSError."""
        data = b"".join(map(framed, records))
        try:
            _write_all(self._fd, data, self._end)
            if is_durable:
                os.fsync(self._fd)
        except OSError:
            # What is left of it lies behind the end, and is overwritten by what comes next.
            with suppress(OSError):
                os.ftruncate(self._fd, self._end)
            raise
        self._end += len(data)

    def try_room(self) -> None:
        """Writes as much as many records behind the last, and gives the room back. Raises OSError."""
        try:
            _write_all(self._fd, bytes(_ROOM_BYTES), self._end)
        finally:
            os.ftruncate(self._fd, self._end)

    def first(self, most: int) -> Batch:
        """At most so many of the oldest. Raises OSError."""
        pieces = list(islice(self._pieces(), most))
        records = [piece.data for piece in pieces if piece.condition is Condition.WHOLE]
        damaged = [piece.data for piece in pieces if piece.condition is Condition.DAMAGED]
        return Batch(records, damaged, pieces[-1].end if pieces else self._start)

    def take(self, place: int) -> None:
        """Those before `place` are no longer needed. Raises OSError."""
        self._start = place
        if self.is_empty():
            os.ftruncate(self._fd, len(_HEAD))
            self._start = self._end = len(_HEAD)

    def close(self) -> None:
        """Lets go of it: another process may adopt it."""
        os.close(self._fd)

    def remove(self) -> None:
        """Takes the file away. Raises OSError."""
        try:
            self.path.unlink(missing_ok=True)
        finally:
            self.close()

    def _pieces(self) -> Iterator[Piece]:
        """From the oldest on; a tail that is torn is cut off."""
        place = self._start
        while place < self._end:
            piece = piece_at(self._read, place, self._end)
            if piece.condition is Condition.TORN:
                self.lost_bytes += self._end - place
                os.ftruncate(self._fd, place)
                self._end = place
                return
            yield piece
            place = piece.end

    def _read(self, place: int, size: int) -> bytes:
        return os.pread(self._fd, size, place)


def _check_head(path: Path, fd: int, end: int) -> None:
    head = os.pread(fd, len(_HEAD), 0)
    # Its process may have died before the head was whole: then nothing follows it.
    if _HEAD.startswith(head):
        return
    if mark_from(lambda place, size: os.pread(fd, size, place), 0, end) is None:
        raise ForeignJournalError
    _log.error("the head of %s is damaged: its records are looked for all the same", path.name)


def _write_all(fd: int, data: bytes, place: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(fd, view, place)
        view, place = view[written:], place + written


def _sync_folder(folder: Path) -> None:
    """Or a lost machine could forget the file's name."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
