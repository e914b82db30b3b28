"""What is left of processes that were killed with -9 under load, ten times?"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

from tests.integration.books.opened_books import OpenedBooks, opened
from tests.kit.waiting import until

_ROUNDS = 10
# What was promised, and for how long a busy machine may leave a thread waiting for its turn.
_LOST_SECONDS = 0.1
_BUSY_SECONDS = 0.15


async def test_books_in_strict_mode_have_every_row_that_was_waited_for(database_url: str, tmp_path: Path) -> None:
    """Each has its row and its event, none is there twice, and the sums count what is there."""
    told = await _killed(database_url, tmp_path, "strict")
    async with opened(database_url, tmp_path / "journal") as its:
        booked = await _booked(its)
        waited_for = {number for one in told for number, _ in one["entries"]}
        assert len(waited_for) > _ROUNDS * 50
        assert waited_for - set(booked) == set()
        assert len(booked) == len(set(booked))


async def test_books_in_relaxed_mode_lack_the_last_moment_at_most(database_url: str, tmp_path: Path) -> None:
    """Whatever was appended longer ago than that is there, none twice, and the sums count what is there."""
    told = await _killed(database_url, tmp_path, "relaxed")
    async with opened(database_url, tmp_path / "journal") as its:
        booked = await _booked(its)
        assert len(booked) == len(set(booked)) > _ROUNDS * 50
        missing = [one["killed_at"] - at for one in told for number, at in one["entries"] if number not in set(booked)]
        assert [age for age in missing if age > _LOST_SECONDS + _BUSY_SECONDS] == []


async def test_books_of_processes_killed_while_the_database_is_away_are_in_the_journal(tmp_path: Path) -> None:
    """What was waited for is on disk, and comes into a database later."""
    told = await _killed("postgresql://postgres@127.0.0.1:1/books", tmp_path, "strict", rounds=3)
    async with opened(f"sqlite:///{tmp_path}/state/books.sqlite3", tmp_path / "journal") as its:
        await until(lambda: list((tmp_path / "journal").iterdir()) == [])
        booked = await _booked(its)
        waited_for = {number for one in told for number, _ in one["entries"]}
        assert waited_for - set(booked) == set()
        assert len(booked) == len(set(booked)) > 0


async def _booked(its: OpenedBooks) -> list[int]:
    """Numbers of the entries that are in the database, all of each."""
    await until(lambda: its.journals() == [])
    numbers = [int(row[0].removeprefix("req_")) for row in its.rows("SELECT request_id FROM requests")]
    count = len(numbers)
    assert its.counts() == (count, count, 0, count)
    assert its.sums()[:2] == (count, count)
    return numbers


async def _killed(url: str, folder: Path, mode: str, rounds: int = _ROUNDS) -> list[dict[str, Any]]:
    words = (sys.executable, "-m", "tests.integration.books.nursery", url, str(folder / "journal"), mode, str(rounds))
    process = await asyncio.create_subprocess_exec(*words, stdout=PIPE)
    answer, _ = await process.communicate()
    assert process.returncode == 0
    found: list[dict[str, Any]] = json.loads(answer)
    return found
