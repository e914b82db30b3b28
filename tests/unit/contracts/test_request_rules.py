"""Which requests are taken, and which are refused with which words?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from contracts import MAX_BATCH_ITEMS, BatchRequest, LLMRequest
from contracts.embeddings import EmbeddingRequest
from contracts.requests import OTHER_TAG
from contracts.usage_reports import UsageQuery

TEXT = {"type": "text", "text": "hello"}
CALL = {"type": "tool_call", "id": "call-1", "name": "look", "arguments": "{}"}
RESULT = {"type": "tool_result", "tool_call_id": "call-1", "content": "found"}
# The beginning of a PNG is all that is looked at.
IMAGE = {"type": "image", "data": "iVBORw0KGgo=", "media_type": "image/png"}
LOOK = {"name": "look", "parameters": {"type": "object", "properties": {"at": {"$ref": "#/$defs/place"}}}}
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}}


def said(*parts: Any, role: str = "user") -> dict[str, Any]:
    """A request of one message."""
    return {"messages": [{"role": role, "content": list(parts)}]}


def after_call(*parts: Any, role: str = "tool") -> dict[str, Any]:
    """The same after an assistant's message with a call."""
    return {"messages": [*said(CALL, role="assistant")["messages"], *said(*parts, role=role)["messages"]]}


GOOD: dict[str, dict[str, Any]] = {
    "a prompt of one character": {"prompt": "x"},
    "a prompt of a million": {"prompt": "x" * 1_000_000},
    "text around blanks": {"prompt": "  x\n"},
    "messages": said(TEXT),
    "a message as a string": {"messages": [{"role": "user", "content": "hello"}]},
    "an image by URL": said({"type": "image", "url": "https://example.org/a.png"}),
    "an image as data": said({**IMAGE, "detail": "low"}),
    "a file as data": said({"type": "file", "data": "aGk=", "media_type": "application/pdf"}),
    "a file by id": said({"type": "file", "file_id": "file-1"}),
    "a tool's call": said(CALL, role="assistant"),
    "a tool's result": after_call(RESULT),
    "a tool's result from the user": after_call(RESULT, role="user"),
    "a tool's result that is an image": after_call({**RESULT, "content": [IMAGE]}),
    "reasoning": said({"type": "reasoning", "text": "hm", "signature": "s", "provider": "openai"}, role="assistant"),
    "a refusal": said({"type": "refusal", "text": "no"}, role="assistant"),
    "a raw part": said({"type": "raw", "provider": "openai", "data": {"any": 1}}),
    "temperature at both ends": {"prompt": "x", "temperature": 2, "top_p": 0},
    "penalties at both ends": {"prompt": "x", "frequency_penalty": -2, "presence_penalty": 2},
    "one token": {"prompt": "x", "max_tokens": 1},
    "the shortest and longest timeout": {"prompt": "x", "timeout_seconds": 1800},
    "ten tags": {"prompt": "x", "tags": ["t" * 64] * 10},
    "a tool that must be used": {"prompt": "x", "tools": [LOOK], "tool_choice": {"mode": "tool", "name": "look"}},
    "tools at the model's choice": {"prompt": "x", "tools": [LOOK], "tool_choice": {"mode": "auto"}},
    "a schema": {"prompt": "x", "response_format": {"type": "json_schema", "json_schema": SCHEMA}},
    "signals beside plain text": {"prompt": "x", "signal_type": "score", "response_format": {"type": "text"}},
    "ids of 128 characters": {"prompt": "x", "request_id": "a" * 128, "correlation_id": "~" * 128},
    "a model with its vendor's prefix": {"prompt": "x", "model": "openrouter/openai/gpt-6-luna"},
}

