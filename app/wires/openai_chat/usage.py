"""What did an answer use and cost, by the vendor's own count?

`prompt_tokens` includes cached tokens and `completion_tokens` includes reasoning tokens, as OpenAI's `CompletionUsage`
type says; DeepSeek counts its cache in `prompt_cache_hit_tokens`. Counts that cannot be true are no counts at all: the
answer is still good, so its usage is left out (and estimated by the engine) instead of failing it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.wires.token_counts import MOST_TOKENS, read_count
from contracts.chat import Usage, new_usage
from contracts.prices import HIGHEST_CALL_USD


def read_usage(data: Mapping[str, Any]) -> Usage | None:
    """The usage in a `usage` object; None when a count is missing, negative or larger than what it is a part of."""
    of_input, of_output = data.get("prompt_tokens_details"), data.get("completion_tokens_details")
    cached = written = reasoning = None
    if isinstance(of_input, dict):
        cached, written = of_input.get("cached_tokens"), of_input.get("cache_write_tokens")
    if isinstance(of_output, dict):
        reasoning = of_output.get("reasoning_tokens")
    cached = cached or data.get("prompt_cache_hit_tokens")
    try:
        input_tokens, output_tokens = data.get("prompt_tokens"), data.get("completion_tokens") or 0
        if type(input_tokens) is not int or not 0 <= input_tokens <= MOST_TOKENS:
            input_tokens = read_count(input_tokens)
        if type(output_tokens) is not int or not 0 <= output_tokens <= MOST_TOKENS:
            output_tokens = read_count(output_tokens)
        # Most say nothing of these.
        cached = read_count(cached) if cached else 0
        reasoning = read_count(reasoning) if reasoning else 0
        written = read_count(written) if written else 0
    except ValueError:
        return None
    if reasoning and data.get("total_tokens") == input_tokens + output_tokens + reasoning:
        # Some compatible servers count reasoning beside the completion; the total says so.
        output_tokens += reasoning
    if cached + written > input_tokens or reasoning > output_tokens:
        return None
    return new_usage(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        total_tokens=input_tokens + output_tokens,
        cached_input_tokens=cached,
        cache_write_tokens=written,
        reasoning_tokens=reasoning,
    )


def read_cost(data: Mapping[str, Any]) -> Decimal | None:
    """The `cost` in USD that a vendor reports, exactly as its digits say; None when it gives none that can be true."""
    cost = data.get("cost")
    if isinstance(cost, bool) or not isinstance(cost, int | Decimal):
        return None
    return Decimal(cost) if 0 <= cost <= HIGHEST_CALL_USD else None
