"""How is a request read: leniently from Python, strictly from JSON, with its shorthands, and never changed after?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from contracts import (
    Candidate,
    ImagePart,
    LLMRequest,
    Message,
    Priority,
    ProviderType,
    Role,
    SignalType,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)


def from_json(**fields: Any) -> LLMRequest:
    """A request as the HTTP edge reads it."""
    return LLMRequest.model_validate_json(json.dumps(fields), strict=True)


LENIENT = [
    ("max_tokens", "5", 5),
    ("temperature", "0.5", 0.5),
    ("enable_fallback", "false", False),
    ("stop", ["a", "b"], ("a", "b")),
    ("priority", "high", Priority.HIGH),
]


@pytest.mark.parametrize("field,given,read", LENIENT)
def test_request_from_python_coerces(field: str, given: Any, read: Any) -> None:
    """Python callers may hand over what pydantic can turn into the right type."""
    assert getattr(LLMRequest.model_validate({"prompt": "x", field: given}), field) == read


@pytest.mark.parametrize(
    "field,given",
    [
        ("max_tokens", "5"),
        ("max_tokens", 5.0),
        ("max_tokens", True),
        ("temperature", "0.5"),
        ("enable_fallback", "false"),
        ("enable_fallback", 0),
        ("prompt", 5),
        ("messages", {"role": "user", "content": "x"}),
        ("vendor_options", []),
        ("metadata", "none"),
    ],
)
def test_request_from_json_does_not_coerce(field: str, given: Any) -> None:
    """In JSON a string is no number and a number is no boolean."""
    fields = {"prompt": "x", field: given} if field != "messages" else {field: given}
    with pytest.raises(ValidationError):
        from_json(**fields)


@pytest.mark.parametrize("name", ["preferred_provider", "provider"])
@pytest.mark.parametrize("given,read", [("google", "gemini"), ("gemini", "gemini"), ("my-vllm", "my-vllm")])
def test_request_takes_both_names_of_its_provider(name: str, given: str, read: str) -> None:
    """`provider` is `preferred_provider`, and `google` is `gemini`."""
    assert from_json(prompt="x", **{name: given}).preferred_provider == read


def test_request_refuses_both_names_at_once() -> None:
    """One of them would silently lose."""
    with pytest.raises(ValidationError, match="not permitted"):
        from_json(prompt="x", provider="openai", preferred_provider="gemini")


def test_request_takes_a_provider_type() -> None:
    """Python callers may name a provider by its type."""
    assert LLMRequest(prompt="x", preferred_provider=ProviderType.OPENAI).preferred_provider == "openai"


@pytest.mark.parametrize(
    "given,read",
    [
        ("openai", Candidate(provider="openai")),
        ("google/gemini-4-argon", Candidate(provider="gemini", model="gemini-4-argon")),
        ("openrouter/openai/gpt-6-luna", Candidate(provider="openrouter", model="openai/gpt-6-luna")),
        ({"provider": "google", "timeout_seconds": 5}, Candidate(provider="gemini", timeout_seconds=5)),
    ],
)
def test_candidate_has_a_shorthand(given: Any, read: Candidate) -> None:
    """A string is a provider, or a provider and the model behind its first slash."""
    assert from_json(prompt="x", fallback_providers=[given]).fallback_providers == (read,)


@pytest.mark.parametrize("text", ["openai", "openrouter/openai/gpt-6-luna"])
def test_candidate_is_written_as_its_shorthand(text: str) -> None:
    """`str` and `parse` are each other's inverse."""
    assert str(Candidate.parse(text)) == text


def test_stop_may_be_one_string() -> None:
    """A single string is one sequence, not its letters."""
    assert from_json(prompt="x", stop="END").stop == ("END",)


def test_content_may_be_one_string() -> None:
    """A message's and a tool result's string become one text part."""
    result = {"type": "tool_result", "tool_call_id": "1", "content": "found"}
    call = {"type": "tool_call", "id": "1", "name": "look", "arguments": "{}"}
    asked = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": [call]}]
    read = from_json(messages=[*asked, {"role": "tool", "content": [result]}])
    assert read.messages == (
        Message(role=Role.USER, content=(TextPart(text="hello"),)),
        Message(role=Role.ASSISTANT, content=(ToolCallPart(id="1", name="look", arguments="{}"),)),
        Message(role=Role.TOOL, content=(ToolResultPart(tool_call_id="1", content=(TextPart(text="found"),)),)),
    )


def test_request_takes_messages_made_in_python() -> None:
    """The dataclasses themselves are taken as they are."""
    message = Message(role=Role.USER, content=(TextPart(text="what is it?"), ImagePart(url="https://example.org/a")))
    assert LLMRequest(messages=(message,)).messages == (message,)


def test_message_reads_text_and_tool_calls_in_order() -> None:
    """`text` joins what was said, `tool_calls` lists what is asked for."""
    call = ToolCallPart(id="1", name="look", arguments="{}")
    message = Message(role=Role.ASSISTANT, content=(TextPart(text="one "), call, TextPart(text="two")))
    assert (message.text, message.tool_calls) == ("one two", (call,))


def test_request_is_frozen() -> None:
    """Nobody changes a request on its way."""
    made = LLMRequest(prompt="x", signal_type=SignalType.SCORE)
    with pytest.raises(ValidationError, match="frozen"):
        made.prompt = "y"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        Candidate(provider="a").provider = "b"  # type: ignore[misc]


def test_request_schema_shows_the_shorthands() -> None:
    """A client generated from the JSON Schema may send a string or the long form."""
    properties = LLMRequest.model_json_schema()["properties"]
    kinds = [branch.get("type") for branch in properties["stop"]["anyOf"]]
    assert kinds == ["string", "array"]
