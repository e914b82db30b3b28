"""How is a piece of work left at each of its awaits in turn, and as what it awaits is here?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any


class LeftAt(Generator[Any, Any, object]):
    """Drives `work` as its task does, and leaves it at its step `step`.

    `leave` None: it is cancelled in the moment in which what it awaits is here.
    """

    def __init__(self, work: Awaitable[object], step: int, leave: Callable[[], object] | None) -> None:
        self._work = work.__await__()
        self._step = step
        self._leave = leave
        self.steps = 0

    def __await__(self) -> LeftAt:
        """Itself is what is driven."""
        return self

    def send(self, value: Any) -> Any:
        """What it awaits has come."""
        return self.throw(asyncio.CancelledError()) if self._is_late else self._stepped(self._work.send(value))

    def throw(self, error: Any, value: Any = None, at: Any = None) -> Any:
        """What it awaits has failed, or it is cancelled."""
        return self._stepped(self._work.throw(asyncio.CancelledError() if self._is_late else error))

    @property
    def _is_late(self) -> bool:
        return self._leave is None and self.steps == self._step

    def _stepped(self, awaited: Any) -> Any:
        self.steps += 1
        if self._leave is not None and self.steps == self._step:
            asyncio.get_running_loop().call_soon(self._leave)
        return awaited
