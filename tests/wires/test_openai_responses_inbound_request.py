"""What is understood of a body for POST /responses, what is kept for the vendor, and what is refused?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.wires.inbound import Inbound
from app.wires.openai_responses import decode_request
from contracts.chat import (
    CacheControl,
    FilePart,
    ImagePart,
    Message,
    RawPart,
    ReasoningEffort,
    ReasoningPart,
    RefusalPart,
    ResponseFormat,
    Role,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)

PNG = "iVBORw0KGgo="
CALL = {"type": "function_call", "call_id": "c1", "name": "price", "arguments": "{}"}
SCHEMA = {"type": "object", "properties": {}}


def read(given: Any = "Hi", **fields: Any) -> Inbound:
    return decode_request({"model": "gpt-6-luna", "input": given, **fields})


def turns(*items: Any, **fields: Any) -> tuple[Message, ...]:
    return read(list(items), **fields).conversation.messages


def user(*parts: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(parts)}


def test_plain_question_is_a_conversation() -> None:
    """A text is what a user says, and instructions go before it."""
    inbound = read("Hi", instructions="Be brief.", stream=True)
    assert inbound.conversation.messages == (
        Message(role=Role.SYSTEM, content=(TextPart(text="Be brief."),)),
        Message(role=Role.USER, content=(TextPart(text="Hi"),)),
    )
    assert (inbound.model, inbound.is_stream, inbound.wants_usage) == ("gpt-6-luna", True, True)
    assert inbound.extras == {}


def test_items_become_turns() -> None:
    """What an assistant did up to the next item of somebody else is one turn."""
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Look."}]}
    assert turns(
        {"role": "developer", "content": "Be brief."},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Two apples"}]},
        reasoning,
        {"type": "reasoning", "id": "rs_2", "summary": []},
        {"role": "assistant", "content": [{"type": "output_text", "text": "I look.", "annotations": []}]},
        {"id": "msg_1", "role": "assistant", "content": [{"type": "output_text", "text": ""}], "type": "message"},
        CALL,
        {**CALL, "call_id": "c2"},
        {"type": "function_call_output", "call_id": "c1", "output": "3"},
        {
            "type": "function_call_output",
            "call_id": "c2",
            "output": [{"type": "input_image", "image_url": "https://e.com/a.png"}],
        },
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        {"role": "user", "content": "And?"},
        {"role": "user", "content": "Well?"},
    ) == (
        Message(role=Role.SYSTEM, content=(TextPart(text="Be brief."),)),
        Message(role=Role.USER, content=(TextPart(text="Two apples"),)),
        Message(
            role=Role.ASSISTANT,
            content=(
                ReasoningPart(text="Look.", provider="openai_responses"),
                TextPart(text="I look."),
                ToolCallPart(id="c1", name="price", arguments="{}"),
                ToolCallPart(id="c2", name="price", arguments="{}"),
            ),
        ),
        Message(
            role=Role.TOOL,
            content=(
                ToolResultPart(tool_call_id="c1", content=(TextPart(text="3"),)),
                ToolResultPart(tool_call_id="c2", content=(ImagePart(url="https://e.com/a.png"),)),
            ),
        ),
        Message(role=Role.ASSISTANT, content=(RefusalPart(text="No."),)),
        Message(role=Role.USER, content=(TextPart(text="And?"),)),
        Message(role=Role.USER, content=(TextPart(text="Well?"),)),
    )


def test_content_has_every_form() -> None:
    """URLs, inline data, ids, and marks for the cache."""
    mark = {"prompt_cache_breakpoint": {"mode": "explicit"}}
    audio = {"type": "input_audio", "input_audio": {"data": "x", "level": Decimal("0.5")}}
    by_id = {"type": "input_image", "file_id": "file-1", "detail": "auto"}
    (turn,) = turns(
        user(
            {"type": "input_text", "text": "Look", **mark},
            {"type": "input_image", "image_url": f"data:image/PNG;base64,{PNG}", "detail": "original"},
            {"type": "input_file", "file_data": "data:application/pdf;base64,aGk=", "filename": "a.pdf"},
            {"type": "input_file", "file_data": "aGk=", "filename": "a.pdf"},
            {"type": "input_file", "file_url": "https://e.com/a.pdf"},
            {"type": "input_file", "file_id": "file-1", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            by_id,
            audio,
        )
    )
    assert turn.content == (
        TextPart(text="Look", cache_control=CacheControl()),
        ImagePart(data=PNG, media_type="image/png", detail="high"),
        FilePart(data="aGk=", media_type="application/pdf", filename="a.pdf"),
        FilePart(data="aGk=", filename="a.pdf"),
        FilePart(url="https://e.com/a.pdf"),
        FilePart(file_id="file-1", cache_control=CacheControl(ttl="1h")),
        RawPart(provider="openai_responses", data=by_id),
        RawPart(provider="openai_responses", data={"type": "input_audio", "input_audio": {"data": "x", "level": 0.5}}),
    )


def test_items_of_the_vendors_own_tools_are_kept() -> None:
    """What its tools did is the assistant's, what answers them the caller's."""
    patch = {"type": "apply_patch_call_output", "call_id": "p", "status": "completed"}
    file = {"type": "function_call_output", "call_id": "c1", "output": [{"type": "input_file", "file_id": "f"}]}
    raw: list[dict[str, Any]] = [
        {"type": "web_search_call", "id": "ws_1"},
        {"type": "apply_patch_call", "call_id": "p"},
        patch,
        {"type": "mcp_approval_response", "approval_request_id": "a", "approve": True},
        file,
    ]
    found = decode_request({"model": "m", "input": raw}, provider="row").conversation.messages
    assert [turn.role for turn in found] == [Role.ASSISTANT, Role.USER, Role.USER, Role.USER]
    assert [part for turn in found for part in turn.content] == [RawPart(provider="row", data=item) for item in raw]


def test_result_without_a_word_is_empty() -> None:
    """A tool may have nothing to say."""
    assert turns(CALL, {"type": "function_call_output", "call_id": "c1", "output": ""})[1].content == (
        ToolResultPart(tool_call_id="c1", content=()),
    )


def test_tools_choice_and_shape_are_read() -> None:
    """Functions are flat here, and the format stands in `text`."""
    conversation = read(
        tools=[
            {"type": "function", "name": "price", "description": "d", "parameters": SCHEMA, "strict": True},
            {"type": "function", "name": "time", "parameters": None, "strict": None},
        ],
        tool_choice={"type": "function", "name": "price"},
        parallel_tool_calls=False,
        text={"format": {"type": "json_schema", "name": "n", "schema": SCHEMA, "description": "What", "strict": True}},
        reasoning={"effort": "high", "summary": "auto"},
        prompt_cache_key="k",
        max_output_tokens=100,
        temperature=Decimal("0.5"),
        top_p=1,
    ).conversation
    assert conversation.tools == (
        Tool(name="price", description="d", parameters=SCHEMA, strict=True),
        Tool(name="time"),
    )
    assert conversation.tool_choice == ToolChoice(mode="tool", name="price")
    assert conversation.parallel_tool_calls is False
    schema = {"description": "What", **SCHEMA}
    assert conversation.response_format == ResponseFormat(type="json_schema", json_schema=schema, name="n")
    assert conversation.reasoning_effort is ReasoningEffort.HIGH
    assert conversation.prompt_cache_key == "k"
    sampling = conversation.sampling
    assert (sampling.max_tokens, sampling.temperature, sampling.top_p) == (100, 0.5, 1.0)


@pytest.mark.parametrize(
    "fields, extras",
    [
        ({"metadata": {"a": "b"}, "truncation": "auto", "max_tool_calls": 3}, None),
        ({"store": True}, None),
        ({"store": False, "background": False, "previous_response_id": None, "metadata": None}, {}),
        ({"include": ["reasoning.encrypted_content"]}, {}),
        (
            {"include": ["reasoning.encrypted_content", "message.output_text.logprobs"]},
            {"include": ["message.output_text.logprobs"]},
        ),
        ({"text": {"verbosity": "low", "format": {"type": "text"}}}, {"text": {"verbosity": "low"}}),
        ({"text": {"format": {"type": "json_object"}}}, {}),
        ({"text": {}}, {}),
        ({"reasoning": {"effort": "low", "summary": "detailed"}}, {"reasoning": {"summary": "detailed"}}),
        ({"reasoning": {"summary": "auto"}}, {"reasoning": {"summary": "auto"}}),
        ({"reasoning": {"effort": "none", "summary": None}}, {}),
        ({"tools": [{"type": "web_search"}], "tool_choice": {"type": "web_search_preview"}}, None),
        ({"tools": [{"type": "function", "name": "f", "defer_loading": True}], "tool_choice": "required"}, "tools"),
        ({"tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": []}}, None),
        ({"stream_options": {"include_obfuscation": False}}, {}),
        ({"safety_identifier": "u", "user": "v"}, None),
    ],
)
def test_what_has_no_place_is_kept_for_the_vendor(fields: dict[str, Any], extras: Any) -> None:
    """As it came; what every vendor is asked anyway, or is the default, is no extra."""
    wanted = fields if extras is None else {extras: fields[extras]} if isinstance(extras, str) else extras
    assert read(**fields).extras == wanted


def test_callers_end_user_is_known() -> None:
    """By the newer name, or by the older."""
    assert read(safety_identifier="u", user="v").user_id == "u"
    assert read(user="v").user_id == "v"


def test_choice_among_the_vendors_own_tools_leaves_a_mode() -> None:
    """`allowed_tools` says whether a tool must be called; the rest of it is the vendor's."""
    allowed = {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "f"}]}
    assert read(tool_choice=allowed).conversation.tool_choice == ToolChoice(mode="required")
    assert read(tool_choice={"type": "mcp", "server_label": "s"}).conversation.tool_choice is None
