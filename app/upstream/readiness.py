"""Has the other side of a connection said anything that nobody has read yet?

`select.poll` gives the interpreter's lock away while it looks, and who looks in the middle of a request then waits for
the thread that took it: 15 to 22 us at the mean, with one at work for 30 of every 230, for a look that takes 0.4. So it
is asked in a way that keeps the lock (0.5 us).
"""

from __future__ import annotations

import ctypes
import select


class _PollFd(ctypes.Structure):
    """`struct pollfd` of POSIX."""

    _fields_ = (("fd", ctypes.c_int), ("events", ctypes.c_short), ("revents", ctypes.c_short))


# A `PyDLL` keeps the lock: here nothing is waited for.
_poll = ctypes.PyDLL(None).poll
_poll.argtypes = (ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int)
_poll.restype = ctypes.c_int


class Readiness:
    """What there is to be read of one open descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._asked = _PollFd(descriptor, select.POLLIN, 0)
        self._place = ctypes.addressof(self._asked)

    def has_news(self) -> bool:
        """Whether bytes are there, or the end; or the descriptor is none any more."""
        return bool(_poll(self._place, 1, 0))
