"""How much time did the machine take away from our processes while a scenario was measured in milliseconds?"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

# What the tightest judge leaves to two processes and an operating system.
LOST_SECONDS = 0.05
_BEAT_SECONDS = 0.01
_KEPT_BEATS = 2**16


class Machine:
    """Beats on a thread, and reads how long processes waited for a processor.

    A beat that comes late shows a machine that stood still for all (a host that runs others, a disk that blocks); the
    wait for a processor shows one that had too much to do.
    """

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._late: deque[tuple[float, float]] = deque(maxlen=_KEPT_BEATS)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="beat", daemon=True)

    def __enter__(self) -> Machine:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def watch(self, *processes: int) -> Callable[[], float]:
        """From now on; the function that it gives says how many seconds were lost until it is called."""
        began = time.monotonic()
        ours = (os.getpid(), *processes)
        before = _waits(ours)

        def lost() -> float:
            late = sum(seconds for at, seconds in tuple(self._late) if at >= began)
            late += max(0.0, time.monotonic() - self._last - 2 * _BEAT_SECONDS)
            waits = (now - then for now, then in zip(_waits(ours), before, strict=True))
            return max(late, *waits)

        return lost

    def _beat(self) -> None:
        self._last = time.monotonic()
        while not self._ended.wait(_BEAT_SECONDS):
            now = time.monotonic()
            if (late := now - self._last - _BEAT_SECONDS) > _BEAT_SECONDS:
                self._late.append((now, late))
            self._last = now


def _waits(processes: Sequence[int]) -> list[float]:
    """Seconds that each process's first thread, its event loop, was ready and had no processor; 0 where untold."""
    return [_wait(Path(f"/proc/{process}/schedstat")) for process in processes]


def _wait(file: Path) -> float:
    try:
        return int(file.read_text().split()[1]) / 1e9
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
