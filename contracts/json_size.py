"""How large may free JSON in a request be?"""

from __future__ import annotations

import json
from typing import Any

from contracts.broken_rule import BrokenRuleError

MAX_METADATA_BYTES = 16 * 1024


def check_size(value: dict[str, Any], *at: str | int, most_bytes: int) -> None:
    """Refuses what JSON cannot say, and JSON of more than `most_bytes` of UTF-8. Raises BrokenRuleError."""
    try:
        size = len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    except (TypeError, ValueError, RecursionError):
        # Without the cause: it may quote the value.
        raise BrokenRuleError(at, "holds what JSON cannot say") from None
    if size > most_bytes:
        raise BrokenRuleError(at, f"is larger than {most_bytes} bytes")
