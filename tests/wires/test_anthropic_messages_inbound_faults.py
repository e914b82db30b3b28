"""Is a request of Anthropic's dialect that cannot be served refused with the place and the rule of each fault?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.wires.anthropic_messages import decode_request
from contracts.errors import InvalidRequestError

HI = {"role": "user", "content": "Hi"}
PIXELS = "iVBORw0KGgoAAAANSUhEUg=="
LOOK: dict[str, Any] = {"name": "look", "input_schema": {"type": "object"}}
CALL = {"type": "tool_use", "id": "a", "name": "look", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "a", "content": "r"}


def faults(body: Any) -> dict[str, str]:
    with pytest.raises(InvalidRequestError) as caught:
        decode_request(body)
    return {one.field: one.message for one in caught.value.errors}


def body_of(*turns: Any, **fields: Any) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 9, "messages": list(turns) or [HI], **fields}


@pytest.mark.parametrize(
    "fields,path,message",
    [
        ({"model": None}, "model", "is required"),
        ({"model": "a b"}, "model", "must match ^"),
        ({"max_tokens": None}, "max_tokens", "is required"),
        ({"max_tokens": -1}, "max_tokens", "must be at least 0"),
        ({"max_tokens": 10**400}, "max_tokens", "must be at most 10000000"),
        ({"max_tokens": Decimal("1.5")}, "max_tokens", "must be a whole number"),
        ({"max_tokens": True}, "max_tokens", "must be a whole number"),
        ({"temperature": 2.1}, "temperature", "must be at most 2"),
        ({"temperature": float("nan")}, "temperature", "must be a finite number"),
        ({"temperature": "1"}, "temperature", "must be a number"),
        ({"top_p": -1}, "top_p", "must be at least 0"),
        ({"stop_sequences": "END"}, "stop_sequences", "must be a list"),
        ({"stop_sequences": ["x"] * 17}, "stop_sequences", "must have at most 16 items"),
        ({"stop_sequences": [""]}, "stop_sequences.0", "must have at least 1 character(s)"),
        ({"stop_sequences": ["x" * 257]}, "stop_sequences.0", "must have at most 256 characters"),
        ({"stop_sequences": ["\ud800"]}, "stop_sequences.0", "must not contain half of a surrogate pair"),
        ({"stream": "yes"}, "stream", "must be true or false"),
        ({"metadata": []}, "metadata", "must be an object"),
        ({"metadata": {"user_id": 1}}, "metadata.user_id", "must be text"),
        ({"messages": None}, "messages", "is required"),
        ({"messages": []}, "messages", "must have at least 1 item(s)"),
        ({"messages": ["Hi"]}, "messages.0", "must be an object"),
        ({"messages": [HI] * 10_001}, "messages", "must have at most 10000 items"),
        ({"system": 1}, "system", "must be text or a list of content blocks"),
        ({"system": "\x00"}, "system", "must not contain the NUL character"),
        ({"system": [{"type": "image"}]}, "system.0.type", "must be text in a message with role system"),
        ({"thinking": 1}, "thinking", "must be an object"),
        ({"thinking": {}}, "thinking.type", "is required"),
        ({"thinking": {"type": "enabled"}}, "thinking.budget_tokens", "is required"),
        ({"thinking": {"type": "enabled", "budget_tokens": 9}}, "thinking.budget_tokens", "must be at least 1024"),
        ({"output_config": {"effort": 3}}, "output_config.effort", "must be text"),
        ({"thinking": {"type": "adaptive", "display": 1}}, "thinking.display", "must be text"),
        ({"output_config": 1}, "output_config", "must be an object"),
        ({"output_config": {"format": {"type": 1}}}, "output_config.format.type", "must be text"),
        ({"output_config": {"format": {"type": "json_schema"}}}, "output_config.format.schema", "is required"),
        ({"output_config": {"format": 1}}, "output_config.format", "must be an object"),
        ({"tools": [1]}, "tools.0", "must be an object"),
        ({"tools": [{**LOOK, "name": "a b"}]}, "tools.0.name", "must match ^"),
        ({"tools": [LOOK, LOOK]}, "tools.1.name", "must not be that of another tool"),
        ({"tools": [{"name": "look"}]}, "tools.0.input_schema", "is required"),
        ({"tools": [{**LOOK, "type": 1}]}, "tools.0.type", "must be text"),
        ({"tools": [{**LOOK, "input_schema": {"$ref": "http://a"}}]}, "tools.0.input_schema", "holds a remote $ref"),
        ({"tools": [{**LOOK, "input_schema": {"a": float("nan")}}]}, "tools.0.input_schema", "must hold nothing but"),
        ({"tools": [{**LOOK, "cache_control": {"ttl": 9}}]}, "tools.0.cache_control.ttl", "must be text"),
        ({"tools": [{**LOOK, "cache_control": 1}]}, "tools.0.cache_control", "must be an object"),
        ({"tool_choice": "any"}, "tool_choice", "must be an object"),
        ({"tool_choice": {}}, "tool_choice.type", "is required"),
        ({"tool_choice": {"type": "any"}}, "tool_choice", "must not be any without tools"),
        ({"tool_choice": {"type": "tool"}}, "tool_choice.name", "is required"),
        (
            {"tools": [LOOK], "tool_choice": {"type": "tool", "name": "n"}},
            "tool_choice.name",
            "must be that of a tool that is given",
        ),
    ],
)
def test_wrong_field_is_named_with_its_rule(fields: dict[str, Any], path: str, message: str) -> None:
    """In the dialect's own names, beginning with what must be."""
    assert faults(body_of(**fields))[path].startswith(message)


