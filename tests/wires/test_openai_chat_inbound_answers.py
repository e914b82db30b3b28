"""Do our answers, streams and errors read as OpenAI's own?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.wires.inbound import ReplyNames, ServerEvent
from app.wires.openai_chat import StreamEncoder, decode_error, decode_request, encode_error, encode_response
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
from contracts.deltas import Delta, ReasoningDelta, TextDelta, ToolCallDelta
from contracts.errors import (
    CallerAuthenticationError,
    CallerForbiddenError,
    ContentPolicyError,
    ContextLengthExceededError,
    InternalError,
    InvalidRequestError,
    LLMProviderError,
    LLMTimeoutError,
    ModelNotFoundError,
    ProviderUnavailableError,
    RateLimitExceededError,
    RequestTooLargeError,
)
from contracts.responses import FieldError

NAMES = ReplyNames(request_id="r1", model="m", created=1_700_000_000)
USAGE = Usage(
    input_tokens=9, output_tokens=5, total_tokens=14, cached_input_tokens=4, cache_write_tokens=2, reasoning_tokens=3
)
CALLS = (ToolCallPart(id="c1", name="f", arguments="{}"), ToolCallPart(id="c2", name="g", arguments="{}"))


def reply(*parts: Part, finish: FinishReason = FinishReason.STOP, usage: Usage | None = USAGE) -> Reply:
    return Reply(message=Message(role=Role.ASSISTANT, content=parts), finish_reason=finish, usage=usage)


def written(*parts: Part, finish: FinishReason = FinishReason.STOP, has_functions: bool = False) -> dict[str, Any]:
    document = encode_response(reply(*parts, finish=finish), NAMES, has_functions=has_functions)
    found: dict[str, Any] = document["choices"][0]
    return found


def chunks(events: list[ServerEvent]) -> list[dict[str, Any]]:
    assert all(event.event is None for event in events)
    return [json.loads(event.data) for event in events if event.data != "[DONE]"]


def streamed(*deltas: Delta, answer: Reply, **asked: bool) -> list[dict[str, Any]]:
    encoder = StreamEncoder(NAMES, **asked)
    events = encoder.begin() + [event for delta in deltas for event in encoder.feed(delta)] + encoder.end(answer)
    assert [event.data == "[DONE]" for event in events] == [False] * (len(events) - 1) + [True]
    return chunks(events)


def pieces(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [chunk["choices"][0]["delta"] for chunk in found if chunk["choices"]]


def role(content: str | None) -> dict[str, Any]:
    return {"role": "assistant", "content": content, "refusal": None}


def test_answer_has_everything_that_openais_has() -> None:
    """Envelope, one choice, and the usage with its parts."""
    assert encode_response(reply(TextPart(text="Hi"), TextPart(text="!")), NAMES) == {
        "id": "chatcmpl-r1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hi!", "refusal": None, "annotations": []},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 9,
            "completion_tokens": 5,
            "total_tokens": 14,
            "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2},
            "completion_tokens_details": {"reasoning_tokens": 3},
        },
    }


@pytest.mark.parametrize(
    "parts, finish, word",
    [
        ((), FinishReason.STOP, "stop"),
        ((TextPart(text="x"),), FinishReason.LENGTH, "length"),
        ((TextPart(text="x"),), FinishReason.CONTENT_FILTER, "content_filter"),
        ((RefusalPart(text="No."),), FinishReason.CONTENT_FILTER, "stop"),
        (CALLS, FinishReason.TOOL_CALLS, "tool_calls"),
    ],
)
def test_answer_says_how_it_ended(parts: tuple[Part, ...], finish: FinishReason, word: str) -> None:
    """Plain and streamed alike; a refusal is an end like any other, for the SDK to show it."""
    assert written(*parts, finish=finish)["finish_reason"] == word
    assert streamed(answer=reply(*parts, finish=finish))[1]["choices"][0]["finish_reason"] == word


def test_content_is_null_beside_calls_and_refusals_only() -> None:
    """An answer without anything is an empty text."""
    assert written(*CALLS, finish=FinishReason.TOOL_CALLS)["message"]["content"] is None
    assert written(RefusalPart(text="No."))["message"] == {
        "role": "assistant",
        "content": None,
        "refusal": "No.",
        "annotations": [],
    }
    assert written()["message"]["content"] == ""
    assert pieces(streamed(answer=reply())) == [role(""), {}]
    assert pieces(streamed(ReasoningDelta(text="hm"), answer=reply()))[-1] == {"content": ""}


@pytest.mark.parametrize(
    "first, content",
    [
        (TextDelta(text="Hi"), ""),
        (TextDelta(text="No.", is_refusal=True), None),
        (ToolCallDelta(index=0, id="c1", name="f"), None),
        (ReasoningDelta(text="hm"), None),
    ],
)
def test_stream_says_who_speaks_before_the_first_piece(first: Delta, content: str | None) -> None:
    """Once, and beside what OpenAI puts there: clients read an empty text before a text, and none before calls."""
    encoder = StreamEncoder(NAMES)
    assert encoder.begin() == []
    begun, piece = pieces(chunks(encoder.feed(first)))
    assert begun == role(content)
    assert "role" not in piece
    assert len(encoder.feed(first)) == 1


def test_foreign_signatures_travel_to_the_caller_and_back() -> None:
    """In blocks of our own, for this dialect has no place for them; what has no place at all is left out."""
    thoughts = (
        ReasoningPart(text="a", signature="sig", provider="anthropic"),
        ReasoningPart(text="b", signature='{"no":"blocks"}', provider="gemini"),
        ReasoningPart(text="c", signature="[1]"),
    )
    message = written(*thoughts[:2], RawPart(provider="anthropic", data={"type": "x"}), TextPart(text="Hi"))["message"]
    assert message["reasoning_content"] == "ab"
    again = decode_request({"model": "m", "messages": [message]}).conversation.messages[0]
    assert again.content == (*thoughts[:2], TextPart(text="Hi"))
    assert written(thoughts[2])["message"]["reasoning_details"][0]["signature"] == "[1]"


def test_stream_sends_each_piece_as_it_comes() -> None:
    """Role first; calls are numbered from 0 and named once."""
    answer = reply(*CALLS, finish=FinishReason.TOOL_CALLS)
    found = streamed(
        ReasoningDelta(text="hm"),
        TextDelta(text="Hi"),
        TextDelta(text="No.", is_refusal=True),
        ToolCallDelta(index=4, id="c1", name="f", arguments="{"),
        ToolCallDelta(index=7, id="c2", name="g"),
        ToolCallDelta(index=4, arguments="}"),
        answer=answer,
    )
    assert pieces(found) == [
        role(None),
        {"reasoning_content": "hm"},
        {"content": "Hi"},
        {"refusal": "No."},
        {"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": "{"}, "id": "c1", "type": "function"}]},
        {"tool_calls": [{"index": 1, "function": {"name": "g", "arguments": ""}, "id": "c2", "type": "function"}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": "}"}}]},
        {},
    ]
    assert {chunk["object"] for chunk in found} == {"chat.completion.chunk"}
    assert [chunk["usage"] for chunk in found[:-1]] == [None] * 8
    assert found[-1]["usage"] == encode_response(answer, NAMES)["usage"]


def test_stream_without_usage_says_nothing_of_it() -> None:
    """As OpenAI does without `include_usage`."""
    found = streamed(TextDelta(text="Hi"), answer=reply(TextPart(text="Hi")), wants_usage=False)
    assert not any("usage" in chunk for chunk in found)
    assert all(chunk["choices"] for chunk in found)


def test_usage_that_nobody_knows_is_null() -> None:
    """It is not made up."""
    unknown = reply(TextPart(text="Hi"), usage=None)
    assert encode_response(unknown, NAMES)["usage"] is None
    assert streamed(answer=unknown)[-1]["usage"] is None
    summed = reply(usage=Usage(input_tokens=1, output_tokens=2))
    assert encode_response(summed, NAMES)["usage"]["total_tokens"] == 3


def test_functions_are_answered_in_their_own_form() -> None:
    """One `function_call`, plain and streamed."""
    choice = written(*CALLS, finish=FinishReason.TOOL_CALLS, has_functions=True)
    assert choice["finish_reason"] == "function_call"
    assert choice["message"]["function_call"] == {"name": "f", "arguments": "{}"}
    assert "tool_calls" not in choice["message"]
    deltas = [
        ToolCallDelta(index=0, id="c1", name="f", arguments="{"),
        ToolCallDelta(index=1, id="c2", name="g"),
        ToolCallDelta(index=0, arguments="}"),
    ]
    found = streamed(*deltas, answer=reply(*CALLS, finish=FinishReason.TOOL_CALLS), has_functions=True)
    assert pieces(found)[1:3] == [
        {"function_call": {"name": "f", "arguments": "{"}},
        {"function_call": {"arguments": "}"}},
    ]


ERRORS = [
    (InvalidRequestError("n: must be 1", errors=[FieldError(field="n", message="must be 1")]), 400, "n"),
    (RequestTooLargeError("too large"), 413, None),
    (ContextLengthExceededError("too long", vendor_message="maximum is 5"), 400, None),
    (ContentPolicyError("no"), 400, None),
    (CallerAuthenticationError("no key"), 401, None),
    (CallerForbiddenError("no"), 403, None),
    (ModelNotFoundError("no model"), 404, None),
    (RateLimitExceededError("slow"), 429, None),
    (ProviderUnavailableError("down", vendor_message="secret"), 503, None),
    (LLMTimeoutError("late"), 504, None),
    (InternalError("defect"), 500, None),
]


@pytest.mark.parametrize("error, status, param", ERRORS)
def test_error_has_the_status_that_the_sdk_goes_by(error: LLMProviderError, status: int, param: str | None) -> None:
    """And our own word for it beside OpenAI's; a vendor's words only for the caller's own fault."""
    found, document = encode_error(error)
    body = document["error"]
    assert (found, body["param"], body["message"]) == (status, param, error.detail)
    assert body["llm_service"]["error_type"] == error.error_type
    assert "secret" not in json.dumps(document)
    assert body["type"] == ("server_error" if status >= 500 else body["type"])
    (event,) = StreamEncoder(NAMES).fail(error)
    assert json.loads(event.data) == document


