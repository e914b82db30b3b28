"""What do so many tokens cost at such rates? Pure, exact, and not rounded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from contracts.chat import Usage

_MILLION = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """US dollars per million tokens of each class, and for the call itself."""

    input: Decimal
    output: Decimal
    cached_input: Decimal
    cache_write: Decimal
    cache_write_1h: Decimal
    reasoning: Decimal
    per_request: Decimal = Decimal(0)

    def usd(self, usage: Usage) -> Decimal | None:
        """What `usage` costs. Each token counts once: cached and cache-written ones are part of the input, reasoning
        of the output. None for counts that contradict each other, as vendors send them now and then.
        """
        fresh = usage.input_tokens - usage.cached_input_tokens - usage.cache_write_tokens
        written = usage.cache_write_tokens - usage.cache_write_1h_tokens
        said = usage.output_tokens - usage.reasoning_tokens
        if fresh < 0 or written < 0 or said < 0:
            return None
        tokens = fresh * self.input + said * self.output
        # Most answers have none of these, and an amount is added at a time.
        if usage.cached_input_tokens:
            tokens += usage.cached_input_tokens * self.cached_input
        if usage.cache_write_tokens:
            tokens += written * self.cache_write + usage.cache_write_1h_tokens * self.cache_write_1h
        if usage.reasoning_tokens:
            tokens += usage.reasoning_tokens * self.reasoning
        return tokens.scaleb(-_MILLION) + self.per_request


@dataclass(frozen=True, slots=True)
class Ladder:
    """Rates by the length of the input: a rung of `steps` holds for all tokens of a call with more input than it says.

    The steps are sorted by that length, and the first is 0 or less.
    """

    steps: tuple[tuple[int, Rates], ...]

    def usd(self, usage: Usage) -> Decimal | None:
        """See `Rates.usd`."""
        rates = self.steps[0][1]
        for longer_than, rung in self.steps[1:]:
            if usage.input_tokens <= longer_than:
                break
            rates = rung
        return rates.usd(usage)