def image(**source: Any) -> dict[str, Any]:
    return {"type": "image", "source": source}


def document(**source: Any) -> dict[str, Any]:
    return {"type": "document", "source": source}


DEEP: dict[str, Any] = {}
for _ in range(100_000):
    DEEP = {"a": DEEP}


@pytest.mark.parametrize(
    "block,path,message",
    [
        (1, "", "must be an object"),
        (None, "", "must be an object"),
        ({}, ".type", "is required"),
        ({"type": 1}, ".type", "must be text"),
        ({"type": "text"}, ".text", "is required"),
        ({"type": "text", "text": "a\x00"}, ".text", "must not contain the NUL character"),
        ({"type": "future", "a": DEEP}, "", "must hold nothing but what JSON can say"),
        ({**CALL}, ".type", "must not be tool_use here: it belongs into a message with role assistant"),
        ({"type": "redacted_thinking", "data": ""}, ".type", "must not be redacted_thinking here"),
        ({"type": "image"}, ".source", "is required"),
        ({"type": "image", "source": 1}, ".source", "must be an object"),
        (image(), ".source.type", "is required"),
        (image(type="base64", data=PIXELS), ".source.media_type", "is required"),
        (image(type="base64", media_type="image/png"), ".source.data", "is required"),
        (image(type="base64", media_type="image/svg+xml", data=PIXELS), ".source.media_type", "is not a type of"),
        (image(type="base64", media_type="image/jpeg", data=PIXELS), ".source.data", "is image/png, and media_type"),
        (image(type="base64", media_type="image/png", data="a b"), ".source.data", "must be base64"),
        (image(type="url"), ".source.url", "is required"),
        (image(type="url", url="file:///etc/passwd"), ".source.url", "must be an http(s) URL"),
        (image(type="url", url="data:image/png,abc"), ".source.url", "must be a whole data: URL"),
        (image(type="url", url="data:;base64,aGk="), ".source.url", "must be a whole data: URL"),
        (image(type="url", url="https://a/" + "x" * 8192), ".source.url", "must have at most 8192 characters"),
        (document(type="base64", media_type="x/y", data="aGk="), ".source.media_type", "is not a type of file"),
        (document(type="text", data=""), ".source.data", "must have at least 1 character(s)"),
        (document(type="file"), ".source.file_id", "is required"),
        ({"type": "document", "source": 1}, ".source", "must be an object"),
        ({"type": "tool_result"}, ".tool_use_id", "is required"),
        ({**RESULT, "content": 1}, ".content", "must be text or a list of content blocks"),
        ({**RESULT, "content": ["r"]}, ".content.0", "must be an object"),
        ({**RESULT, "content": [{"text": "r"}]}, ".content.0.type", "is required"),
        ({**RESULT, "content": [{"type": "text"}]}, ".content.0.text", "is required"),
        ({**RESULT, "content": "\ud800"}, ".content", "must not contain half of a surrogate pair"),
        ({**RESULT, "is_error": 1}, ".is_error", "must be true or false"),
        (RESULT, ".tool_use_id", "answers no call"),
    ],
)
def test_wrong_block_is_named_with_its_rule(block: Any, path: str, message: str) -> None:
    """At its own place, however deep."""
    found = faults(body_of({"role": "user", "content": [{"type": "text", "text": "Hi"}, block]}))
    assert found[f"messages.0.content.1{path}"].startswith(message)


