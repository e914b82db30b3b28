"""What are rows called? UUIDs of version 7 (RFC 9562), as 16 bytes, each greater than the one before.

The last 16 bits of a request's key are zero: its calls have the keys that follow, so that whoever knows the request's
key draws the same ones for its calls, however often the rows are made.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from random import getrandbits

_CALL_BITS = 16
_RANDOM_BITS = 62 - _CALL_BITS
_COUNTER_BITS = 12
_VERSION_AND_VARIANT = 0x7 << 76 | 0b10 << 62


class RowKeys:
    """Draws keys, for one thread. A clock that steps back does not make them smaller.

    `now_ns`: nanoseconds since 1970. Two processes draw the same key with a chance of 2**-46 in one millisecond.
    """

    def __init__(self, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._now_ns = now_ns
        # Milliseconds, and below them a count within the millisecond.
        self._drawn = 0

    def draw(self) -> bytes:
        """The key of one more request."""
        now = self._now_ns() // 1_000_000 << _COUNTER_BITS
        # A count that is full counts on into the next millisecond.
        self._drawn = drawn = now if now > self._drawn else self._drawn + 1
        # A name, no secret: the system's randomness would be 3 µs more.
        chance = getrandbits(_RANDOM_BITS) << _CALL_BITS
        high = drawn >> _COUNTER_BITS << 80 | (drawn & (1 << _COUNTER_BITS) - 1) << 64
        return (high | _VERSION_AND_VARIANT | chance).to_bytes(16)


def call_key(request_key: bytes, number: int) -> bytes:
    """The key of the request's call of this number, from 0."""
    return request_key[:14] + (number + 1).to_bytes(2)
