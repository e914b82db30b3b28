"""What of a caller's body is not taken, and is it said: by its path, and never by its value?"""

from __future__ import annotations

from typing import Any

import pytest

from app.wires import anthropic_messages, openai_chat, openai_responses
from app.wires.inbound import Inbound, ReplyNames
from contracts.calls import Reply
from contracts.chat import (
    FinishReason,
    Message,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
)

SECRET = "what nobody may read"
NAMES = ReplyNames(request_id="r", model="m", created=1)
MESSAGE = Message(
    role=Role.ASSISTANT,
    content=(
        ReasoningPart(text="hm", signature="s", provider="other"),
        TextPart(text="Hi."),
        RefusalPart(text="No."),
        ToolCallPart(id="c", name="f", arguments="{}"),
    ),
)
REPLY = Reply(message=MESSAGE, finish_reason=FinishReason.TOOL_CALLS)


def chat(*messages: dict[str, Any], **fields: Any) -> Inbound:
    return openai_chat.decode_request({"model": "m", "messages": list(messages) or [user("Hi")], **fields})


def responses(*items: dict[str, Any], **fields: Any) -> Inbound:
    return openai_responses.decode_request({"model": "m", "input": list(items) or "Hi", **fields})


def claude(**fields: Any) -> Inbound:
    return anthropic_messages.decode_request({"model": "m", "max_tokens": 9, "messages": [user("Hi")], **fields})


def user(content: Any, **fields: Any) -> dict[str, Any]:
    return {"role": "user", "content": content, **fields}


def paths(inbound: Inbound) -> list[str]:
    """The fields in the warnings, which hold nothing of what stood there."""
    assert SECRET not in "".join(inbound.warnings)
    return [sentence.split(" is not known here")[0] for sentence in inbound.warnings]


CHAT: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"messages": [user("Hi", name=SECRET)]}, ["messages.0.name"]),
    ({"messages": [user([{"type": "text", "text": "Hi", "x": SECRET}])]}, ["messages.0.content.0.x"]),
    (
        {"messages": [user([{"type": "image_url", "image_url": {"url": "https://a", "x": SECRET}}])]},
        ["messages.0.content.0.image_url.x"],
    ),
    (
        {"messages": [user([{"type": "file", "file": {"file_id": "a", "x": SECRET}}])]},
        ["messages.0.content.0.file.x"],
    ),
    ({"messages": [user([{"type": "input_audio", "x": SECRET}])]}, []),
    (
        {"messages": [{"role": "assistant", "content": "Hi", "annotations": [{"x": SECRET}]}]},
        ["messages.0.annotations"],
    ),
    (
        {
            "messages": [
                {
                    "role": "assistant",
                    "tool_calls": [{"id": "a", "index": 0, "function": {"name": "f", "arguments": "{}", "x": SECRET}}],
                }
            ]
        },
        ["messages.0.tool_calls.0.function.x"],
    ),
    (
        {"tools": [{"type": "function", "x": 1, "function": {"name": "f", "y": SECRET}}]},
        ["tools.0.x", "tools.0.function.y"],
    ),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {}, "x": SECRET}}},
        ["response_format.json_schema.x"],
    ),
    ({"stream": True, "stream_options": {"include_usage": True, "x": SECRET}}, []),
    (
        {"messages": [user([{"type": "image_url", "image_url": {"url": "https://a", "detail": SECRET}}])]},
        ["messages.0.content.0.image_url.detail"],
    ),
    (
        {"messages": [user([{"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral", "ttl": SECRET}}])]},
        ["messages.0.content.0.cache_control.ttl"],
    ),
    (
        {"messages": [user([{"type": "text", "text": "Hi", "prompt_cache_breakpoint": {"mode": SECRET}}])]},
        ["messages.0.content.0.prompt_cache_breakpoint.mode"],
    ),
]