@pytest.mark.parametrize(
    "block,path,message",
    [
        ({**CALL, "input": None}, ".input", "is required"),
        ({**CALL, "input": "{}"}, ".input", "must be an object"),
        ({**CALL, "input": {"a": DEEP}}, ".input", "must hold nothing but what JSON can say"),
        ({**CALL, "name": ""}, ".name", "must have at least 1 character(s)"),
        ({**CALL, "id": None}, ".id", "is required"),
        ({"type": "thinking", "thinking": "hm"}, ".signature", "is required"),
        ({"type": "thinking", "signature": "s"}, ".thinking", "is required"),
        (RESULT, ".type", "must not be tool_result here: it belongs into a message with role user"),
    ],
)
def test_wrong_block_of_the_model_is_named_with_its_rule(block: Any, path: str, message: str) -> None:
    """What the assistant said is checked like all else."""
    found = faults(body_of(HI, {"role": "assistant", "content": [block]}))
    assert found[f"messages.1.content.0{path}"].startswith(message)


@pytest.mark.parametrize(
    "turn,path,message",
    [
        ({"content": "Hi"}, ".role", "is required"),
        ({"role": 1, "content": "Hi"}, ".role", "must be text"),
        ({"role": "user"}, ".content", "is required"),
        ({"role": "user", "content": []}, ".content", "must have at least 1 item(s)"),
        ({"role": "user", "content": 1}, ".content", "must be text or a list of content blocks"),
        ({"role": "user", "content": "\x00"}, ".content", "must not contain the NUL character"),
    ],
)
def test_wrong_turn_is_named_with_its_rule(turn: Any, path: str, message: str) -> None:
    """An empty turn, or one that nobody said."""
    found = faults(body_of(turn))
    assert found == {f"messages.0{path}": message}


def test_results_answer_calls_that_stand_before_them() -> None:
    """Once each; a call has an id of its own; with blocks that only the vendor reads, it is the vendor's to judge."""
    called = {"role": "assistant", "content": [CALL]}
    twice = faults(body_of(HI, called, {"role": "user", "content": [RESULT, RESULT]}))
    assert twice["messages.2.content.1.tool_use_id"].startswith("was answered already")
    same = faults(body_of(HI, {"role": "assistant", "content": [CALL, CALL]}))
    assert same["messages.1.content.1.id"].startswith("is the id of another tool_call")
    raw = {**CALL, "caller": {"type": "code_execution_20260521", "tool_id": "b"}}
    turns = [HI, {"role": "assistant", "content": [raw]}, {"role": "user", "content": [RESULT]}]
    assert len(decode_request(body_of(*turns)).conversation.messages) == 3


@pytest.mark.parametrize("body", [None, [], "x", 1])
def test_body_that_is_no_object_is_refused(body: Any) -> None:
    """It is the body itself that is wrong."""
    with pytest.raises(InvalidRequestError, match="the body: must be an object"):
        decode_request(body)


def test_faults_are_counted_and_the_first_said() -> None:
    """A body of a thousand faults lists twenty, and shows no value of any."""
    turns = [{"role": "user", "content": [{"type": "text", "text": "secret\x00"}]}] * 1000
    with pytest.raises(InvalidRequestError) as caught:
        decode_request(body_of(*turns))
    assert len(caught.value.errors) == 20
    assert caught.value.detail == "messages.0.content.0.text: must not contain the NUL character; and 999 more"
    assert "secret" not in repr(caught.value.errors)
