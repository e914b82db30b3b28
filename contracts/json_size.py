"""How large may free JSON in a request be?"""

from __future__ import annotations

import json
from typing import Any

from contracts.broken_rule import BrokenRuleError, Path

MAX_METADATA_BYTES = 16 * 1024


def check_size(value: dict[str, Any], *at: str | int, most_bytes: int) -> None:
    """Refuses what JSON cannot say, and JSON of more than `most_bytes` of UTF-8. Raises BrokenRuleError."""
    try:
        size = len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    except (TypeError, ValueError, RecursionError):
        # Without the cause: it may quote the value.
        raise BrokenRuleError(at, "holds what JSON cannot say") from None
    if size > most_bytes:
        raise _too_large(at, most_bytes)


def check_least_size(value: Any, *at: str | int, most_bytes: int) -> None:
    """Refuses what is larger however it is written, and looks no further than to that: writing takes far longer.

    Raises BrokenRuleError.
    """
    left, stack = most_bytes, [value]
    while stack and left >= 0:
        one = stack.pop()
        if isinstance(one, dict):
            # Two quotes, a colon and a space with each name.
            left -= sum(len(name) + 4 for name in one if isinstance(name, str))
            stack.extend(one.values())
        elif isinstance(one, list | tuple):
            left -= len(one)
            stack.extend(one)
        else:
            left -= len(one) + 2 if isinstance(one, str) else 1
    if left < 0:
        raise _too_large(at, most_bytes)


def _too_large(at: Path, most_bytes: int) -> BrokenRuleError:
    return BrokenRuleError(at, f"is larger than {most_bytes} bytes")