REQUIRED = "give prompt or messages: one of them is required"
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "neither prompt nor messages": ({}, REQUIRED),
    "both": ({"prompt": "x", **said(TEXT)}, "give prompt or messages, not both"),
    "an empty prompt": ({"prompt": ""}, "at least 1 character"),
    "a blank prompt": ({"prompt": " \n\t"}, "should match pattern"),
    "a prompt too long": ({"prompt": "x" * 1_000_001}, "at most 1000000 characters"),
    "no messages": ({"messages": []}, "at least 1 item"),
    "a message without content": ({"messages": [{"role": "user"}]}, "messages.0.content must not be empty"),
    "a message with an empty list": (said(), "messages.0.content must not be empty"),
    "a blank message": (said({**TEXT, "text": " \n"}, {**TEXT, "text": ""}), "messages.0.content must not be blank"),
    "a blank message as a string": ({"messages": [{"role": "system", "content": ""}]}, "must not be blank"),
    "an unknown role": ({"messages": [{"role": "robot", "content": "x"}]}, "'system', 'user', 'assistant' or 'tool'"),
    "an unknown part": (said({"type": "video"}), "'type'"),
    "an unknown field of a part": (said({**TEXT, "colour": "red"}), "unexpected"),
    "a result from the assistant": (said(RESULT, role="assistant"), "is a tool_result, which belongs into"),
    "text in a tool's message": (said(TEXT, role="tool"), "holds tool_result parts only"),
    "a call from the user": (said(CALL), "is a tool_call, which belongs into a message with role assistant"),
    "an image without source": (said({"type": "image"}), "exactly one of url and data"),
    "an image with both": (said({"type": "image", "url": "https://a/b", "data": "x"}), "exactly one of url and data"),
    "an image without kind": (said({"type": "image", "data": "aGk="}), "media_type is required beside data"),
    "an image of text": (said({"type": "image", "data": "aGk=", "media_type": "text/html"}), "should match pattern"),
    "an image from a file": (said({"type": "image", "url": "file:///etc/passwd"}), "should match pattern"),
    "a file without source": (said({"type": "file"}), "exactly one of url, data and file_id"),
    "a file with two": (said({"type": "file", "file_id": "f", "data": "x"}), "exactly one of url, data and file_id"),
    "no tokens": ({"prompt": "x", "max_tokens": 0}, "greater than or equal to 1"),
    "a high temperature": ({"prompt": "x", "temperature": 2.1}, "less than or equal to 2"),
    "a low temperature": ({"prompt": "x", "temperature": -0.1}, "greater than or equal to 0"),
    "a high top_p": ({"prompt": "x", "top_p": 1.1}, "less than or equal to 1"),
    "a low penalty": ({"prompt": "x", "frequency_penalty": -2.1}, "greater than or equal to -2"),
    "a high penalty": ({"prompt": "x", "presence_penalty": 2.1}, "less than or equal to 2"),
    "a short timeout": ({"prompt": "x", "timeout_seconds": 0.5}, "greater than or equal to 1"),
    "a long timeout": ({"prompt": "x", "timeout_seconds": 1801}, "less than or equal to 1800"),
    "a huge seed": ({"prompt": "x", "seed": 2**63}, "less than or equal to"),
    "an empty stop": ({"prompt": "x", "stop": ""}, "at least 1 character"),
    "seventeen stops": ({"prompt": "x", "stop": ["s"] * 17}, "at most 16 items"),
    "eleven tags": ({"prompt": "x", "tags": ["t"] * 11}, "at most 10 items"),
    "a long tag": ({"prompt": "x", "tags": ["t" * 65]}, "at most 64 characters"),
    "seventeen fallbacks": ({"prompt": "x", "fallback_providers": ["openai"] * 17}, "at most 16 items"),
    "a provider with a slash": ({"prompt": "x", "provider": "a/b"}, "should match pattern"),
    "a fallback with a blank": ({"prompt": "x", "fallback_providers": ["openai/a b"]}, "should match pattern"),
    "a model with a blank": ({"prompt": "x", "model": "gpt 6"}, "should match pattern"),
    "an unknown effort": ({"prompt": "x", "reasoning_effort": "huge"}, "'none', 'minimal'"),
    "an unknown priority": ({"prompt": "x", "priority": "asap"}, "'low', 'normal', 'high' or 'urgent'"),
    "an unknown signal": ({"prompt": "x", "signal_type": "mood"}, "'score', 'analysis'"),
    "an id with a line break": ({"prompt": "x", "request_id": "a\nb"}, "should match pattern"),
    "an id with an accent": ({"prompt": "x", "correlation_id": "é"}, "should match pattern"),
    "a long id": ({"prompt": "x", "correlation_id": "a" * 129}, "at most 128 characters"),
    "a user_id too long": ({"prompt": "x", "user_id": "u" * 257}, "at most 256 characters"),
    "an unknown field": ({"prompt": "x", "maxtokens": 5}, "not permitted"),
    "two tools of one name": ({"prompt": "x", "tools": [LOOK, LOOK]}, "two tools have the same name"),
    "a tool with a blank": ({"prompt": "x", "tools": [{"name": "a b"}]}, "should match pattern"),
    "a choice without tools": ({"prompt": "x", "tool_choice": {"mode": "required"}}, "is required, which needs tools"),
    "a choice without its name": ({"prompt": "x", "tools": [LOOK], "tool_choice": {"mode": "tool"}}, "name goes with"),
    "a name without that choice": (
        {"prompt": "x", "tools": [LOOK], "tool_choice": {"mode": "auto", "name": "look"}},
        "name goes with",
    ),
    "a choice of no tool": (
        {"prompt": "x", "tools": [LOOK], "tool_choice": {"mode": "tool", "name": "hear"}},
        "names no tool that is given",
    ),
    "a format without its schema": ({"prompt": "x", "response_format": {"type": "json_schema"}}, "json_schema goes"),
    "a schema without that format": (
        {"prompt": "x", "response_format": {"type": "json_object", "json_schema": SCHEMA}},
        "json_schema goes",
    ),
    "signals beside a format": (
        {"prompt": "x", "signal_type": "score", "response_format": {"type": "json_object"}},
        "leave response_format out",
    ),
}


