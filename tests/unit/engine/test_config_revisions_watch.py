"""Is a change seen within a second, an absent database waited for quietly, and does the task end with the watch?"""

from __future__ import annotations

import asyncio
import logging

import pytest

from app.engine.config_watch import ConfigWatch
from contracts import StoreUnavailableError
from tests.kit.virtual_time import elapse, loop_clock


class Looking:
    """Remembers when it was asked to look, and raises what it is told to."""

    def __init__(self) -> None:
        self.at: list[float] = []
        self.fault: Exception | None = None

    async def __call__(self) -> None:
        """A look."""
        self.at.append(asyncio.get_running_loop().time())
        if self.fault is not None:
            raise self.fault


@pytest.fixture
def looking() -> Looking:
    """Well."""
    return Looking()


async def test_watch_looks_at_its_start_and_twice_a_second(looking: Looking) -> None:
    """Not more often: it costs a question each time."""
    watch = ConfigWatch((looking,), loop_clock())
    await watch.start()
    assert len(looking.at) == 1
    await elapse(10.1)
    assert len(looking.at) == 21
    await watch.aclose()


async def test_watch_ends(looking: Looking) -> None:
    """Nothing is left behind; a second end, and one before a start, do nothing."""
    watch = ConfigWatch((looking,), loop_clock())
    await watch.aclose()
    await watch.start()
    await watch.aclose()
    await watch.aclose()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    await elapse(2)
    assert len(looking.at) == 1


async def test_watch_waits_quietly_for_its_database(looking: Looking, caplog: pytest.LogCaptureFixture) -> None:
    """From its start on: one line when it goes, one when it is back, and then it goes again."""
    caplog.set_level(logging.INFO)
    watch = ConfigWatch((looking,), loop_clock())
    for fault in (StoreUnavailableError("it is away"), None, StoreUnavailableError("it is away"), None):
        looking.fault = fault
        if not looking.at:
            await watch.start()
        await elapse(5)
    lines = [record.getMessage() for record in caplog.records]
    away = "configuration and keys: changes in other processes are not seen meanwhile: it is away"
    assert lines == [away, "configuration and keys: changes in other processes are seen again"] * 2
    await watch.aclose()


async def test_watch_survives_a_defect(looking: Looking, caplog: pytest.LogCaptureFixture) -> None:
    """It is told, with its trace, and half a second later somebody looks again."""
    watch = ConfigWatch((looking,), loop_clock())
    await watch.start()
    looking.fault = RuntimeError("a defect")
    await elapse(0.6)
    looking.fault = None
    await elapse(1)
    (record,) = caplog.records
    assert (record.levelno, record.exc_info is not None) == (logging.ERROR, True)
    assert len(looking.at) == 4
    await watch.aclose()
    assert asyncio.all_tasks() == {asyncio.current_task()}
