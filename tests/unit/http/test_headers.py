"""Which headers tell about an answer?"""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.http.headers import answer_headers, batch_headers, stream_headers
from contracts import CacheResult, Cost, RateLimitExceededError
from tests.unit.http.fake_service import ANSWER


def test_headers_of_an_answer_tell_all() -> None:
    """Who served, in how many attempts, and where the time went."""
    assert answer_headers(ANSWER) == {
        "x-llm-provider": "local",
        "x-llm-model": "smollm2-135m-instruct",
        "x-llm-attempts": "1",
        "x-llm-cache": "bypass",
        "x-llm-cost-usd": "0",
        "server-timing": "total;dur=413.1, upstream;dur=412.5, overhead;dur=0.6",
    }


@pytest.mark.parametrize(
    "usd,shown", [("0.0000012500", "0.00000125"), ("120", "120"), ("0.1234567890126", "0.123456789013")]
)
def test_headers_cost_is_plain_and_short(usd: str, shown: str) -> None:
    """Money has no exponent and no idle zeros, and keeps twelve decimals."""
    answer = ANSWER.model_copy(update={"cost": Cost(usd=Decimal(usd), source="prices")})
    assert answer_headers(answer)["x-llm-cost-usd"] == shown


def test_headers_unknown_cost_is_absent() -> None:
    """No price known: no header, not a zero."""
    assert "x-llm-cost-usd" not in answer_headers(ANSWER.model_copy(update={"cost": None}))


def test_headers_of_a_stream_are_what_is_known() -> None:
    """A stream's first headers name who began."""
    assert stream_headers(provider="p", model="m", attempts=2, cache=CacheResult.COALESCED) == {
        "x-llm-provider": "p",
        "x-llm-model": "m",
        "x-llm-attempts": "2",
        "x-llm-cache": "coalesced",
    }


def test_headers_of_a_batch_add_up() -> None:
    """All attempts of a batch, failed items' too."""
    failed = RateLimitExceededError("x", attempts=[*ANSWER.attempts, *ANSWER.attempts])
    assert batch_headers([ANSWER, failed], total_ms=12.34) == {
        "x-llm-attempts": "3",
        "x-llm-cache": "bypass",
        "server-timing": "total;dur=12.3",
    }