@pytest.mark.parametrize("fields", GOOD.values(), ids=GOOD)
def test_request_that_keeps_the_rules_is_taken(fields: dict[str, Any]) -> None:
    """It is taken from Python and from JSON, and both read the same."""
    made = LLMRequest.model_validate(fields)
    assert LLMRequest.model_validate_json(json.dumps(fields), strict=True) == made


@pytest.mark.parametrize("fields,words", BAD.values(), ids=BAD)
def test_request_that_breaks_a_rule_is_refused(fields: dict[str, Any], words: str) -> None:
    """It is refused from Python and from JSON, in words that name the rule and quote no value."""
    with pytest.raises(ValidationError) as from_python:
        LLMRequest.model_validate(fields)
    with pytest.raises(ValidationError) as from_json:
        LLMRequest.model_validate_json(json.dumps(fields), strict=True)
    assert words in str(from_python.value)
    assert words in str(from_json.value)
    assert "input_value" not in str(from_python.value)


@pytest.mark.parametrize(
    "count,is_taken", [(0, False), (1, True), (MAX_BATCH_ITEMS, True), (MAX_BATCH_ITEMS + 1, False)]
)
def test_batch_holds_one_to_ten_thousand(count: int, is_taken: bool) -> None:
    """The contract's own bound stands above the configured one."""
    one = LLMRequest(prompt="x")
    if is_taken:
        assert len(BatchRequest(requests=[one] * count).requests) == count
    else:
        with pytest.raises(ValidationError):
            BatchRequest(requests=[one] * count)


def test_batch_does_not_quote_what_it_refuses() -> None:
    """A prompt in a wrong batch stays out of the error's text."""
    with pytest.raises(ValidationError) as caught:
        BatchRequest.model_validate({"requests": [{"prompt": ["private words"]}]})
    assert "private words" not in str(caught.value)


@pytest.mark.parametrize("given", ["a\x00b", ["a\x00b"], "\ud800"])
def test_embedded_text_is_whole_text(given: Any) -> None:
    """One text alone is checked as a list of them is."""
    with pytest.raises(ValidationError):
        EmbeddingRequest(input=given)


@pytest.mark.parametrize("model,fields", [(LLMRequest, {"prompt": "x"}), (EmbeddingRequest, {"input": "x"})])
def test_tag_of_the_reports_is_no_callers_own(model: type[BaseModel], fields: dict[str, Any]) -> None:
    """A report could not tell them apart; asking for it is another matter."""
    with pytest.raises(ValidationError, match="beyond an hour's first thousand"):
        model.model_validate({**fields, "tags": ["a", OTHER_TAG]})
    assert UsageQuery(tag=OTHER_TAG).tag == OTHER_TAG
