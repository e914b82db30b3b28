"""What does the collector look at once the process answers?"""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from app.cli.garbage import look_seldom, settle_garbage


@pytest.fixture
def collector() -> Iterator[None]:
    """As it was, afterwards."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


class Circle:
    """Holds itself."""

    def __init__(self, gone: list[bool]) -> None:
        self.own = self
        self.gone = gone

    def __del__(self) -> None:
        self.gone.append(True)


@pytest.mark.usefixtures("collector")
def test_garbage_of_start_up_is_never_looked_at_again() -> None:
    """What was garbage already is gone first."""
    gone: list[bool] = []
    Circle(gone)
    settle_garbage()
    assert gone == [True]
    assert gc.get_freeze_count() > 10_000


@pytest.mark.usefixtures("collector")
def test_garbage_of_later_is_still_found() -> None:
    """Less often, but it goes."""
    look_seldom()
    settle_garbage()
    assert gc.get_threshold()[0] >= 10_000
    gone: list[bool] = []
    Circle(gone)
    kept = [[] for _ in range(20_000)]  # type: list[list[int]]
    assert (gone, len(kept)) == ([True], 20_000)
