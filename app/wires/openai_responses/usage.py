"""What did an answer use, by the vendor's own count?

SDK type ResponseUsage: `input_tokens` includes cached tokens and `output_tokens` includes reasoning tokens. It is the
count of /chat/completions under other names, so it is read by the same rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires import openai_chat
from contracts.chat import Usage


def read_usage(data: Mapping[str, Any]) -> Usage | None:
    """The usage in a `usage` object; None when a count is missing, negative or larger than what it is a part of."""
    return openai_chat.read_usage(
        {
            "prompt_tokens": data.get("input_tokens"),
            "completion_tokens": data.get("output_tokens"),
            "total_tokens": data.get("total_tokens"),
            "prompt_tokens_details": data.get("input_tokens_details"),
            "completion_tokens_details": data.get("output_tokens_details"),
        }
    )
