"""What did an answer use, by the vendor's own count?

`promptTokenCount` includes cached tokens; results of the vendor's own tools count beside it. `candidatesTokenCount`
does not include thoughts (google-genai, `GenerateContentResponseUsageMetadata`). Counts that cannot be true are no
counts at all: the usage is left out, and estimated by the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.token_counts import read_count
from contracts.chat import Usage


def read_usage(data: Mapping[str, Any]) -> Usage | None:
    """The usage in a `usageMetadata` object; None when a count is impossible or the prompt's is missing."""
    try:
        return _usage(data)
    except ValueError:
        return None


def _usage(data: Mapping[str, Any]) -> Usage:
    prompt = read_count(data.get("promptTokenCount"))
    input_tokens = prompt + read_count(data.get("toolUsePromptTokenCount") or 0)
    reasoning = read_count(data.get("thoughtsTokenCount") or 0)
    output_tokens = read_count(data.get("candidatesTokenCount") or 0) + reasoning
    cached = read_count(data.get("cachedContentTokenCount") or 0)
    if cached > prompt:
        msg = "a part is larger than the whole"
        raise ValueError(msg)
    return Usage(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        total_tokens=input_tokens + output_tokens,
        cached_input_tokens=cached,
        reasoning_tokens=reasoning,
    )
