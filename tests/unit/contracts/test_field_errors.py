"""Is a caller told which field is wrong, which rule it breaks and which name was meant, and never a value?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from contracts import FieldError, LLMProviderConfig, LLMRequest
from contracts.field_errors import MAX_REPORTED, field_errors, shown_key


def wrong(model: type[BaseModel], data: Any, at: str = "") -> list[FieldError]:
    """What is wrong with `data` as JSON for `model`."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(json.dumps(data), strict=True)
    return field_errors(caught.value, model, data, at)


def only(data: Any) -> tuple[str, str]:
    """Field and message of the one fault of a request."""
    (fault,) = wrong(LLMRequest, data)
    return fault.field, fault.message


SENTENCES: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"prompt": " "}, ("prompt", "must not be blank")),
    ({"prompt": ""}, ("prompt", "must have at least 1 character(s)")),
    ({"prompt": 5}, ("prompt", "must be text")),
    ({"prompt": "x", "max_tokens": 0}, ("max_tokens", "must be at least 1")),
    ({"prompt": "x", "max_tokens": 1.5}, ("max_tokens", "must be a whole number")),
    ({"prompt": "x", "temperature": 3}, ("temperature", "must be at most 2.0")),
    ({"prompt": "x", "temperature": "hot"}, ("temperature", "must be a number")),
    ({"prompt": "x", "enable_fallback": 1}, ("enable_fallback", "must be true or false")),
    ({"prompt": "x", "tags": "t"}, ("tags", "must be a list")),
    ({"prompt": "x", "tags": ["t"] * 11}, ("tags", "must have at most 10 items")),
    ({"prompt": "x", "tags": ["t" * 65]}, ("tags.0", "must have at most 64 characters")),
    ({"prompt": "x", "metadata": []}, ("metadata", "must be an object")),
    ({"prompt": "x", "stop": ""}, ("stop", "must have at least 1 character(s)")),
    ({"prompt": "x", "priority": "asap"}, ("priority", "must be 'low', 'normal', 'high' or 'urgent'")),
    ({"messages": []}, ("messages", "must have at least 1 item(s)")),
    ({"messages": [{"content": "x"}]}, ("messages.0.role", "is required")),
    ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, ("messages.0.content.0.text", "is required")),
    ({"messages": [{"role": "user", "content": [{"text": "x"}]}]}, ("messages.0.content.0", "needs `type`")),
    (
        {"prompt": "x", "fallback_providers": [{"provider": "a", "timeout_seconds": 0}]},
        ("fallback_providers.0.timeout_seconds", "must be at least 1.0"),
    ),
    ({}, ("", "give prompt or messages: one of them is required")),
]


@pytest.mark.parametrize("data,told", SENTENCES)
def test_fault_is_told_in_a_sentence(data: dict[str, Any], told: tuple[str, str]) -> None:
    """The field by its path in the body, without pydantic's own tags, and the rule in words."""
    assert only(data) == told


ASKED = {"role": "assistant", "content": [{"type": "tool_call", "id": "c", "name": "f", "arguments": "{}"}]}
ANSWER = {"type": "tool_result", "tool_call_id": "c", "content": "1"}
IMAGE = {"type": "image", "data": "iVBORw0KGgo=", "media_type": "image/png"}
TOOL = {"name": "look", "parameters": {"items": {"$ref": "https://example.org"}}}


def said(*parts: Any, role: str = "user") -> dict[str, Any]:
    """A message."""
    return {"role": role, "content": list(parts)}


PLACES: list[tuple[dict[str, Any], str]] = [
    ({"messages": [said()]}, "messages.0.content"),
    ({"messages": [said(IMAGE), said({"type": "text", "text": " "})]}, "messages.1.content"),
    ({"messages": [said(IMAGE, {**IMAGE, "data": "x"})]}, "messages.0.content.1.data"),
    ({"messages": [said({**IMAGE, "media_type": "image/svg+xml"})]}, "messages.0.content.0.media_type"),
    ({"messages": [said({"type": "image", "data": "iVBORw0KGgo="})]}, "messages.0.content.0.media_type"),
    ({"messages": [said({"type": "image"})]}, "messages.0.content.0"),
    ({"messages": [said({"type": "image", "url": "data:image/png;base64,"})]}, "messages.0.content.0.url"),
    ({"messages": [said({"type": "file", "data": "-", "media_type": "text/csv"})]}, "messages.0.content.0.data"),
    (
        {"messages": [said({"type": "file", "url": "https://a", "media_type": "pdf"})]},
        "messages.0.content.0.media_type",
    ),
    ({"messages": [said({"type": "file"})]}, "messages.0.content.0"),
    ({"messages": [said(*ASKED["content"])]}, "messages.0.content.0"),
    ({"messages": [said(*ASKED["content"], *ASKED["content"], role="assistant")]}, "messages.0.content.1.id"),
    ({"messages": [said(ANSWER, role="tool"), ASKED]}, "messages.0.content.0.tool_call_id"),
    ({"messages": [ASKED, said(ANSWER, ANSWER, role="tool")]}, "messages.1.content.1.tool_call_id"),
    (
        {"messages": [ASKED, said({**ANSWER, "content": [{**IMAGE, "data": "aGk="}]}, role="tool")]},
        "messages.1.content.0.content.0.data",
    ),
    ({"prompt": "x", "metadata": {"k": "x" * 17_000}}, "metadata"),
    ({"prompt": "x", "tools": [{"name": "hear"}, TOOL]}, "tools.1.parameters"),
    ({"prompt": "x", "tools": [{"name": "hear"}, {"name": "hear"}]}, "tools.1.name"),
    ({"prompt": "x", "tool_choice": {"mode": "tool"}}, "tool_choice.name"),
    ({"prompt": "x", "tool_choice": {"mode": "required"}}, "tool_choice.mode"),
    ({"prompt": "x", "tools": [{"name": "a"}], "tool_choice": {"mode": "tool", "name": "b"}}, "tool_choice.name"),
    ({"prompt": "x", "signal_type": "score", "response_format": {"type": "json_object"}}, "signal_type"),
    ({"prompt": "x", "response_format": {"type": "json_schema"}}, "response_format.json_schema"),
    (
        {"prompt": "x", "response_format": {"type": "json_schema", "json_schema": {"$ref": "a"}}},
        "response_format.json_schema",
    ),
]


