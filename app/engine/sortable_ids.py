"""Which id does something new get? A UUID of version 7: its first digits are its time, so that rows sort by it."""

from __future__ import annotations

import os
from datetime import datetime
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_RANDOM_BITS = (1 << 76) - 1 & ~(0x3 << 62)


def sortable_id(at: datetime) -> str:
    """A fresh id of the millisecond `at`, as text."""
    return text_of(at, int.from_bytes(os.urandom(10), "big"))


def text_of(at: datetime, chance: int) -> str:
    """The id of that millisecond with `chance` for what is random in it; of `chance` 74 bits count."""
    milliseconds = int(at.timestamp() * 1000)
    return str(UUID(int=(milliseconds << 80) | _VERSION_7 | _VARIANT | (chance & _RANDOM_BITS)))
