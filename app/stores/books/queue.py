"""Where does what is to be posted wait for the writer's thread, and when is that woken?

The caller's side never blocks and takes no lock: a deque and flags, which CPython changes one at a time.
"""

from __future__ import annotations

from collections import deque
from threading import Event
from typing import Generic, TypeVar

T = TypeVar("T")

# One transaction writes so many at most.
GROUP = 1000


class PostingQueue(Generic[T]):
    """One thread puts in, another takes out. `linger_seconds`: how long the first of a group waits for others.

    `waiting`: what was put in and not yet taken, to be looked at only.
    """

    def __init__(self, linger_seconds: float) -> None:
        self._linger_seconds = linger_seconds
        self.waiting: deque[T] = deque()
        self._is_writer_asleep = False
        self._woken = Event()
        self._is_hurried = Event()

    def __len__(self) -> int:
        return len(self.waiting)

    def put(self, one: T) -> None:
        """Adds it, and wakes the writer if it sleeps."""
        self.waiting.append(one)
        if self._is_writer_asleep:
            # Once for many: until it is awake there is no use in waking it again.
            self._is_writer_asleep = False
            self._woken.set()

    def hurry(self) -> None:
        """What waits is taken at once."""
        self._is_hurried.set()
        self._woken.set()

    def wait(self, seconds: float) -> None:
        """Returns when there is a group to take, was hurried, or after `seconds` without one; at once for 0."""
        if seconds <= 0:
            return
        self._sleep(seconds)
        if self.waiting and len(self.waiting) < GROUP:
            self._is_hurried.wait(self._linger_seconds)

    def take(self) -> list[T]:
        """The oldest, at most a group."""
        self._is_hurried.clear()
        return [self.waiting.popleft() for _ in range(min(len(self.waiting), GROUP))]

    def _sleep(self, seconds: float) -> None:
        self._woken.clear()
        self._is_writer_asleep = True
        # Looked at after the flag was raised, or one that was put in between would be slept over.
        if not self.waiting and not self._is_hurried.is_set():
            self._woken.wait(min(seconds, 3600.0))
        self._is_writer_asleep = False
