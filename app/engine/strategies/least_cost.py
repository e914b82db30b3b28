"""Who answers this request for the least money, as far as that can be told before there is an answer?

By the price of the model that each would serve with, for the request's own length and an answer as long as it allows.
A model without a known price comes after all with one. The embedded model and the mock cost nothing, but come last: a
135M model must never quietly answer for a vendor. An Ollama of the user's own is free and comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from app.engine.estimation import estimated_input
from app.engine.intake import Order
from app.engine.strategies.strategy import Choice
from app.pricing import Tariff
from contracts.calls import Operation
from contracts.chat import Usage
from contracts.providers import ProviderType

# What an answer is taken to be long when its length is not limited, or more generously.
ORDINARY_OUTPUT_TOKENS = 500
_STAND_INS = (ProviderType.LOCAL, ProviderType.MOCK)
_QUARTER_SECONDS = 900
_KNOWN, _UNKNOWN, _STANDS_IN = range(3)


class LeastCost:
    """Remembers nothing of what it chose."""

    def ordered(self, choices: Sequence[Choice], order: Order) -> list[Choice]:
        """The cheapest first."""
        usage = expected_usage(order)
        tokens = _roughly(usage.input_tokens), _roughly(usage.output_tokens)
        quarter = int(order.received_at.timestamp() // _QUARTER_SECONDS)
        return sorted(choices, key=lambda choice: _rank(choice.kind, choice.tariff, *tokens, quarter))

    def chose(self, choices: Sequence[Choice], first: Choice) -> None:
        """Changes nothing."""


def expected_usage(order: Order) -> Usage:
    """The tokens that the request will take, roughly."""
    usage = estimated_input(order.call)
    if order.call.operation is Operation.EMBEDDINGS:
        return usage
    most = order.call.conversation.sampling.max_tokens
    output = ORDINARY_OUTPUT_TOKENS if most is None else min(most, ORDINARY_OUTPUT_TOKENS)
    return replace(usage, output_tokens=output, total_tokens=usage.input_tokens + output)


@lru_cache(maxsize=4096)
def _rank(
    kind: ProviderType, tariff: Tariff, input_tokens: int, output_tokens: int, quarter: int
) -> tuple[int, Decimal]:
    """Remembered for a quarter of an hour: some prices change within the day."""
    if kind in _STAND_INS:
        return _STANDS_IN, Decimal(0)
    at = datetime.fromtimestamp(quarter * _QUARTER_SECONDS, UTC)
    cost = tariff.cost_of(Usage(input_tokens=input_tokens, output_tokens=output_tokens), at=at)
    return (_UNKNOWN, Decimal(0)) if cost is None else (_KNOWN, cost.usd)


def _roughly(tokens: int) -> int:
    """The count by its leading sixteenths: an estimate need be no finer, and so recurs."""
    fine = max(0, tokens.bit_length() - 5)
    return tokens >> fine << fine
