"""What is left behind when all is over: open calls, open files, tracebacks, an exit code?"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from tests.chaos.scenario import Seen, pass_time
from tests.chaos.scorecard import Result
from tests.chaos.service import Service, open_files, resident_mb

_SETTLE_SECONDS = 2.0
# Idle connections that a pool keeps are no leak.
_MOST_MORE_FILES = 200


class House:
    """A service's house: made when it has started, settled when all scenarios are over, judged when it has ended."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._files = open_files(service.pid)
        self._flaws: list[str] = []
        self._shown = ""

    async def settle(self, left_open: Callable[[], Awaitable[list[Seen]]]) -> None:
        """Gives what was given up a moment to end, and looks around."""
        until = time.monotonic() + _SETTLE_SECONDS
        while (left := await left_open()) and time.monotonic() < until:
            await pass_time(0.1)
        if left:
            rows = sorted({f"{one['row']}/{one['fault']}" for one in left})
            self._flaws.append(f"{len(left)} calls are still open: {', '.join(rows[:5])}")
        more = open_files(self._service.pid) - self._files
        if more > _MOST_MORE_FILES:
            self._flaws.append(f"{more} more files are open than before")
        self._shown = f"{more:+d} open files, {resident_mb(self._service.pid):.0f} MB"

    def result(self, name: str, exit_code: int) -> Result:
        """How it was left."""
        defects = [f"its log says {line}" for line in self._service.defects()[:3]]
        return Result(
            name=name,
            told="No call left open, no leaked connection, no traceback, exit code 0.",
            rules=(20,),
            public=None,
            saw=self._shown,
            attempts="",
            seconds=0.0,
            flaws=(*self._flaws, *defects, *([f"exit code {exit_code}"] if exit_code else [])),
        )
