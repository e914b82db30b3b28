"""Is the fault of a full disk told once, and steadily, until there is room for more than a single row?

On a real file system that is full: what fits into the last free bytes now and then must not be taken for a recovery.
"""

from __future__ import annotations

import logging
import resource
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.stores.books.database import open_engine
from app.stores.books.journal import Journal
from app.stores.books.posting import Posting
from app.stores.books.retention import Retention
from app.stores.books.row_keys import RowKeys
from app.stores.books.writer import Writer
from contracts.errors import StoreUnavailableError
from tests.integration.books.opened_books import opened
from tests.kit.entries import booked
from tests.kit.virtual_time import HandClock
from tests.kit.waiting import until

_SIZE = "40m"
_KEYS = RowKeys()


class SmallDisk:
    """A folder that can be filled. Who may not mount gets one whose files cannot grow while it is full."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(folder)]
        self._is_mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        self._handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def fill(self) -> None:
        """To the last byte."""
        if not self._is_mounted:
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, self._limits[1]))
            return
        with self._filler.open("ab", buffering=0) as file:
            while True:
                try:
                    file.write(bytes(4096))
                except OSError:
                    return

    def free(self) -> None:
        """There is room again."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)
        self._filler.unlink(missing_ok=True)

    def close(self) -> None:
        """It is gone."""
        self.free()
        signal.signal(signal.SIGXFSZ, self._handler)
        if self._is_mounted:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """One that is nearly empty."""
    made = SmallDisk(tmp_path / "disk")
    yield made
    made.close()


def _group(size: int) -> list[Posting]:
    return [Posting(_KEYS.draw(), booked(number)) for number in range(size)]


@pytest.mark.parametrize("has_journal", [False, True])
def test_writer_on_a_full_disk_is_at_fault_until_there_is_room(
    disk: SmallDisk, tmp_path: Path, caplog: pytest.LogCaptureFixture, has_journal: bool
) -> None:
    """One fault, one warning, whatever a single small write could do; with room it is over, and a loss was told."""
    caplog.set_level(logging.INFO, "app.stores")
    clock = HandClock()
    engine = open_engine(f"sqlite:///{disk.folder}/books.sqlite3", is_strict=True)
    journal = Journal((tmp_path if has_journal else disk.folder) / "journal", is_strict=True)
    writer = Writer(engine, journal, Retention(None), monotonic=clock.clock.monotonic)
    writer.attend()
    assert writer.write(_group(1))
    disk.fill()
    while writer.fault is None:
        writer.write(_group(200))
    faults = set()
    for _ in range(30):
        clock.advance(5.0)
        writer.attend()
        faults.add(writer.fault)
        assert writer.is_stuck is not has_journal
    assert len(faults) == 1
    assert str(faults.pop()).endswith(("has no room left: its disk is full", "its disk fails"))
    disk.free()
    for _ in range(20):
        clock.advance(5.0)
        writer.attend()
    assert writer.fault is None
    assert not writer.is_stuck
    assert writer.write(_group(200))
    said = [record.getMessage() for record in caplog.records]
    assert len([line for line in said if "goes to the journal meanwhile" in line]) == 1
    assert said.count("the database of the books can be written again") == 1
    assert (writer.lost == 0) is has_journal
    writer.close()
    engine.dispose()


async def test_books_on_a_full_disk_refuse_before_anybody_is_asked_when_strict(disk: SmallDisk) -> None:
    """No request is begun while its row could be kept nowhere, however often it is tried; then it is."""
    async with opened(f"sqlite:///{disk.folder}/books.sqlite3", disk.folder / "journal", is_strict=True) as its:
        await its.append([booked()])
        disk.fill()
        refused = None
        while refused is None:
            try:
                await its.append([booked(number) for number in range(50)])
            except StoreUnavailableError as error:
                refused = error
        for _ in range(200):
            with pytest.raises(StoreUnavailableError) as told:
                await its.books.room()
            assert told.value.retry_after == 2.0
            await its.books.flush()
        disk.free()
        await its.is_well()
        await its.books.room()
        await its.append([booked()])


async def test_books_that_are_relaxed_serve_on_a_full_disk_and_count(disk: SmallDisk) -> None:
    """Callers are answered; what found no place is counted, and the rest is in the books."""
    async with opened(f"sqlite:///{disk.folder}/books.sqlite3", disk.folder / "journal") as its:
        disk.fill()
        given = 0
        while not its.books.lost():
            await its.books.room()
            await its.append([booked(number) for number in range(50)])
            given += 50
        disk.free()
        await its.is_well()
        await until(lambda: its.counts()[0] + its.counts()[1] + its.books.lost() == 2 * given)
