"""How is what an answer used written? `input_tokens` is what was neither read from a cache nor written to one."""

from __future__ import annotations

from typing import Any

from contracts.chat import Usage


def encode_usage(usage: Usage | None) -> dict[str, Any]:
    """A `usage` object; the dialect has no answer without one, so what nobody counted is 0."""
    counted = usage or Usage()
    fresh = counted.input_tokens - counted.cached_input_tokens - counted.cache_write_tokens
    written: dict[str, Any] = {
        "input_tokens": max(0, fresh),
        "cache_creation_input_tokens": counted.cache_write_tokens,
        "cache_read_input_tokens": counted.cached_input_tokens,
        "output_tokens": counted.output_tokens,
    }
    if for_an_hour := counted.cache_write_1h_tokens:
        written["cache_creation"] = {
            "ephemeral_5m_input_tokens": max(0, counted.cache_write_tokens - for_an_hour),
            "ephemeral_1h_input_tokens": for_an_hour,
        }
    if counted.reasoning_tokens:
        written["output_tokens_details"] = {"thinking_tokens": counted.reasoning_tokens}
    return written
