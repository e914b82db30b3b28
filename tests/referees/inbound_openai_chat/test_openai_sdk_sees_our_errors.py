"""Does OpenAI's SDK raise its own class for each of our errors, show what it says, and ask again only if it helps?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import openai
import pytest
from openai import OpenAI

from app.wires.openai_chat import decode_error
from contracts.deltas import TextDelta
from contracts.errors import (
    AuthenticationError,
    CallerAuthenticationError,
    CallerForbiddenError,
    ContentPolicyError,
    ContextLengthExceededError,
    InternalError,
    InvalidRequestError,
    KeyEndedError,
    LLMProviderError,
    LLMTimeoutError,
    MalformedRequestError,
    ModelNotFoundError,
    ProviderNotFoundError,
    ProviderUnavailableError,
    QuotaExceededError,
    RateLimitExceededError,
    RequestTooLargeError,
    UnsupportedMediaTypeError,
    UnsupportedParameterError,
)
from tests.referees.inbound_openai_chat.door import Door

ASKED: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


@pytest.mark.parametrize(
    "error, kind, code",
    [
        (InvalidRequestError("wrong"), openai.BadRequestError, "invalid_request"),
        (UnsupportedParameterError("no seed"), openai.BadRequestError, "unsupported_parameter"),
        (MalformedRequestError("no JSON"), openai.BadRequestError, "malformed_request"),
        (ContextLengthExceededError("too long"), openai.BadRequestError, "context_length_exceeded"),
        (ContentPolicyError("no"), openai.BadRequestError, "content_policy_violation"),
        (CallerAuthenticationError("no key"), openai.AuthenticationError, "invalid_api_key"),
        (CallerForbiddenError("no"), openai.PermissionDeniedError, "forbidden"),
        (ModelNotFoundError("no model"), openai.NotFoundError, "model_not_found"),
        (ProviderNotFoundError("no row"), openai.NotFoundError, "model_not_found"),
        (RequestTooLargeError("too large"), openai.APIStatusError, "request_too_large"),
        (UnsupportedMediaTypeError("no JSON"), openai.APIStatusError, "unsupported_media_type"),
        (KeyEndedError("over"), openai.BadRequestError, "key_ended"),
        (RateLimitExceededError("slow"), openai.RateLimitError, "rate_limit_exceeded"),
        (QuotaExceededError("broke"), openai.RateLimitError, "insufficient_quota"),
        (AuthenticationError("our key"), openai.InternalServerError, "provider_authentication"),
        (ProviderUnavailableError("down"), openai.InternalServerError, "provider_unavailable"),
        (LLMTimeoutError("late"), openai.InternalServerError, "timeout"),
        (InternalError("defect"), openai.InternalServerError, "internal_error"),
    ],
)
def test_sdk_raises_its_own_class_for_each_error(
    door: Door, client: OpenAI, error: LLMProviderError, kind: type[openai.APIStatusError], code: str
) -> None:
    """With OpenAI's code where it has one, and our words; in a stream that has begun, with both too."""
    door.error, door.deltas = error, [TextDelta(text="Hel")]
    with pytest.raises(kind) as caught:
        client.chat.completions.create(**ASKED)
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert error.detail in caught.value.message
    with pytest.raises(openai.APIError) as cut:
        list(client.chat.completions.create(**ASKED, stream=True))
    assert (cut.value.code, cut.value.message) == (code, error.detail)


def test_sdk_asks_again_only_after_what_may_pass(door: Door) -> None:
    """By the status alone: no fault of the caller's has one after which it would."""
    with OpenAI(base_url=door.address, api_key="none", max_retries=1) as patient:
        for error in (InvalidRequestError("a"), KeyEndedError("b"), CallerForbiddenError("c"), ModelNotFoundError("d")):
            door.understood.clear()
            door.error = error
            with pytest.raises(openai.APIStatusError):
                patient.chat.completions.create(**ASKED)
            assert len(door.understood) == 1


def test_sdk_shows_what_is_ours_of_an_error(door: Door, client: OpenAI) -> None:
    """Beside OpenAI's own fields, under one name."""
    error = RateLimitExceededError("slow", provider="openai", retry_after=2.5, request_id="req_1")
    door.error = error
    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(**ASKED)
    body: Any = caught.value.body
    assert (caught.value.type, caught.value.param) == ("rate_limit_error", None)
    assert body["llm_service"] == {
        "error_type": "rate_limit_exceeded",
        "provider": "openai",
        "request_id": "req_1",
        "retry_after": 2.5,
    }


def test_sdk_shows_which_argument_was_wrong(client: OpenAI) -> None:
    """A broken rule is its BadRequestError, with the argument's name."""
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(**ASKED, n=0)
    assert (caught.value.param, caught.value.code) == ("n", "invalid_request")
    assert "must be at least 1" in caught.value.message


@pytest.mark.parametrize(
    "status, kind", [(400, openai.BadRequestError), (404, openai.NotFoundError), (422, openai.UnprocessableEntityError)]
)
def test_sdk_shows_the_vendors_own_words(
    door: Door, client: OpenAI, status: int, kind: type[openai.APIStatusError]
) -> None:
    """Of a fault of the caller's: class, code, param and type are those that a program for the vendor branches on."""
    error = {"message": "Bad seed.", "type": "invalid_request_error", "param": "seed", "code": "unsupported_value"}
    body, now = json.dumps({"error": error}).encode(), datetime(2026, 11, 22, tzinfo=UTC)
    door.error = decode_error(status, {}, body, provider="openai", model="m", now=now)
    with pytest.raises(kind) as caught:
        client.chat.completions.create(**ASKED)
    raised = caught.value
    assert (raised.code, raised.param, raised.type) == ("unsupported_value", "seed", "invalid_request_error")
    assert "Bad seed." in raised.message
