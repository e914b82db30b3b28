"""Is each failure of /v1/messages the error that it means, by code and status together?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.wires.anthropic_messages import decode_error
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
    RequestTooLargeError,
)
from tests.wires.vendor_cases import NOW


def error(status: int, code: str | None = None, text: str = "", **headers: str) -> LLMProviderError:
    body = json.dumps({"type": "error", "error": {"type": code, "message": text}}).encode() if code else b""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return decode_error(status, named, body, provider="row", model="m", now=NOW)


@pytest.mark.parametrize(
    "status,kind",
    [
        (400, InvalidRequestError),
        (401, AuthenticationError),
        (402, QuotaExceededError),
        (403, AuthenticationError),
        (408, ProviderUnavailableError),
        (409, ProviderUnavailableError),
        (413, RequestTooLargeError),
        (418, InvalidRequestError),
        (429, RateLimitExceededError),
        (500, ProviderUnavailableError),
        (529, ProviderUnavailableError),
        (302, ProviderProtocolError),
        (204, ProviderProtocolError),
        (404, ProviderProtocolError),
        (405, ProviderProtocolError),
        (600, ProviderProtocolError),
    ],
)
def test_bare_status_classifies(status: int, kind: type[LLMProviderError]) -> None:
    """Cloudflare before the vendor answers pages; a 404 without a document is a wrong address."""
    assert type(error(status)) is kind


@pytest.mark.parametrize(
    "status,code,text,kind",
    [
        (404, "not_found_error", "model: x", ModelNotFoundError),
        (400, "exceed_context_size_error", "", ContextLengthExceededError),
        (400, "invalid_request_error", "Prompt is too long: 2 tokens > 1 maximum", ContextLengthExceededError),
        (
            400,
            "invalid_request_error",
            "input length and `max_tokens` exceed context limit: 1 + 2 > 2",
            ContextLengthExceededError,
        ),
        (400, "invalid_request_error", "Output blocked by content filtering policy", ContentPolicyError),
        (400, "invalid_request_error", "messages: 'prompt is too long' is odd", InvalidRequestError),
        (500, "invalid_request_error", "prompt is too long", ProviderUnavailableError),
        (504, "timeout_error", "", ProviderUnavailableError),
        (500, "api_error", "", ProviderUnavailableError),
        (400, "api_error", "bad request", InvalidRequestError),
        (400, "api_error", "prompt is too long: 2 tokens > 1 maximum", ContextLengthExceededError),
        (401, "api_error", "", AuthenticationError),
        (402, "api_error", "", QuotaExceededError),
        (403, "api_error", "", AuthenticationError),
        (404, "api_error", "", ModelNotFoundError),
        (413, "api_error", "", RequestTooLargeError),
        (422, "api_error", "", InvalidRequestError),
        (429, "api_error", "", RateLimitExceededError),
        (400, "overloaded_error", "", ProviderUnavailableError),
        (429, "a_new_error", "", RateLimitExceededError),
    ],
)
def test_code_and_status_classify_together(status: int, code: str, text: str, kind: type[LLMProviderError]) -> None:
    """A message counts only where the code says no more than `bad request`, and only at its beginning.

    `api_error` says less than a status that is no fault of the API.
    """
    assert type(error(status, code, text)) is kind


@pytest.mark.parametrize("status,covers", [(401, True), (403, False)])
def test_refused_key_says_how_far_it_reaches(status: int, covers: bool) -> None:
    """A wrong key covers every model, a missing permission this one."""
    found = error(status)
    assert isinstance(found, AuthenticationError)
    assert found.covers_row is covers


def test_headers_say_when_to_come_back() -> None:
    """Or that coming back is pointless."""
    found = error(529, "overloaded_error", retry_after="3", x_should_retry="false")
    assert (found.retry_after, found.retry_is_pointless, found.upstream_status) == (3.0, True, 529)
    assert error(529).retry_is_pointless is False


@pytest.mark.parametrize("body", [{"error": "text"}, {"error": {"type": 7, "message": 7, "details": 7}}, []])
def test_odd_documents_are_classified_by_status(body: Any) -> None:
    """Whatever stands in them."""
    found = decode_error(429, {}, json.dumps(body).encode(), provider="row", model=None, now=NOW)
    assert (type(found), found.vendor_message) == (RateLimitExceededError, None)


def test_code_is_shown_only_when_it_is_plainly_one() -> None:
    """An error's text never holds what a caller wrote."""
    assert str(error(400, "my secret words")) == "row refused the request (400)"
    assert str(error(529, "overloaded_error")) == "row could not serve the request (529, overloaded_error)"
