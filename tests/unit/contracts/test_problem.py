"""How is an error, and how is money, written for a caller?"""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from contracts import (
    Attempt,
    AttemptOutcome,
    Cost,
    FieldError,
    InvalidRequestError,
    LLMServiceStatistics,
    Problem,
    RateLimitExceededError,
    ServiceNotStartedError,
)
from contracts.problem import problem_of


def test_problem_says_all_that_the_error_carries() -> None:
    """Nothing is lost between the error and its document."""
    attempt = Attempt(provider="openai", model="m", outcome=AttemptOutcome.FAILED, status=429, duration_ms=12.5)
    error = RateLimitExceededError(
        "openai limits the rate",
        provider="openai",
        retry_after=1.23456,
        attempts=[attempt],
        request_id="req_1",
        correlation_id="c-1",
        vendor_message="please wait",
    )
    problem = problem_of(error, instance="/process")
    assert json.loads(problem.model_dump_json()) == {
        "type": "urn:llm-provider-service:error:rate_limit_exceeded",
        "title": "Rate limit exceeded",
        "status": 429,
        "detail": "openai limits the rate",
        "instance": "/process",
        "error_type": "rate_limit_exceeded",
        "correlation_id": "c-1",
        "request_id": "req_1",
        "provider": "openai",
        "retry_after": 1.235,
        "attempts": [json.loads(attempt.model_dump_json())],
        "errors": [],
        "usage": None,
        "cost": None,
    }


def test_problem_quotes_the_vendor_only_for_the_callers_fault() -> None:
    """The caller can mend their own request only with the vendor's words."""
    error = InvalidRequestError("openai refused it", vendor_message="bad schema", errors=[_wrong("tools")])
    problem = problem_of(error)
    assert problem.detail == "openai refused it: bad schema"
    assert problem.errors == [_wrong("tools")]


def test_problem_of_a_bare_error_is_whole() -> None:
    """What is not known is null or empty, never missing."""
    problem = problem_of(ServiceNotStartedError())
    assert set(json.loads(problem.model_dump_json())) == set(Problem.model_fields)
    assert (problem.detail, problem.retry_after) == ("Service not started", None)


@pytest.mark.parametrize("text", ["0.000000000001", "12.345678901234", "0"])
def test_money_is_a_number_of_twelve_decimals(text: str) -> None:
    """In JSON; in Python it stays exact."""
    cost = Cost(usd=Decimal(text), source="prices")
    assert cost.usd == Decimal(text)
    assert json.loads(cost.model_dump_json())["usd"] == pytest.approx(float(text), abs=1e-12)
    assert isinstance(json.loads(cost.model_dump_json())["usd"], float)


def test_statistics_need_a_cost() -> None:
    """A sum of money is never left to a default."""
    assert "total_cost_usd" in LLMServiceStatistics.model_json_schema()["required"]


def _wrong(field: str) -> FieldError:
    return FieldError(field=field, message="is wrong")
