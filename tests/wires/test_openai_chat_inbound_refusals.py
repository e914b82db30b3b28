"""Which requests to /chat/completions are refused, and does the refusal name the field as its sender does?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.wires.openai_chat import decode_request
from contracts.errors import InvalidRequestError

HI = {"role": "user", "content": "Hi"}
CALL = {"id": "c1", "function": {"name": "f", "arguments": "{}"}}
CALLS = {"role": "assistant", "tool_calls": [CALL]}
ANSWER = {"role": "tool", "tool_call_id": "c1", "content": "4"}
F = {"type": "function", "function": {"name": "f"}}
REMOTE = {"$ref": "https://a/b"}


def image(url: Any) -> dict[str, Any]:
    return said([{"type": "image_url", "image_url": {"url": url}}])


def file(**fields: Any) -> dict[str, Any]:
    return said([{"type": "file", "file": fields}])


def said(content: Any, role: str = "user") -> dict[str, Any]:
    return {"messages": [{"role": role, "content": content}]}


def schema(value: Any) -> dict[str, Any]:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": value}}}


PART = "messages.0.content.0"
CASES: list[tuple[dict[str, Any], str, str]] = [
    ({"model": None}, "model", "is required"),
    ({"model": "a b"}, "model", "must match"),
    ({"model": "m" * 257}, "model", "must have at most 256 characters"),
    ({"messages": None}, "messages", "is required"),
    ({"messages": []}, "messages", "must have at least 1 item(s)"),
    ({"messages": "Hi"}, "messages", "must be a list"),
    ({"messages": [HI] * 10_001}, "messages", "must have at most 10000 items"),
    ({"messages": [None]}, "messages.0", "must be an object"),
    ({"messages": [{"content": "Hi"}]}, "messages.0.role", "is required"),
    ({"messages": [{"role": 5, "content": "Hi"}]}, "messages.0.role", "must be text"),
    (said(None), "messages.0.content", "is required"),
    (said([]), "messages.0.content", "must have at least 1 item(s)"),
    (said(5), "messages.0.content", "must be a list"),
    (said("a\x00"), "messages.0.content", "must not contain the NUL character"),
    (said("a\ud800"), "messages.0.content", "must not contain half of a surrogate pair"),
    (said(None, "assistant"), "messages.0.content", "is required where"),
    (
        said([{"type": "image_url", "image_url": {"url": "https://a"}}], "system"),
        "messages.0.content",
        "must hold text only",
    ),
    (said([None]), PART, "must be an object"),
    (said([{"text": "x"}]), f"{PART}.type", "is required"),
    (said([{"type": "text"}]), f"{PART}.text", "is required"),
    (said([{"type": "text", "text": 5}]), f"{PART}.text", "must be text"),
    (said([{"type": "text", "text": "x", "cache_control": {"type": 5}}]), f"{PART}.cache_control.type", "must be text"),
    (said([{"type": "image_url", "image_url": "https://a"}]), f"{PART}.image_url", "must be an object"),
    (said([{"type": "strange", "x": float("inf")}]), PART, "must hold nothing but what JSON"),
    (image("ftp://a"), f"{PART}.image_url.url", "must be an http(s) URL"),
    (image("https://a/" + "a" * 8192), f"{PART}.image_url.url", "must have at most 8192 characters"),
    (image("data:image/png,abc"), f"{PART}.image_url.url", "must be a whole data: URL"),
    (image("data:image/png;base64,aGk="), f"{PART}.image_url.url", "is not an image"),
    (image("data:image/jpg;base64,/9j/"), f"{PART}.image_url.url", "is not a type of image"),
    (file(), f"{PART}.file", "must have exactly one of file_id and file_data"),
    (file(file_id="a", file_data="b"), f"{PART}.file", "must have exactly one of file_id and file_data"),
    (file(file_data="?"), f"{PART}.file.file_data", "must be base64"),
    (said([{"type": "file"}]), f"{PART}.file", "is required"),
    ({"messages": [{"role": "tool", "content": "4"}]}, "messages.0.tool_call_id", "is required"),
    ({"messages": [ANSWER]}, "messages.0.tool_call_id", "answers no call"),
    ({"messages": [CALLS, ANSWER, ANSWER]}, "messages.2.tool_call_id", "was answered already"),
    (
        {"messages": [{"role": "assistant", "content": "x", "tool_calls": [CALL, CALL]}]},
        "messages.0.tool_calls.1.id",
        "is the id of another",
    ),
    (
        {"messages": [CALLS, {**ANSWER, "content": [{"type": "file", "file": {"file_id": "f"}}]}]},
        "messages.1.content",
        "must hold text and images",
    ),
    ({"messages": [{"role": "assistant", "tool_calls": [None]}]}, "messages.0.tool_calls.0", "must be an object"),
    (
        {"messages": [{"role": "assistant", "tool_calls": [{"id": "", "function": {"name": "f", "arguments": {}}}]}]},
        "messages.0.tool_calls.0.id",
        "must have at least 1 character(s)",
    ),
    (
        {"messages": [{"role": "function", "name": "f", "content": "4"}]},
        "messages.0.name",
        "must be the name of a function",
    ),
    (
        {"messages": [{**HI, "role": "assistant", "reasoning_details": [{"type": "x", "y": float("nan")}]}]},
        "messages.0.reasoning_details",
        "must hold nothing but",
    ),
    ({"temperature": "1"}, "temperature", "must be a number"),
    ({"temperature": True}, "temperature", "must be a number"),
    ({"temperature": float("nan")}, "temperature", "must be a finite number"),
    ({"temperature": Decimal("2.1")}, "temperature", "must be at most 2"),
    ({"top_p": Decimal("1E+999999")}, "top_p", "must be at most 1"),
    ({"presence_penalty": -3}, "presence_penalty", "must be at least -2"),
    ({"max_tokens": 1.5}, "max_tokens", "must be a whole number"),
    ({"max_tokens": 5, "max_completion_tokens": 6}, "max_tokens", "must be the same as max_completion_tokens"),
    ({"seed": 2**63}, "seed", f"must be at most {2**63 - 1}"),
    ({"stop": ["a", None]}, "stop.1", "must be text"),
    ({"stop": [""]}, "stop.0", "must have at least 1 character(s)"),
    ({"stop": ["a"] * 17}, "stop", "must have at most 16 items"),
    ({"n": 0}, "n", "must be at least 1"),
    ({"n": 129}, "n", "must be at most 128"),
    ({"stream": "yes"}, "stream", "must be true or false"),
    ({"stream_options": {"include_usage": 1}}, "stream_options.include_usage", "must be true or false"),
    ({"reasoning_effort": 5}, "reasoning_effort", "must be text"),
    ({"tools": [None]}, "tools.0", "must be an object"),
    ({"tools": [{"type": "function"}]}, "tools.0.function", "is required"),
    ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools.0.function.name", "must match"),
    ({"tools": [F, F]}, "tools.1.function.name", "must not be that of another tool"),
    (
        {"tools": [{"function": {"name": "f", "parameters": REMOTE}}]},
        "tools.0.function.parameters",
        "holds a remote $ref",
    ),
    ({"tools": [F], "functions": [{"name": "g"}]}, "functions", "must be left out"),
    ({"functions": [None]}, "functions.0", "must be an object"),
    ({"tool_choice": "required"}, "tool_choice", "must be left out, auto or none"),
    ({"tool_choice": 5, "tools": [F]}, "tool_choice", "must be text"),
    ({"tool_choice": {"type": 5}, "tools": [F]}, "tool_choice.type", "must be text"),
    ({"tool_choice": {"type": "function"}, "tools": [F]}, "tool_choice.function", "is required"),
    (
        {"tool_choice": {"type": "function", "function": {"name": "g"}}, "tools": [F]},
        "tool_choice",
        "must name one of the tools",
    ),
    ({"response_format": {"type": 5}}, "response_format.type", "must be text"),
    ({"response_format": {}}, "response_format.type", "is required"),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema", "is required"),
    (schema(None), "response_format.json_schema.schema", "is required"),
    (schema({"x": "y" * 65_536}), "response_format.json_schema.schema", "is larger than 65536 bytes"),
    (schema({"x": Decimal("1E+999")}), "response_format.json_schema.schema", "must hold nothing but what JSON"),
    ({"user": "u" * 257}, "user", "must have at most 256 characters"),
    ({"prompt_cache_key": ""}, "prompt_cache_key", "must have at least 1 character(s)"),
]


@pytest.mark.parametrize("fields, field, message", CASES)
def test_wrong_request_is_refused_by_the_name_of_its_field(fields: dict[str, Any], field: str, message: str) -> None:
    """The path is the dialect's own, and what stands there is not repeated."""
    with pytest.raises(InvalidRequestError) as caught:
        decode_request({"model": "m", "messages": [HI], **fields})
    found = caught.value.errors[0]
    assert found.field == field
    assert found.message.startswith(message)
    assert str(caught.value).startswith(f"{field}: {found.message}")


def test_body_that_is_no_object_is_refused() -> None:
    """There is no field to name then."""
    body: Any = [HI]
    with pytest.raises(InvalidRequestError, match="the body: must be an object"):
        decode_request(body)


def test_all_faults_are_told_at_once() -> None:
    """Twenty at most, and how many more there are."""
    with pytest.raises(InvalidRequestError) as caught:
        decode_request({"messages": [said(5)["messages"][0]] * 30, "temperature": 9})
    assert len(caught.value.errors) == 20
    assert str(caught.value).endswith("; and 31 more")
