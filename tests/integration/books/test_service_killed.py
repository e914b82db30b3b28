"""Is every answer of a real service in its books, when its process is killed with -9 or asked to end under load?"""

from __future__ import annotations

import signal
from pathlib import Path

from tests.integration.books.killed_service import check, ended_under_load

_ROUNDS = 3
_FEWEST_ANSWERS = 40


async def test_service_killed_in_strict_mode_has_a_row_for_every_answer(database_url: str, tmp_path: Path) -> None:
    """Plain ones that were read whole, and streams whose `done` was read, over several lives of the process."""
    answered: list[str] = []
    for _ in range(_ROUNDS):
        answered += await ended_under_load(tmp_path, database_url, signal.SIGKILL, "strict")
    assert len(answered) >= _ROUNDS * _FEWEST_ANSWERS
    assert await check(tmp_path, database_url, answered) >= len(answered)


async def test_service_asked_to_end_writes_all_rows(database_url: str, tmp_path: Path) -> None:
    """In relaxed mode too: nothing that was answered is left behind."""
    answered = await ended_under_load(tmp_path, database_url, signal.SIGTERM, "relaxed")
    assert len(answered) >= _FEWEST_ANSWERS
    assert await check(tmp_path, database_url, answered) >= len(answered)
