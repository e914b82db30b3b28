"""Are the figures of memory those of this process and machine?"""

from __future__ import annotations

import os

import psutil
import pytest

from app.engine.health import MEGABYTE, Health
from app.engine.statistics import Statistics
from tests.kit.virtual_time import HandClock


def test_memory_figures_are_this_process_and_machine() -> None:
    """MB of 2^20 bytes, as psutil sees them, and percent of the machine."""
    clock = HandClock().clock
    memory = Health(Statistics(clock), clock).memory()
    process, machine = psutil.Process(os.getpid()), psutil.virtual_memory()
    assert memory.rss == pytest.approx(process.memory_info().rss / MEGABYTE, rel=0.05)
    assert memory.vms >= memory.rss
    assert memory.percent == pytest.approx(100 * memory.rss / memory.total, abs=0.05)
    assert memory.total == round(machine.total / MEGABYTE, 1)
    assert 0 < memory.available <= memory.total
    assert memory.limit is None or 0 < memory.limit < memory.total
