"""How large may free JSON in a request be?"""

from __future__ import annotations

import json
from typing import Any

from contracts.broken_rule import BrokenRuleError, Path

MAX_METADATA_BYTES = 16 * 1024


def check_size(value: dict[str, Any], *at: str | int, most_bytes: int) -> None:
    """Refuses what JSON cannot say, and JSON of more than `most_bytes` of UTF-8. Raises BrokenRuleError."""
    if not value:
        # As in most requests.
        return
    try:
        size = len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    except (TypeError, ValueError, RecursionError):
        # Without the cause: it may quote the value.
        raise BrokenRuleError(at, "holds what JSON cannot say") from None
    if size > most_bytes:
        raise _too_large(at, most_bytes)


def check_least_size(value: dict[str, Any], *at: str | int, most_bytes: int) -> None:
    """Refuses JSON that is larger however it is written, and looks no further than to that: writing takes far longer.

    Raises BrokenRuleError.
    """
    left = most_bytes
    unread: list[dict[str, Any] | list[Any]] = [value]
    for one in unread:
        # Two quotes, a colon and a space with each name; a comma or a bracket with each item.
        left -= sum(map(len, one), 4 * len(one)) if isinstance(one, dict) else len(one)
        for below in one.values() if isinstance(one, dict) else one:
            if isinstance(below, str):
                left -= len(below) + 2
            elif isinstance(below, dict | list):
                unread.append(below)
            else:
                left -= 1
        if left < 0:
            raise _too_large(at, most_bytes)


def _too_large(at: Path, most_bytes: int) -> BrokenRuleError:
    return BrokenRuleError(at, f"is larger than {most_bytes} bytes")
