"""Which errors end a chain, and which one is told?"""

from __future__ import annotations

import pytest

from app.engine.verdict import goes_on, is_only_a_wait, most_telling
from app.resilience.admission import RowFullError, RowPacedError
from contracts.config import LLMProviderConfig
from contracts.errors import (
    AuthenticationError,
    CircuitOpenError,
    ContentPolicyError,
    ContextLengthExceededError,
    InternalError,
    InvalidRequestError,
    LLMProviderError,
    LLMTimeoutError,
    ModelNotFoundError,
    ProviderProtocolError,
    ProviderUnavailableError,
    QuotaExceededError,
    RateLimitExceededError,
)

GOING_ON = (
    AuthenticationError,
    CircuitOpenError,
    ContextLengthExceededError,
    LLMTimeoutError,
    ModelNotFoundError,
    ProviderProtocolError,
    ProviderUnavailableError,
    QuotaExceededError,
    RateLimitExceededError,
)


@pytest.mark.parametrize("kind", GOING_ON)
def test_verdict_goes_on_after(kind: type[LLMProviderError]) -> None:
    """After a vendor's fault, a model it lacks or a window too small, the next candidate is tried."""
    assert goes_on(kind(), LLMProviderConfig())


@pytest.mark.parametrize("kind", [InvalidRequestError, ContentPolicyError, InternalError])
def test_verdict_goes_straight_back_after(kind: type[LLMProviderError]) -> None:
    """A caller's fault, a refused content and a defect of ours are returned at once."""
    assert not goes_on(kind(), LLMProviderConfig())


def test_verdict_content_policy_is_configured() -> None:
    """`fallback_on_content_policy` sends a refused content on."""
    assert goes_on(ContentPolicyError(), LLMProviderConfig(fallback_on_content_policy=True))


def test_verdict_ranks_errors() -> None:
    """Caller, rate limit, timeout, the rest, open circuits, unknown model; the first of equals."""
    ranked: list[LLMProviderError] = [
        ContextLengthExceededError(),
        RateLimitExceededError(),
        LLMTimeoutError(),
        ProviderProtocolError("first"),
        AuthenticationError("second"),
        CircuitOpenError(),
        ModelNotFoundError(),
    ]
    for index, error in enumerate(ranked):
        assert most_telling(ranked[index:]) is error
    assert most_telling([*ranked[4:], *ranked[:3]]) is ranked[0]
    assert most_telling([ranked[6], ranked[5], ranked[4], ranked[3]]) is ranked[4]


def test_verdict_ranks_our_own_limits() -> None:
    """A row out of its minute is a rate limit; a full one tells less than a vendor's failure, more than no model."""
    unsendable = ProviderUnavailableError()
    unsendable.was_sent = False
    ranked = [_unsent(RowPacedError()), LLMTimeoutError(), ProviderUnavailableError(), _unsent(RowFullError())]
    for index, error in enumerate(ranked):
        assert most_telling([unsendable, ModelNotFoundError(), *ranked[index:]]) is error


def _unsent(error: LLMProviderError) -> LLMProviderError:
    error.was_sent = False
    return error


@pytest.mark.parametrize(
    "errors,is_wait",
    [
        ([RateLimitExceededError(), CircuitOpenError(), QuotaExceededError()], True),
        ([RowFullError(), RowPacedError()], True),
        ([RateLimitExceededError(), ProviderUnavailableError()], False),
    ],
)
def test_verdict_knows_when_waiting_is_all(errors: list[LLMProviderError], is_wait: bool) -> None:
    """Only limits and open circuits pass by themselves."""
    assert is_only_a_wait(errors) is is_wait
