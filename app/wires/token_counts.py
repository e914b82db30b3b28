"""Can a number of tokens that a vendor reports be true?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

_MOST_TOKENS = 10**10


def read_count(value: Any) -> int:
    """The whole number in `value`. Raises ValueError for anything that counts no tokens."""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= _MOST_TOKENS or value != int(value):
        msg = "no count"
        raise ValueError(msg)
    return int(value)
