"""Which faults of a body for POST /responses are named, where, and in which words?"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from app.wires.openai_responses import decode_request
from contracts.errors import InvalidRequestError

PNG = "iVBORw0KGgo="
CALL = {"type": "function_call", "call_id": "c1", "name": "price", "arguments": "{}"}


def wrong(body: Any) -> dict[str, str]:
    """The fields that are wrong, and what is said of each."""
    with pytest.raises(InvalidRequestError) as caught:
        decode_request(body)
    return {error.field: error.message for error in caught.value.errors}


def wrong_items(*items: Any) -> dict[str, str]:
    return wrong({"model": "m", "input": list(items)})


def user(*parts: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(parts)}


@pytest.mark.parametrize(
    "body, fields",
    [
        ([], {"": "must be an object"}),
        ({}, {"input": "is required", "model": "is required"}),
        ({"model": "a b", "input": "Hi"}, {"model": r"must match ^[\x21-\x7e]+$"}),
        ({"model": "m", "input": []}, {"input": "must have at least 1 item(s)"}),
        ({"model": "m", "input": 5}, {"input": "must be a list"}),
        ({"model": "m", "input": "a\x00"}, {"input": "must not contain the NUL character"}),
        ({"model": "m", "input": "Hi", "background": 1, "stream": "yes"}, ["background", "stream"]),
        ({"model": "m", "input": "Hi", "background": True}, ["background"]),
        ({"model": "m", "input": "Hi", "store": "no"}, ["store"]),
        ({"model": "m", "input": "Hi", "previous_response_id": "resp_req_1"}, ["previous_response_id"]),
        ({"model": "m", "input": "Hi", "previous_response_id": 5}, ["previous_response_id"]),
        ({"model": "m", "input": "Hi", "stream_options": 5}, ["stream_options"]),
        ({"model": "m", "input": "Hi", "max_output_tokens": 0, "temperature": 3}, ["temperature", "max_output_tokens"]),
        ({"model": "m", "input": "Hi", "include": [5], "reasoning": 5, "text": []}, ["include.0", "reasoning", "text"]),
        ({"model": "m", "input": "Hi", "reasoning": {"effort": 5}}, ["reasoning.effort"]),
        ({"model": "m", "input": "Hi", "text": {"format": {"type": "json_schema"}}}, None),
        ({"model": "m", "input": "Hi", "text": {"format": {"type": 5}}}, ["text.format.type"]),
        ({"model": "m", "input": "Hi", "text": {"format": "json"}}, ["text.format"]),
        ({"model": "m", "input": "Hi", "tool_choice": {"type": 5}}, ["tool_choice.type"]),
        ({"model": "m", "input": "Hi", "tool_choice": "required"}, ["tool_choice"]),
        (
            {
                "model": "m",
                "input": "Hi",
                "tools": [{"type": "function", "name": "f"}],
                "tool_choice": {"type": "function", "name": "g"},
            },
            {"tool_choice": "must name one of the tools that are given"},
        ),
        ({"model": "m", "input": "Hi", "tools": [{"type": "function", "name": "f"}] * 2}, ["tools.1.name"]),
        ({"model": "m", "input": "Hi", "tools": [{"type": "function", "name": "a b"}, {}, 5]}, None),
        (
            {
                "model": "m",
                "input": "Hi",
                "tools": [{"type": "function", "name": "f", "parameters": {"$ref": "http://x"}}],
            },
            ["tools.0.parameters"],
        ),
    ],
)
def test_wrong_fields_are_named(body: Any, fields: Any) -> None:
    """By their dotted path in this dialect, all in one pass."""
    found = wrong(body)
    if isinstance(fields, Mapping):
        assert found == fields
    else:
        expected = {
            "text": ["text.format.schema", "text.format.name"],
            "tools": ["tools.1.type", "tools.2", "tools.0.name"],
        }
        assert sorted(found) == sorted(fields or next(expected[name] for name in expected if name in body))


@pytest.mark.parametrize(
    "items, fields",
    [
        ([5], {"input.0": "must be an object"}),
        ([{}], {"input.0.type": "is required"}),
        ([{"type": "message"}], {"input.0.role": "is required", "input.0.content": "is required"}),
        ([{"role": 5, "content": "x"}], ["input.0.role"]),
        ([{"role": "critic"}], ["input.0.content"]),
        ([user()], {"input.0": "must not be empty"}),
        (
            [user({"type": "input_text"}, 5, {})],
            ["input.0.content.0.text", "input.0.content.1", "input.0.content.2.type"],
        ),
        ([user({"type": "input_image"})], {"input.0.content.0.image_url": "is required"}),
        ([user({"type": "input_image", "image_url": "ftp://x"})], ["input.0.content.0.image_url"]),
        ([user({"type": "input_image", "image_url": f"https://{'x' * 9000}"})], ["input.0.content.0.image_url"]),
        ([user({"type": "input_image", "image_url": "data:image/png,x"})], ["input.0.content.0.image_url"]),
        ([user({"type": "input_image", "image_url": "data:image/png;base64,aGk="})], ["input.0.content.0.image_url"]),
        ([user({"type": "input_image", "image_url": f"data:text/html;base64,{PNG}"})], ["input.0.content.0.image_url"]),
        ([user({"type": "input_file"})], ["input.0.content.0"]),
        ([user({"type": "input_file", "file_id": "f", "file_url": "https://x"})], ["input.0.content.0"]),
        ([user({"type": "input_file", "file_data": "data:application/pdf;base64,?"})], ["input.0.content.0.file_data"]),
        ([user({"type": "strange", "x": Decimal("1e999")})], ["input.0.content.0"]),
        ([{"type": "function_call"}], ["input.0.call_id", "input.0.name", "input.0.arguments"]),
        ([{"type": "function_call_output"}], ["input.0.call_id", "input.0.output"]),
        ([{"type": "function_call_output", "call_id": "c1", "output": "3"}], ["input.0.call_id"]),
        ([CALL, CALL], ["input.1.call_id"]),
        (
            [
                CALL,
                {
                    "type": "function_call_output",
                    "call_id": "c1",
                    "output": [{"type": "input_image", "image_url": "data:image/png;base64,aGk="}],
                },
            ],
            ["input.1.output"],
        ),
        ([{"type": "reasoning", "summary": 5}], {"input.0.summary": "must be a list"}),
        ([{"type": "reasoning", "summary": [5, {"text": "a\x00"}]}], ["input.0.summary.0", "input.0.summary.1.text"]),
        ([{"type": "reasoning", "encrypted_content": "e", "x": Decimal("NaN")}], ["input.0"]),
    ],
)
def test_wrong_items_are_named(items: list[Any], fields: Any) -> None:
    """The contract's own rules too, at the place where this dialect has them."""
    found = wrong_items(*items)
    assert found == fields if isinstance(fields, dict) else sorted(found) == sorted(fields)


def test_values_never_stand_in_an_error() -> None:
    """They are prompts."""
    with pytest.raises(InvalidRequestError) as caught:
        decode_request({"model": "m", "input": [{"role": "secret", "content": "secret"}], "temperature": "secret"})
    assert "secret" not in f"{caught.value.detail} {caught.value.errors}"
