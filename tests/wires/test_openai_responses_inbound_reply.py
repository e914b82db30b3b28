"""How is an answer of ours written for a caller of /responses, whole, streamed and failed?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.wires.inbound import ReplyNames
from app.wires.openai_responses import decode_request, encode_error, encode_response
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
    CallerAuthenticationError,
    InvalidRequestError,
    LLMProviderError,
    LLMTimeoutError,
    ModelNotFoundError,
    RateLimitExceededError,
)
from contracts.responses import FieldError

NAMES = ReplyNames(request_id="r1", model="claude-haiku-5-5", created=1_700_000_000)
USAGE = Usage(
    input_tokens=10, output_tokens=5, total_tokens=15, cached_input_tokens=4, cache_write_tokens=2, reasoning_tokens=3
)


def reply(*parts: Part, finish: FinishReason = FinishReason.STOP, usage: Usage | None = None) -> Reply:
    return Reply(message=Message(role=Role.ASSISTANT, content=parts), finish_reason=finish, usage=usage)


def texts(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def test_answer_is_a_whole_response() -> None:
    """All that the vendor's type requires stands there, with usage in the dialect's own words."""
    assert encode_response(reply(TextPart(text="Hi"), usage=USAGE), NAMES) == {
        "id": "resp_r1",
        "object": "response",
        "created_at": 1_700_000_000,
        "status": "completed",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "model": "claude-haiku-5-5",
        "output": [
            {
                "id": "msg_r1_0",
                "type": "message",
                "status": "completed",
                "role": "assistant",
                "content": [texts("Hi")],
            }
        ],
        "previous_response_id": None,
        "store": False,
        "instructions": None,
        "max_output_tokens": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "reasoning": None,
        "temperature": None,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "usage": {
            "input_tokens": 10,
            "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2},
            "output_tokens": 5,
            "output_tokens_details": {"reasoning_tokens": 3},
            "total_tokens": 15,
        },
    }


def test_answer_repeats_what_was_asked() -> None:
    """As the vendor's own answers do; what is not of a response stays out."""
    asked = {"instructions": "Be brief.", "temperature": 0.5, "tools": None, "input": "Hi", "odd": 1}
    written = encode_response(reply(), NAMES, asked=asked)
    assert (written["instructions"], written["temperature"], written["tools"]) == ("Be brief.", 0.5, [])
    assert not {"input", "odd"} & set(written)


@pytest.mark.parametrize(
    "finish, parts, status, reason",
    [
        (FinishReason.STOP, (), "completed", None),
        (FinishReason.TOOL_CALLS, (ToolCallPart(id="c", name="n", arguments=""),), "completed", None),
        (FinishReason.LENGTH, (TextPart(text="a"), TextPart(text="b")), "incomplete", "max_output_tokens"),
        (FinishReason.CONTENT_FILTER, (TextPart(text="a"),), "incomplete", "content_filter"),
        (FinishReason.CONTENT_FILTER, (RefusalPart(text="No"),), "completed", None),
        (FinishReason.LENGTH, (RefusalPart(text="No"),), "incomplete", "max_output_tokens"),
    ],
)
def test_end_is_a_status(finish: FinishReason, parts: tuple[Part, ...], status: str, reason: str | None) -> None:
    """An answer that was cut was cut in its last item; a refusal is an answer."""
    written = encode_response(reply(*parts, finish=finish), NAMES)
    details = written["incomplete_details"]
    assert (written["status"], details and details["reason"]) == (status, reason)
    assert [item["status"] for item in written["output"]] == [status] * len(written["output"])


def test_items_stand_in_the_order_of_the_answer() -> None:
    """Own parts of the vendor pass; those of another have no place here."""
    search = {"type": "web_search_call", "id": "ws_1"}
    audio = {"type": "output_audio", "data": ""}
    written = encode_response(
        reply(
            RawPart(provider="openai", data=search),
            RawPart(provider="anthropic", data={"type": "server_tool_use"}),
            RawPart(provider="openai", data={"odd": 1}),
            TextPart(text="a"),
            TextPart(text=""),
            RawPart(provider="openai", data=audio),
            RefusalPart(text="No"),
            ToolCallPart(id="c", name="n", arguments=""),
        ),
        NAMES,
        provider="openai",
    )["output"]
    assert [item["id"] for item in written] == ["ws_1", "msg_r1_1", "fc_r1_2"]
    assert written[1]["content"] == [texts("a"), audio, {"type": "refusal", "refusal": "No"}]
    assert written[2]["arguments"] == "{}"


@pytest.mark.parametrize(
    "part",
    [
        ReasoningPart(text="Hm", signature="sig", provider="anthropic"),
        ReasoningPart(text="", signature="sig", provider="anthropic"),
        ReasoningPart(text="Hm", provider="deepseek"),
    ],
)
def test_reasoning_of_any_vendor_comes_back_unchanged(part: ReasoningPart) -> None:
    """Its vendor's name and signature travel in the opaque field."""
    output = encode_response(reply(part), NAMES)["output"]
    assert output[0]["id"] == "rs_r1_0"
    question = {"role": "user", "content": "And?"}
    assert decode_request({"model": "m", "input": [*output, question]}).conversation.messages[0].content == (part,)


def test_reasoning_of_nobody_is_its_text() -> None:
    """There is nothing to give back to anybody."""
    (item,) = encode_response(reply(ReasoningPart(text="Hm")), NAMES)["output"]
    assert item == {"id": "rs_r1_0", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]}


@pytest.mark.parametrize(
    "encrypted",
    [
        "llm_service.reasoning:{",
        "llm_service.reasoning:[]",
        'llm_service.reasoning:{"provider":"","signature":"s"}',
        'llm_service.reasoning:{"provider":"a\\u0000","signature":"s"}',
        'llm_service.reasoning:{"provider":"a","signature":5}',
    ],
)
def test_opaque_field_that_only_looks_like_ours_is_the_vendors(encrypted: str) -> None:
    """A caller may send anything; it is never more than a signature of his own conversation."""
    item = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": encrypted}
    body = {"model": "m", "input": [item, {"role": "user", "content": "And?"}]}
    (part,) = decode_request(body).conversation.messages[0].content
    assert isinstance(part, ReasoningPart)
    assert part.provider == "openai_responses"
    assert json.loads(part.signature or "") == item


@pytest.mark.parametrize(
    "error, status, kind",
    [
        (InvalidRequestError("no", errors=[FieldError(field="input.0", message="must be")]), 400, "invalid_request"),
        (CallerAuthenticationError(), 401, "invalid_api_key"),
        (ModelNotFoundError(), 404, "model_not_found"),
        (RateLimitExceededError(), 429, "rate_limit_exceeded"),
        (LLMTimeoutError(), 504, "timeout"),
    ],
)
def test_errors_are_those_of_chat(error: LLMProviderError, status: int, kind: str) -> None:
    """One vendor, one document: the SDK maps it by its status."""
    found, document = encode_error(error)
    assert (found, document["error"]["code"]) == (status, kind)
