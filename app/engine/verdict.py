"""After which errors the next candidate is tried, and which of several errors the caller is told."""

from __future__ import annotations

from collections.abc import Sequence

from app.resilience.admission import RowFullError, RowPacedError
from contracts.config import LLMProviderConfig
from contracts.errors import (
    CircuitOpenError,
    ContentPolicyError,
    ContextLengthExceededError,
    InvalidRequestError,
    LLMProviderError,
    LLMTimeoutError,
    ModelNotFoundError,
    RateLimitExceededError,
)
from contracts.fault import Fault


def goes_on(error: LLMProviderError, config: LLMProviderConfig, *, is_rest: bool = False) -> bool:
    """Whether the next candidate is tried; a caller's own fault goes straight back, with some exceptions.

    What one vendor cannot be told was never sent to it: another may be able to take it. `is_rest`: asked was the rest
    of an answer, so what is wrong with that is not what the caller sent, which somebody had begun to answer.
    """
    if is_rest and isinstance(error, InvalidRequestError):
        return True
    if isinstance(error, ContentPolicyError):
        return config.fallback_on_content_policy
    if isinstance(error, ContextLengthExceededError | ModelNotFoundError) or not error.was_sent:
        return True
    return error.fault is Fault.PROVIDER


def most_telling(errors: Sequence[LLMProviderError]) -> LLMProviderError:
    """Caller's fault first, then rate limit, timeout, the rest; what only did not suit last. First of equals wins."""
    return min(errors, key=_rank)


def is_only_a_wait(errors: Sequence[LLMProviderError]) -> bool:
    """Whether all that is wrong passes by waiting: every candidate rests, is full, or its circuit is open."""
    return all(isinstance(error, RateLimitExceededError | CircuitOpenError | RowFullError) for error in errors)


def _rank(error: LLMProviderError) -> int:
    is_ours = isinstance(error, RowFullError | RowPacedError)
    if isinstance(error, ModelNotFoundError) or (not error.was_sent and not is_ours):
        return 5
    if error.fault is Fault.CALLER:
        return 0
    if isinstance(error, RateLimitExceededError):
        return 1
    if isinstance(error, LLMTimeoutError):
        return 2
    return 4 if isinstance(error, CircuitOpenError | RowFullError) else 3
