"""Are tokens and money read exactly, and nonsense left out?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.wires.openai_chat import Quirks, decode_response, read_cost, read_usage
from contracts.calls import Reply
from contracts.chat import Usage


def decoded(usage: bytes) -> Reply:
    body = b'{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"usage":%s}' % usage
    return decode_response(body, provider="row", model="m", quirks=Quirks(reports_cost=True))


@pytest.mark.parametrize(
    "data,usage",
    [
        ({"prompt_tokens": 3, "completion_tokens": 2}, Usage(input_tokens=3, output_tokens=2, total_tokens=5)),
        ({"prompt_tokens": 3}, Usage(input_tokens=3, total_tokens=3)),
        (
            {
                "prompt_tokens": 3,
                "completion_tokens": 2,
                "total_tokens": 9,
                "completion_tokens_details": {"reasoning_tokens": 4},
            },
            Usage(input_tokens=3, output_tokens=6, total_tokens=9, reasoning_tokens=4),
        ),
        ({"prompt_tokens": Decimal("3.0"), "completion_tokens": 1, "prompt_tokens_details": None}, 4),
        ({"prompt_tokens": -1, "completion_tokens": 2}, None),
        ({"prompt_tokens": 10**12, "completion_tokens": 2}, None),
        ({"prompt_tokens": True, "completion_tokens": 2}, None),
        ({"prompt_tokens": "3", "completion_tokens": 2}, None),
        ({"prompt_tokens": Decimal("1.5"), "completion_tokens": 2}, None),
        ({"prompt_tokens": float("nan"), "completion_tokens": 2}, None),
        ({"completion_tokens": 2}, None),
        ({"prompt_tokens": 3, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}, None),
        ({"prompt_tokens": 3, "completion_tokens": 2, "completion_tokens_details": {"reasoning_tokens": 4}}, None),
    ],
)
def test_usage_is_read_or_left_out(data: dict[str, Any], usage: Usage | int | None) -> None:
    """Counts that cannot be true are no counts; those that can are whole."""
    found = read_usage(data)
    assert (found.total_tokens if found is not None and isinstance(usage, int) else found) == usage


def test_untrue_usage_leaves_the_answer_good() -> None:
    """A broken counter costs a warning, not the answer."""
    reply = decoded(b'{"prompt_tokens":-5,"completion_tokens":1}')
    assert (reply.usage, reply.message.text) == (None, "x")
    assert reply.warnings == ("the token counts of row cannot be true and were not taken",)


@pytest.mark.parametrize(
    "cost,wanted",
    [
        (Decimal("0.000000000000123"), Decimal("0.000000000000123")),
        (0, Decimal(0)),
        (-1, None),
        (1000, Decimal(1000)),
        (Decimal("1000.01"), None),
        ("1", None),
        (True, None),
        (None, None),
    ],
)
def test_cost_is_read_by_its_digits(cost: Any, wanted: Decimal | None) -> None:
    """Money is never a binary fraction, and a negative or mad price is none."""
    assert read_cost({"cost": cost}) == wanted


def test_cost_keeps_its_text() -> None:
    """From the wire's digits to the reply nothing is rounded."""
    reply = decoded(b'{"prompt_tokens":1,"completion_tokens":1,"cost":0.1234567890123456789}')
    assert str(reply.cost_usd) == "0.1234567890123456789"
