"""How does a conversation become a body for /responses, and what is said of what does not fit?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.wires.openai_responses import encode_request
from contracts.chat import (
    CacheControl,
    Conversation,
    FilePart,
    ImagePart,
    Message,
    Part,
    RawPart,
    ReasoningEffort,
    ReasoningPart,
    RefusalPart,
    ResponseFormat,
    Role,
    Sampling,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from contracts.errors import InvalidRequestError

HI = Message(role=Role.USER, content=(TextPart(text="Hi"),))
RESULT = (TextPart(text="3"),)


def encoded(*messages: Message, **fields: Any) -> tuple[dict[str, Any], list[str], list[str]]:
    """Body, warnings and the parameters that are not sent."""
    wire = {name: fields.pop(name) for name in ("may_reason", "options", "refused_fields") if name in fields}
    conversation = Conversation(messages=messages or (HI,), **fields)
    made = encode_request(conversation, provider="row", model="m", stream=False, **wire)
    return made.body, list(made.warnings), [one.field for one in made.unsupported]


def items(role: Role, *parts: Part) -> tuple[list[Any], list[str]]:
    body, warnings, _ = encoded(Message(role=role, content=parts))
    return body["input"], warnings


def test_body_keeps_nothing_at_the_vendor() -> None:
    """Nothing is stored, so reasoning is asked for in the form that can be sent back."""
    body, warnings, _ = encoded()
    assert body == {
        "model": "m",
        "store": False,
        "input": [{"type": "message", "role": "user", "content": "Hi"}],
        "include": ["reasoning.encrypted_content"],
    }
    assert warnings == []


def test_reasoning_is_not_asked_of_who_does_not_reason() -> None:
    """A model that cannot reason answers such a request with an error."""
    assert "include" not in encoded(may_reason=False)[0]
    body = encoded(reasoning_effort=ReasoningEffort.NONE)[0]
    assert "include" not in body
    assert body["reasoning"] == {"effort": "none"}


def test_effort_asks_for_a_summary() -> None:
    """Without it the vendor shows nothing of what the model thought."""
    assert encoded(reasoning_effort=ReasoningEffort.HIGH)[0]["reasoning"] == {"effort": "high", "summary": "auto"}


def test_user_content_has_every_form() -> None:
    """Images and files go by URL, as data and by id."""
    content, warnings = items(
        Role.USER,
        TextPart(text="Look"),
        ImagePart(url="https://example.com/a.png", detail="low"),
        ImagePart(data="aGk=", media_type="image/jpeg"),
        FilePart(data="aGk=", media_type="text/plain", filename="a.txt"),
        FilePart(data="aGk="),
        FilePart(url="https://example.com/a.pdf"),
        FilePart(file_id="file-1", filename="a.pdf"),
        RawPart(provider="row", data={"type": "input_audio", "input_audio": {}}),
    )
    assert content == [
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Look"},
                {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "low"},
                {"type": "input_image", "image_url": "data:image/jpeg;base64,aGk="},
                {"type": "input_file", "file_data": "data:text/plain;base64,aGk=", "filename": "a.txt"},
                {"type": "input_file", "file_data": "data:application/pdf;base64,aGk=", "filename": "document"},
                {"type": "input_file", "file_url": "https://example.com/a.pdf"},
                {"type": "input_file", "file_id": "file-1"},
                {"type": "input_audio", "input_audio": {}},
            ],
        }
    ]
    assert warnings == ["the filename of a file without data was not sent: its id or URL names it"]


def test_items_keep_the_order_in_which_they_were_said() -> None:
    """Text, calls, reasoning and the vendor's own items of one turn stand where they stood."""
    signature = {"id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": "e"}
    found, warnings = items(
        Role.ASSISTANT,
        ReasoningPart(text="", signature=json.dumps(signature), provider="row"),
        TextPart(text="I look."),
        RefusalPart(text="Not that."),
        RawPart(provider="row", data={"type": "output_audio", "data": ""}),
        RawPart(provider="row", data={"type": "web_search_call", "id": "ws_1"}),
        ToolCallPart(id="c1", name="price", arguments=""),
        TextPart(text="Wait."),
    )
    assert found == [
        signature,
        {
            "type": "message",
            "role": "assistant",
            "content": [
                {"type": "output_text", "text": "I look."},
                {"type": "refusal", "refusal": "Not that."},
                {"type": "output_audio", "data": ""},
            ],
        },
        {"type": "web_search_call", "id": "ws_1"},
        {"type": "function_call", "call_id": "c1", "name": "price", "arguments": "{}"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Wait."}]},
    ]
    assert warnings == []


@pytest.mark.parametrize(
    "result, output",
    [
        (ToolResultPart(tool_call_id="c", content=RESULT), "3"),
        (ToolResultPart(tool_call_id="c", content=()), ""),
        (ToolResultPart(tool_call_id="c", content=RESULT, is_error=True), "The tool failed: 3"),
        (
            ToolResultPart(tool_call_id="c", content=RESULT * 2),
            [{"type": "input_text", "text": "3"}, {"type": "input_text", "text": "3"}],
        ),
        (
            ToolResultPart(tool_call_id="c", content=(ImagePart(url="https://e.com/a"),), is_error=True),
            [
                {"type": "input_text", "text": "The tool failed: "},
                {"type": "input_image", "image_url": "https://e.com/a"},
            ],
        ),
    ],
)
def test_tool_results_may_hold_images(result: ToolResultPart, output: Any) -> None:
    """One text goes as it is, anything else as a list; a failure is said in words."""
    assert items(Role.TOOL, result)[0] == [{"type": "function_call_output", "call_id": "c", "output": output}]


@pytest.mark.parametrize(
    "role, part, warning",
    [
        (Role.USER, RawPart(provider="other", data={}), "a raw part of other was not sent: row takes only its own"),
        (Role.USER, ReasoningPart(provider="row"), "reasoning was not sent: it belongs into an assistant's turn"),
        (
            Role.ASSISTANT,
            ReasoningPart(text="t", signature="{}", provider="other"),
            "reasoning of an earlier turn was not sent: row takes only its own",
        ),
        *(
            (
                Role.ASSISTANT,
                ReasoningPart(text="t", signature=signature, provider="row"),
                "reasoning of an earlier turn was not sent: row takes it back signed only",
            )
            for signature in (None, "{", "[]", '{"type":"reasoning","id":"rs_1"}', '{"encrypted_content":"e"}')
        ),
        (Role.ASSISTANT, ImagePart(data="aGk="), "a part of type image was not sent: an assistant's turn takes none"),
    ],
)
def test_parts_without_a_place_are_left_out_and_named(role: Role, part: Part, warning: str) -> None:
    """What would fail at the vendor, or mean nothing there, is not sent."""
    assert items(role, part) == ([], [warning])


def test_tool_call_in_a_users_turn_is_refused() -> None:
    """Nobody but the assistant can have called a tool."""
    with pytest.raises(InvalidRequestError, match="a part of type tool_call cannot stand in this turn") as caught:
        items(Role.USER, ToolCallPart(id="c", name="n", arguments="{}"))
    assert [error.field for error in caught.value.errors] == ["messages"]


def test_fields_that_the_dialect_lacks_are_named() -> None:
    """Penalties, stop and seed have no field here; at their neutral values nothing is lost."""
    sampling = Sampling(temperature=0.5, frequency_penalty=0.0, presence_penalty=1.0, stop=("x",), seed=1)
    body, warnings, unsupported = encoded(sampling=sampling)
    assert body["temperature"] == 0.5
    assert unsupported == ["presence_penalty", "stop", "seed"]
    assert warnings == [f"{name} was not sent: row does not know it here" for name in unsupported]


def test_fields_that_the_model_refuses_are_named() -> None:
    """A temperature of 1 is what the model does anyway."""
    refused = frozenset({"temperature", "top_p"})
    body, warnings, unsupported = encoded(sampling=Sampling(temperature=1.0, top_p=0.5), refused_fields=refused)
    assert not refused & set(body)
    assert (warnings, unsupported) == (["top_p was not sent: m does not take it while it reasons"], ["top_p"])


def test_least_number_of_tokens_is_sent_and_named() -> None:
    """The vendor answers fewer than 16 with an error."""
    body, warnings, unsupported = encoded(sampling=Sampling(max_tokens=3))
    assert body["max_output_tokens"] == 16
    assert (warnings, unsupported) == (["max_tokens 3 was sent as 16: row takes no less here"], ["max_tokens"])
    assert encoded(sampling=Sampling(max_tokens=16))[0]["max_output_tokens"] == 16


def test_tools_are_flat_and_say_whether_they_are_strict() -> None:
    """Left out, `strict` would be taken as true here."""
    body, warnings, unsupported = encoded(
        tools=(Tool(name="a", description="d", strict=True), Tool(name="b", cache_control=CacheControl())),
        tool_choice=ToolChoice(mode="tool", name="a"),
        parallel_tool_calls=False,
    )
    parameters = {"type": "object", "properties": {}}
    assert body["tools"] == [
        {"type": "function", "name": "a", "description": "d", "parameters": parameters, "strict": True},
        {"type": "function", "name": "b", "parameters": parameters, "strict": False},
    ]
    assert body["tool_choice"] == {"type": "function", "name": "a"}
    assert body["parallel_tool_calls"] is False
    assert (warnings, unsupported) == (["cache_control was not sent: row takes no marks"], ["tools.cache_control"])


def test_choice_without_tools_is_nothing() -> None:
    """The vendor refuses both fields where no tool is given."""
    body = encoded(tool_choice=ToolChoice(mode="auto"), parallel_tool_calls=True)[0]
    assert not {"tool_choice", "parallel_tool_calls", "tools"} & set(body)


def test_formats_stand_in_text() -> None:
    """Plain text needs no field."""
    schema = {"type": "object"}
    shape = ResponseFormat(type="json_schema", json_schema=schema, name="n", strict=False)
    assert encoded(response_format=shape)[0]["text"] == {
        "format": {"type": "json_schema", "name": "n", "schema": schema, "strict": False}
    }
    assert encoded(response_format=ResponseFormat(type="json_object"))[0]["text"] == {"format": {"type": "json_object"}}
    assert "text" not in encoded(response_format=ResponseFormat(type="text"))[0]


def test_cache_key_is_sent() -> None:
    """The vendor routes by it."""
    assert encoded(prompt_cache_key="k")[0]["prompt_cache_key"] == "k"


def test_options_are_laid_over_the_body() -> None:
    """What the caller wants included is added, so that reasoning can still go back."""
    options = {"include": ["web_search_call.results", "reasoning.encrypted_content"], "truncation": "auto"}
    body = encoded(options=options)[0]
    assert body["include"] == ["reasoning.encrypted_content", "web_search_call.results"]
    assert body["truncation"] == "auto"
    assert encoded(options=options, may_reason=False)[0]["include"] == options["include"]


@pytest.mark.parametrize("name", ["model", "input", "stream", "store", "background"])
def test_options_that_would_change_the_call_are_refused(name: str) -> None:
    """The service keeps no state at a vendor and waits for its answers."""
    with pytest.raises(InvalidRequestError) as caught:
        encoded(options={name: True})
    assert [error.field for error in caught.value.errors] == [f"vendor_options.row.{name}"]