@pytest.mark.parametrize("data,field", PLACES)
def test_rule_of_several_fields_names_the_place(data: dict[str, Any], field: str) -> None:
    """pydantic has no path for what a validator of the whole finds: the rule has its own, below an item's."""
    assert only(data)[0] == field
    assert wrong(LLMRequest, data, "requests.3")[0].field == f"requests.3.{field}"


def test_rule_of_several_fields_can_hint() -> None:
    """The nearest right value, where there is one."""
    (fault,) = wrong(LLMRequest, {"messages": [said({**IMAGE, "media_type": "image/jpg"})]})
    assert fault.hint == "did you mean image/jpeg?"


NEAREST: list[tuple[type[BaseModel], dict[str, Any], str, str | None]] = [
    (LLMRequest, {"prompt": "x", "max_token": 5}, "max_token", "did you mean max_tokens?"),
    (LLMRequest, {"prompt": "x", "Temperature": 1}, "Temperature", "did you mean temperature?"),
    (LLMRequest, {"prompt": "x", "zzzzzz": 1}, "zzzzzz", None),
    (
        LLMRequest,
        {"prompt": "x", "provider": "openai", "preferred_provider": "openai"},
        "provider",
        "it is another name of preferred_provider: give one of them",
    ),
    (
        LLMRequest,
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "x", "txt": "y"}]}]},
        "messages.0.content.0.txt",
        "did you mean text?",
    ),
    (LLMProviderConfig, {"max_retry": 1}, "max_retry", "did you mean max_retries?"),
    (
        LLMProviderConfig,
        {"providers": {"openai": {"type": "openai", "apikey": "x"}}},
        "providers.openai.apikey",
        "did you mean api_key?",
    ),
    (
        LLMProviderConfig,
        {"circuit_breaker": {"failure_treshold": 1}},
        "circuit_breaker.failure_treshold",
        "did you mean failure_threshold?",
    ),
]


@pytest.mark.parametrize("model,data,field,hint", NEAREST)
def test_unknown_field_is_told_the_nearest_name(
    model: type[BaseModel], data: dict[str, Any], field: str, hint: str | None
) -> None:
    """Known at that very place, not anywhere in the model."""
    faults = {fault.field: fault for fault in wrong(model, data)}
    assert faults[field].message == "is not a known field"
    assert faults[field].hint == hint


def test_faults_are_told_under_the_path_of_their_body() -> None:
    """An item of a batch says which item it is."""
    assert wrong(LLMRequest, {"prompt": ""}, "requests.3")[0].field == "requests.3.prompt"
    assert wrong(LLMRequest, {}, "requests.3")[0].field == "requests.3"


def test_faults_are_told_at_most_twenty_at_once() -> None:
    """A body of nonsense does not become an answer of its size."""
    assert len(wrong(LLMRequest, {"prompt": "x", **{f"unknown{n}": n for n in range(100)}})) == MAX_REPORTED


def test_faults_quote_no_value() -> None:
    """Values are prompts and keys."""
    data = {"prompt": ["PRIVATE"], "system": {"k": "PRIVATE"}, "temperature": "PRIVATE", "provider": "PRIVATE WORDS"}
    assert "PRIVATE" not in str(wrong(LLMRequest, data))


@pytest.mark.parametrize("key,shown", [("k" * 100, "k" * 64), ("a\x00b", "a\\u0000b"), ("a\ud800", "a\\ud800")])
def test_key_is_shown_short_and_writable(key: str, shown: str) -> None:
    """A key comes from the caller: it is cut, and made text that can be sent."""
    assert shown_key(key) == shown