@pytest.mark.parametrize("fields,expected", CHAT)
def test_chat_field_that_is_not_taken_is_named(fields: dict[str, Any], expected: list[str]) -> None:
    """Names of participants, and what is unknown inside messages, parts, tools and shapes."""
    assert paths(chat(**fields)) == expected


RESPONSES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"input": [user("Hi", id="m", status="completed", phase=SECRET)]}, ["input.0.phase"]),
    (
        {"input": [user([{"type": "output_text", "text": "a", "annotations": [SECRET], "logprobs": []}])]},
        ["input.0.content.0.annotations"],
    ),
    ({"input": [user([{"type": "input_audio", "x": SECRET}])]}, []),
    (
        {
            "input": [
                {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}", "namespace": SECRET},
                {"type": "function_call_output", "call_id": "c", "output": "1", "x": SECRET},
            ]
        },
        ["input.0.namespace", "input.1.x"],
    ),
    (
        {"text": {"format": {"type": "json_schema", "name": "n", "schema": {}, "x": SECRET}}},
        ["text.format.x"],
    ),
    ({"tools": [{"type": "function", "name": "f", "x": SECRET}]}, []),
]


@pytest.mark.parametrize("fields,expected", RESPONSES)
def test_responses_field_that_is_not_taken_is_named(fields: dict[str, Any], expected: list[str]) -> None:
    """An item's id and status say nothing here; what goes on in `extras` or in a raw part was taken."""
    assert paths(responses(**fields)) == expected


CLAUDE: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"tool_choice": {"type": "auto", "x": SECRET}}, ["tool_choice.x"]),
    (
        {"output_config": {"format": {"type": "json_schema", "schema": {}, "x": SECRET}}},
        ["output_config.format.x"],
    ),
    ({"messages": [user([{"type": "text", "text": "Hi", "x": SECRET}])]}, []),
    ({"thinking": {"type": "adaptive", "x": SECRET}}, []),
]


@pytest.mark.parametrize("fields,expected", CLAUDE)
def test_anthropic_field_that_is_not_taken_is_named(fields: dict[str, Any], expected: list[str]) -> None:
    """Blocks and thinking that say more than our parts hold are kept whole, so nothing of them is lost."""
    assert paths(claude(**fields)) == expected


@pytest.mark.parametrize("kind", ["disabled", "adaptive", "enabled"])
def test_thinking_that_says_more_is_kept_for_the_vendor(kind: str) -> None:
    """As it came."""
    thinking = {"type": kind, "budget_tokens": 2048, "future": 1}
    assert claude(thinking=thinking).extras["thinking"] == thinking


def test_many_ignored_fields_are_counted() -> None:
    """A long conversation must not answer with a warning for each of its messages."""
    warnings = chat(*[user("Hi", name="ann")] * 30).warnings
    assert len(warnings) == 21
    assert warnings[-1] == "10 more fields are not known here"


def test_odd_name_of_an_ignored_field_is_shown_harmless() -> None:
    """It may be long, or hold half a character."""
    warning = chat(user("Hi", **{"\ud800" + "x" * 500: 1})).warnings[0]
    assert warning.isascii()
    assert len(warning) < 300


def test_chat_answer_sent_back_warns_of_nothing() -> None:
    """SDKs send an answer back with all its fields."""
    message = openai_chat.encode_response(REPLY, NAMES)["choices"][0]["message"]
    assert chat(message).warnings == ()


def test_responses_answer_sent_back_warns_of_nothing() -> None:
    """Its items have an id and a status each."""
    output = openai_responses.encode_response(REPLY, NAMES)["output"]
    assert responses(*output).warnings == ()


def test_anthropic_answer_sent_back_warns_of_nothing() -> None:
    """Its blocks come with the fields of newer ones."""
    content = anthropic_messages.encode_response(REPLY, NAMES)["content"]
    assert claude(messages=[user("Hi"), {"role": "assistant", "content": content}]).warnings == ()
