"""Can the tokens and the price of something that is kept be true?"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from app.ports import Kept
from contracts.chat import Usage

MOST_TOKENS = 10**9
MOST_USD = 10**6


def check_numbers(kept: Kept) -> None:
    """Raises ValueError when they cannot."""
    tokens_are_some = all(0 <= count <= MOST_TOKENS for count in _tokens(kept))
    if not (tokens_are_some and all(0 <= usd <= MOST_USD for usd in _prices(kept))):
        msg = "its tokens or its price are none"
        raise ValueError(msg)


def _tokens(kept: Kept) -> Iterator[int]:
    for usage in (kept.usage, kept.reply.usage):
        if usage is not None:
            yield from _counts(usage)


def _counts(usage: Usage) -> tuple[int, ...]:
    return (
        usage.input_tokens,
        usage.output_tokens,
        usage.total_tokens,
        usage.cached_input_tokens,
        usage.cache_write_tokens,
        usage.cache_write_1h_tokens,
        usage.reasoning_tokens,
    )


def _prices(kept: Kept) -> Iterator[Decimal]:
    if kept.cost is not None:
        yield kept.cost.usd
    if kept.reply.cost_usd is not None:
        yield kept.reply.cost_usd
