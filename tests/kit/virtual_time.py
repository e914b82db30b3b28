"""How do timeouts, cooldowns and back-off pass in no real time? On an event loop whose time jumps when it is idle."""

from __future__ import annotations

import asyncio
import random
import selectors
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from app.resilience.clock import Clock

T = TypeVar("T")
EPOCH = datetime(2026, 11, 21, 20, 45, tzinfo=UTC)
START_SECONDS = 10_000.0


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Jumps to the next timer when nothing is ready. A test that waits for what never comes fails at once."""

    def __init__(self) -> None:
        self._seconds = START_SECONDS
        super().__init__(_JumpingSelector(self._jump))

    def time(self) -> float:
        """Seconds of this loop's own time."""
        return self._seconds

    def _jump(self, seconds: float) -> None:
        self._seconds += seconds


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self, jump: Callable[[float], None]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if timeout is None and not events:
            msg = "this waits for something that will never come"
            raise RuntimeError(msg)
        if timeout and not events:
            self._jump(timeout)
        return events


LOOP_FACTORIES: Mapping[str, Callable[[], asyncio.AbstractEventLoop]] = {"virtual": VirtualTimeLoop}


def run(main: Coroutine[Any, Any, T]) -> T:
    """What `main` gives on a virtual-time loop of its own: for property tests, where each example needs one."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)


async def elapse(seconds: float) -> None:
    """So many seconds pass on the running loop."""
    loop = asyncio.get_running_loop()
    passed = loop.create_future()
    # Who waits may be cancelled in the moment in which they have passed.
    timer = loop.call_later(seconds, lambda: passed.done() or passed.set_result(None))
    try:
        await passed
    finally:
        timer.cancel()


def loop_clock(seed: int = 7) -> Clock:
    """The clock of the running loop, with chance that repeats."""
    loop = asyncio.get_running_loop()
    return Clock(
        monotonic=loop.time,
        now=lambda: EPOCH + timedelta(seconds=loop.time() - START_SECONDS),
        sleep=asyncio.sleep,
        rng=random.Random(seed),
    )


class HandClock:
    """A clock that moves only by hand, for code that never waits."""

    def __init__(self) -> None:
        self.seconds = START_SECONDS
        self.clock = Clock(monotonic=lambda: self.seconds, now=lambda: EPOCH, rng=random.Random(7))

    def advance(self, seconds: float) -> None:
        """`seconds` pass."""
        self.seconds += seconds
