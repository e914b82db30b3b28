"""Which error of our tree does a vendor's error become, and in which words? What all wires' tables are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.errors import (
    AuthenticationError,
    ContentPolicyError,
    ContextLengthExceededError,
    InvalidRequestError,
    LLMProviderError,
    ModelNotFoundError,
    ProviderProtocolError,
    ProviderUnavailableError,
    QuotaExceededError,
    RateLimitExceededError,
)


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """An error of our tree and the fact that it states: `openai <fact> (429, insufficient_quota)`."""

    error: type[LLMProviderError]
    fact: str
    covers_row: bool = True


CONTEXT = ErrorClass(ContextLengthExceededError, "found the conversation too long for the model")
CONTENT_POLICY = ErrorClass(ContentPolicyError, "refused the content")
BAD_KEY = ErrorClass(AuthenticationError, "refused the service's key")
FORBIDDEN = ErrorClass(AuthenticationError, "does not allow the service's key to do this", covers_row=False)
QUOTA = ErrorClass(QuotaExceededError, "has no quota or credit left for the service's key")
RATE = ErrorClass(RateLimitExceededError, "limits the rate of requests")
NO_MODEL = ErrorClass(ModelNotFoundError, "does not offer the model")
INVALID = ErrorClass(InvalidRequestError, "refused the request")
UNAVAILABLE = ErrorClass(ProviderUnavailableError, "could not serve the request")
STRANGE = ErrorClass(ProviderProtocolError, "answered with an unexpected status")

_STATUSES: dict[int, ErrorClass] = {
    401: BAD_KEY,
    402: QUOTA,
    403: FORBIDDEN,
    404: NO_MODEL,
    408: UNAVAILABLE,
    409: UNAVAILABLE,
    425: UNAVAILABLE,
    429: RATE,
}


def class_of_status(status: int, own: Mapping[int, ErrorClass] | None = None) -> ErrorClass:
    """The class of a bare status, `own` being what a vendor means by some; that of a reply with 200 says nothing."""
    known = {**_STATUSES, **(own or {})}.get(status)
    if known is not None:
        return known
    if 400 <= status < 500:
        return INVALID
    return UNAVAILABLE if status < 600 else STRANGE
