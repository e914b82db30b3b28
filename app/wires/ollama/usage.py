"""How many tokens did an answer use, by Ollama's own count?

`prompt_eval_count` is the whole prompt and `prompt_eval_cached_count`, of newer servers, the part of it that was
cached; `eval_count` includes what was thought, which is not counted apart (docs.ollama.com/api/chat). Old servers left
out the count of a prompt that was cached whole: then there is no usage, and the engine estimates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.token_counts import read_count
from contracts.chat import Usage


def read_usage(data: Mapping[str, Any]) -> Usage | None:
    """The usage in the last line of a reply; None when a count is missing or cannot be true."""
    try:
        input_tokens = read_count(data.get("prompt_eval_count"))
        output_tokens = read_count(data.get("eval_count", 0))
        cached = read_count(data.get("prompt_eval_cached_count", 0))
    except ValueError:
        return None
    if cached > input_tokens:
        return None
    return Usage(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        total_tokens=input_tokens + output_tokens,
        cached_input_tokens=cached,
    )