def test_error_lists_every_wrong_field() -> None:
    """OpenAI's form names one; the rest stands beside it."""
    wrong = [FieldError(field="", message="a"), FieldError(field="n", message="must be 1", hint="try 1")]
    body = encode_error(InvalidRequestError("x", errors=wrong))[1]["error"]
    assert body["type"] == "invalid_request_error"
    assert body["param"] == "n"
    assert body["llm_service"]["errors"] == [
        {"field": "", "message": "a"},
        {"field": "n", "message": "must be 1", "hint": "try 1"},
    ]


@pytest.mark.parametrize("error", [error for error, _, _ in ERRORS if not isinstance(error, CallerForbiddenError)])
def test_error_of_one_service_is_understood_by_another(error: LLMProviderError) -> None:
    """A service of ours behind a service of ours: the caller's fault stays the caller's, the vendor's the vendor's."""
    status, document = encode_error(error)
    now = datetime(2026, 11, 21, tzinfo=UTC)
    found = decode_error(status, {}, json.dumps(document).encode(), provider="row", model="m", now=now)
    expected = {"authentication_required": "provider_authentication", "request_too_large": "invalid_request"}
    others = {"timeout": "provider_unavailable", "internal_error": "provider_unavailable"}
    assert found.error_type == {**expected, **others}.get(error.error_type, error.error_type)
