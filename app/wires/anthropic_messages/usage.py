"""What did an answer use, by the vendor's own count?

SDK type Usage: all input is `input_tokens` + `cache_creation_input_tokens` + `cache_read_input_tokens`; `output_tokens`
includes thinking; `cache_creation` says for how long what was written is kept, which has its price. In a stream
`message_delta` counts from the beginning, and fields that it leaves out stay as `message_start` gave them. Counts that
cannot be true are no counts: the answer is still good.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.token_counts import read_count
from contracts.chat import Usage, new_usage


def read_usage(data: Mapping[str, Any]) -> Usage | None:
    """The usage in a `usage` object; None when a count cannot be true."""
    details = data.get("output_tokens_details")
    thinking = details.get("thinking_tokens") if isinstance(details, Mapping) else None
    lives = data.get("cache_creation")
    for_an_hour = lives.get("ephemeral_1h_input_tokens") if isinstance(lives, Mapping) else None
    try:
        fresh, output = read_count(data.get("input_tokens")), read_count(data.get("output_tokens"))
        read = read_count(data.get("cache_read_input_tokens") or 0)
        written = read_count(data.get("cache_creation_input_tokens") or 0)
        written_1h = read_count(for_an_hour or 0)
        reasoning = read_count(thinking or 0)
    except ValueError:
        return None
    if reasoning > output or written_1h > written:
        return None
    return new_usage(
        input_tokens=fresh + read + written,
        output_tokens=output,
        total_tokens=fresh + read + written + output,
        cached_input_tokens=read,
        cache_write_tokens=written,
        cache_write_1h_tokens=written_1h,
        reasoning_tokens=reasoning,
    )
