"""Does retention delete what is old by a clock that can be believed, and nothing by one that cannot?"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from app.stores.books.database import reading, writing
from app.stores.books.retention import Retention
from tests.kit.records import NOON, request_record
from tests.kit.written_books import WrittenBooks

_HOUR, _DAY, _YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)


class Host:
    """A machine whose wall clock can be wrong; `days` are kept on it."""

    def __init__(self, written: WrittenBooks, days: int = 30) -> None:
        self.wall = NOON
        self._uptime = timedelta()
        self._written = written
        self._days = days
        self.start()

    def start(self) -> None:
        """A process begins."""
        self._retention = Retention(
            self._days,
            monotonic=lambda: self._uptime.total_seconds(),
            now_ns=lambda: int(self.wall.timestamp() * 1e9),
        )

    def run(self, lasting: timedelta) -> None:
        """It deletes when it wants to, for so long."""
        end = self._uptime + lasting
        while self._uptime < end:
            while not self._retention.seconds_to_rest():
                with writing(self._written.engine) as connection:
                    self._retention.step(connection)
            self._uptime, self.wall = self._uptime + _HOUR, self.wall + _HOUR


def _wrote(written: WrittenBooks, *times: datetime) -> None:
    written.write(*(request_record(at=at, request_id=str(number)) for number, at in enumerate(times)))


def _days_left(written: WrittenBooks) -> list[int]:
    """How old the rows are that are still there, at noon of the first day."""
    with reading(written.engine) as connection:
        kept = connection.execute(text("SELECT at_us FROM requests ORDER BY at_us DESC")).scalars().all()
    return [round((NOON.timestamp() - at_us / 1e6) / 86_400) for at_us in kept]


def test_retention_deletes_more_than_a_step_in_one_pass(written: WrittenBooks) -> None:
    """Whoever turns it on sees what is too old go at once."""
    _wrote(written, NOON, *([NOON - 31 * _DAY] * 1_100), NOON - 29 * _DAY)
    Host(written).run(_HOUR)
    assert _days_left(written) == [0, 29]


def test_retention_goes_with_the_days(written: WrittenBooks) -> None:
    """Hour by hour, over a restart too."""
    _wrote(written, NOON, *(NOON - number * _DAY for number in range(1, 30)))
    host = Host(written)
    host.run(5 * _DAY)
    host.start()
    host.run(5 * _DAY)
    assert max(_days_left(written)) == 20


def test_retention_does_not_follow_a_clock_that_leaps_ahead(
    written: WrittenBooks, caplog: pytest.LogCaptureFixture
) -> None:
    """Ten years for three hours cost three days at most, and it is said; back again, it goes on as before."""
    _wrote(written, *(NOON - number * _DAY for number in range(30)))
    host = Host(written)
    host.run(_HOUR)
    with caplog.at_level(logging.WARNING):
        host.wall += 10 * _YEAR
        host.run(3 * _HOUR)
    assert max(_days_left(written)) >= 27
    assert "days ahead of what was last deleted by" in caplog.text
    host.wall -= 10 * _YEAR
    left = _days_left(written)
    host.run(12 * _HOUR)
    assert _days_left(written) == left


def test_retention_that_starts_with_a_wrong_clock_waits(written: WrittenBooks) -> None:
    """A machine that restarts again and again, until its clock is set, deletes nothing meanwhile."""
    _wrote(written, *(NOON - number * _DAY for number in range(30)))
    host = Host(written)
    host.wall += 10 * _YEAR
    for _ in range(40):
        host.start()
        host.run(_HOUR)
    assert len(_days_left(written)) == 30


def test_retention_catches_up_after_a_long_rest(written: WrittenBooks) -> None:
    """A service that was off for months follows the calendar in days."""
    _wrote(written, *(NOON - number * _DAY for number in range(30)))
    host = Host(written)
    host.run(_HOUR)
    host.wall += 60 * _DAY
    host.start()
    host.run(3 * _DAY)
    assert _days_left(written) == []


def test_retention_of_a_clock_that_was_set_back_follows_it(written: WrittenBooks) -> None:
    """What was deleted by a wrong time holds nobody up later."""
    _wrote(written, NOON, NOON - 29 * _DAY)
    host = Host(written)
    host.wall += 20 * _HOUR
    host.run(_HOUR)
    host.wall -= 3 * _DAY
    host.run(5 * _DAY)
    assert _days_left(written) == [0]
