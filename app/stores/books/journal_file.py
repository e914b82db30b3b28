"""How are records kept in one file so that what was once kept is found again, and half of a record is not?

A head that names the format, then for each record its length, its CRC-32 and its bytes. A file belongs to who holds the
lock on it; the kernel lets go of it when the process is gone, however it went.
"""

from __future__ import annotations

import fcntl
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

_HEAD = b"llm-provider-service books 1\n"
_FRAME = struct.Struct(">II")
# Longer ones are taken for damage: they would fill the memory.
LONGEST_RECORD_BYTES = 64 * 2**20


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
        """One that a dead process left; None while its process lives, and for a format that we cannot read.

        Raises OSError.
        """
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        found: Self | None = None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Its process may have died before the head was whole: then nothing follows it.
            if _HEAD.startswith(os.pread(fd, len(_HEAD), 0)):
                found = cls(path, fd, max(os.fstat(fd).st_size, len(_HEAD)))
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
        data = b"".join(_FRAME.pack(len(record), zlib.crc32(record)) + record for record in records)
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

    def first(self, most: int) -> tuple[list[bytes], int]:
        """At most so many of the oldest records, and the place behind them. Raises OSError."""
        records: list[bytes] = []
        place = self._start
        for record in self._records():
            if len(records) == most:
                break
            records.append(record)
            place += _FRAME.size + len(record)
        return records, place

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

    def _records(self) -> Iterator[bytes]:
        """From the oldest on; a tail that is torn is cut off."""
        place = self._start
        while place < self._end:
            record = self._record_at(place)
            if record is None:
                self.lost_bytes += self._end - place
                os.ftruncate(self._fd, place)
                self._end = place
                return
            yield record
            place += _FRAME.size + len(record)

    def _record_at(self, place: int) -> bytes | None:
        frame = os.pread(self._fd, _FRAME.size, place)
        if len(frame) < _FRAME.size:
            return None
        length, checksum = _FRAME.unpack(frame)
        if length > min(LONGEST_RECORD_BYTES, self._end - place):
            return None
        record = os.pread(self._fd, length, place + _FRAME.size)
        return record if len(record) == length and zlib.crc32(record) == checksum else None


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
