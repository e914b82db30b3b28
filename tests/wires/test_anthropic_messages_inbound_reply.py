"""Is our whole answer, and our error, what a caller of Anthropic's dialect reads?"""

from __future__ import annotations

import pytest

from app.wires.anthropic_messages import encode_error, encode_response
from app.wires.inbound import ReplyNames
from contracts.calls import Reply
from contracts.chat import (
    FinishReason,
    Message,
    Part,
    RawPart,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    Usage,
)
from contracts.errors import (
    AuthenticationError,
    CallerAuthenticationError,
    CallerForbiddenError,
    ConfigurationConflictError,
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
    RequestTooLargeError,
    UnsupportedMediaTypeError,
)
from contracts.responses import FieldError

NAMES = ReplyNames(request_id="r1", model="m", created=1)


def reply(*parts: Part, finish: FinishReason = FinishReason.STOP, usage: Usage | None = None) -> Reply:
    return Reply(message=Message(role=Role.ASSISTANT, content=parts), finish_reason=finish, usage=usage)


def test_reply_is_a_message_with_all_its_parts() -> None:
    """In their order; input tokens are those that no cache touched."""
    usage = Usage(
        input_tokens=100,
        output_tokens=20,
        total_tokens=120,
        cached_input_tokens=60,
        cache_write_tokens=30,
        reasoning_tokens=5,
    )
    answer = reply(
        ReasoningPart(text="hm", signature="c2ln", provider="anthropic_messages"),
        RawPart(provider="anthropic_messages", data={"type": "redacted_thinking", "data": "d"}),
        TextPart(text="Looking."),
        ToolCallPart(id="a", name="look", arguments='{"at": 1}'),
        finish=FinishReason.TOOL_CALLS,
        usage=usage,
    )
    assert encode_response(answer, NAMES) == {
        "id": "msg_r1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
            {"type": "redacted_thinking", "data": "d"},
            {"type": "text", "text": "Looking.", "citations": None},
            {"type": "tool_use", "id": "a", "name": "look", "input": {"at": 1}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "stop_details": None,
        "usage": {
            "input_tokens": 10,
            "cache_creation_input_tokens": 30,
            "cache_read_input_tokens": 60,
            "output_tokens": 20,
            "output_tokens_details": {"thinking_tokens": 5},
        },
    }


def test_reply_without_a_place_in_the_dialect_is_left_out() -> None:
    """Other vendors' raw parts, empty thoughts, empty texts; an empty answer is a message without content."""
    answer = reply(RawPart(provider="gemini", data={"x": 1}), ReasoningPart(provider="openai"), TextPart(text=""))
    assert encode_response(answer, NAMES)["content"] == []
    counts = {"input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"}
    assert encode_response(answer, NAMES)["usage"] == dict.fromkeys(counts, 0)


@pytest.mark.parametrize(
    "signer,signature,written",
    [
        ("row", "s", "s"),
        (None, "s", "s"),
        ("row", None, ""),
        ("gemini", None, ""),
        ("gemini", "thought:s", "llm-service:gemini:thought:s"),
        ("a:b", "s", "llm-service:a%3Ab:s"),
    ],
)
def test_signature_of_another_row_carries_its_name(signer: str | None, signature: str | None, written: str) -> None:
    """So that it comes back to the one who signed, and the caller's SDK finds the text that it needs."""
    part = ReasoningPart(text="hm", signature=signature, provider=signer)
    (block,) = encode_response(reply(part), NAMES, provider="row")["content"]
    assert block == {"type": "thinking", "thinking": "hm", "signature": written}


@pytest.mark.parametrize(
    "finish,reason",
    [
        (FinishReason.STOP, "end_turn"),
        (FinishReason.LENGTH, "max_tokens"),
        (FinishReason.TOOL_CALLS, "tool_use"),
        (FinishReason.CONTENT_FILTER, "refusal"),
    ],
)
def test_finish_reason_is_said(finish: FinishReason, reason: str) -> None:
    """Each in the dialect's word."""
    assert encode_response(reply(TextPart(text="Hi"), finish=finish), NAMES)["stop_reason"] == reason


def test_refusal_stands_in_the_ending() -> None:
    """Where the vendor itself explains one; no block repeats it."""
    for finish in (FinishReason.STOP, FinishReason.CONTENT_FILTER):
        body = encode_response(reply(RefusalPart(text="No."), finish=finish), NAMES)
        assert (body["content"], body["stop_reason"]) == ([], "refusal")
        assert body["stop_details"] == {"type": "refusal", "category": None, "explanation": "No."}
    bare = encode_response(reply(finish=FinishReason.CONTENT_FILTER), NAMES)
    assert bare["stop_details"] == {"type": "refusal", "category": None, "explanation": None}


def test_arguments_that_are_no_object_are_wrapped() -> None:
    """As the vendor's guide does it: an input is always an object."""
    (block,) = encode_response(reply(ToolCallPart(id="a", name="n", arguments="[1")), NAMES)["content"]
    assert block["input"] == {"INVALID_JSON": "[1"}


@pytest.mark.parametrize(
    "error,status,kind",
    [
        (InvalidRequestError("x"), 400, "invalid_request_error"),
        (ContextLengthExceededError("x"), 400, "invalid_request_error"),
        (UnsupportedMediaTypeError("x"), 415, "invalid_request_error"),
        (RequestTooLargeError("x"), 413, "request_too_large"),
        (CallerAuthenticationError("x"), 401, "authentication_error"),
        (CallerForbiddenError("x"), 403, "permission_error"),
        (ModelNotFoundError("x"), 404, "not_found_error"),
        (ConfigurationConflictError("x"), 412, "invalid_request_error"),
        (RateLimitExceededError("x"), 429, "rate_limit_error"),
        (QuotaExceededError("x"), 429, "rate_limit_error"),
        (AuthenticationError("x"), 502, "api_error"),
        (ProviderProtocolError("x"), 502, "api_error"),
        (ProviderUnavailableError("x"), 503, "overloaded_error"),
        (LLMTimeoutError("x"), 504, "timeout_error"),
        (InternalError("x"), 500, "api_error"),
    ],
)
def test_error_has_the_dialects_status_and_type(error: LLMProviderError, status: int, kind: str) -> None:
    """And our own word for it, for which the dialect has no place."""
    document = {"type": kind, "message": "x", "llm_service": {"error_type": error.error_type}}
    assert encode_error(error) == (status, {"type": "error", "error": document, "request_id": None})


def test_error_says_what_helps_and_nothing_else() -> None:
    """Fields, row and patience; a vendor's words only for the caller's own fault."""
    fault = FieldError(field="messages", message="must not be empty")
    wrong = InvalidRequestError("messages: must not be empty", errors=[fault], request_id="r1")
    assert encode_error(wrong)[1]["error"]["llm_service"]["errors"] == [{"field": "messages", "message": fault.message}]
    assert encode_error(wrong)[1]["request_id"] == "r1"
    limited = RateLimitExceededError("openai limits", provider="openai", retry_after=1.23456, vendor_message="secret")
    assert encode_error(limited)[1]["error"] == {
        "type": "rate_limit_error",
        "message": "openai limits",
        "llm_service": {"error_type": "rate_limit_exceeded", "provider": "openai", "retry_after": 1.235},
    }
    refused = InvalidRequestError("anthropic refused the request", vendor_message="bad image")
    assert encode_error(refused)[1]["error"]["message"] == "anthropic refused the request: bad image"
