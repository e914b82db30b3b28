"""What does a request to /chat/completions mean, field by field: what is understood, kept, and refused?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.wires.adopted import adopted
from app.wires.inbound import Inbound
from app.wires.openai_chat import Quirks, asks_for_functions, decode_request, encode_request
from contracts.calls import Wire
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
    Sampling,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)

HI = {"role": "user", "content": "Hi"}
PNG = "data:image/png;base64,iVBORw0KGgo="
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
F = {"type": "function", "function": {"name": "f"}}


def read(*messages: dict[str, Any], **fields: Any) -> Inbound:
    return decode_request({"model": "m", "messages": list(messages) or [HI], **fields})


def content(part: dict[str, Any]) -> Any:
    return read({"role": "user", "content": [part]}).conversation.messages[0].content[0]


def test_fields_come_in_their_old_and_new_names() -> None:
    """Numbers may be any that JSON has, and `stop` one text."""
    old = read(max_tokens=5, stop="END", temperature=Decimal("0.5"), seed=3, top_p=1, user="u")
    assert old.conversation.sampling == Sampling(max_tokens=5, stop=("END",), temperature=0.5, seed=3, top_p=1)
    assert old.user_id == "u"
    new = read(max_completion_tokens=Decimal("5.0"), max_tokens=5, stop=["a", "b"], safety_identifier="s", user="u")
    assert new.conversation.sampling == Sampling(max_tokens=5, stop=("a", "b"))
    assert (new.user_id, new.extras) == ("s", {"safety_identifier": "s", "user": "u"})


def test_null_is_as_good_as_absent() -> None:
    """The SDK leaves unset fields out, others write null."""
    names = ("temperature", "stop", "tools", "tool_choice", "response_format", "n", "stream", "stream_options", "audio")
    assert read(**dict.fromkeys(names)) == read()


def test_what_has_no_place_is_kept() -> None:
    """Known or not, as it came, for a vendor of this dialect."""
    kept = {"logit_bias": {"1": 2}, "service_tier": "flex", "store": True, "metadata": {"a": "b"}, "new": [1]}
    assert read(**kept).extras == kept


@pytest.mark.parametrize("asked, wants_usage", [({}, False), ({"include_usage": True}, True)])
def test_stream_says_whether_it_wants_usage(asked: dict[str, Any], wants_usage: bool) -> None:
    """Usage comes in a stream only where it is asked for, and in a plain answer always."""
    assert read(stream=True, stream_options=asked).wants_usage is wants_usage
    assert read(stream=False).wants_usage


@pytest.mark.parametrize("role", ["system", "developer"])
def test_system_goes_by_two_names(role: str) -> None:
    """OpenAI renamed it for newer models."""
    assert read({"role": role, "content": "Be brief."}).conversation.messages[0].role is Role.SYSTEM


def test_parts_of_a_users_turn() -> None:
    """Images and files by address, inline and by id, with their marks; what only this dialect has stays whole."""
    url = {"url": "https://a/b.png", "detail": "original"}
    assert content({"type": "image_url", "image_url": url}) == ImagePart(url="https://a/b.png", detail="high")
    inline = content({"type": "image_url", "image_url": {"url": PNG.replace(";", ";charset=x;").replace("png", "PNG")}})
    assert inline == ImagePart(data="iVBORw0KGgo=", media_type="image/png")
    assert content({"type": "file", "file": {"file_data": "aGk=", "filename": "a"}}) == FilePart(
        data="aGk=", filename="a"
    )
    sound = {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav", "gain": Decimal("0.5")}}
    assert content(sound) == RawPart(provider="openai_chat", data=sound)
    assert isinstance(content(sound).data["input_audio"]["gain"], float)


@pytest.mark.parametrize(
    "written, mark",
    [
        ({"cache_control": {"type": "ephemeral", "ttl": "1h"}}, CacheControl(ttl="1h")),
        ({"prompt_cache_breakpoint": {"mode": "explicit"}}, CacheControl()),
        ({"prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}}, CacheControl(ttl="1h")),
    ],
)
def test_cache_marks_come_in_two_forms(written: dict[str, Any], mark: CacheControl) -> None:
    """Anthropic's, which OpenRouter takes, and OpenAI's own."""
    assert content({"type": "text", "text": "x", **written}) == TextPart(text="x", cache_control=mark)
    assert read(tools=[{**F, **written}]).conversation.tools[0].cache_control == mark


def test_assistants_turn_comes_back_as_the_sdk_dumps_it() -> None:
    """With all its nulls, and an empty text beside calls."""
    dumped = {
        "role": "assistant",
        "content": "",
        "refusal": None,
        "annotations": [],
        "audio": None,
        "tool_calls": [CALL],
    }
    answer = {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "4"}]}
    call, result = read(dumped, answer).conversation.messages
    assert call.content == (ToolCallPart(id="c1", name="f", arguments="{}"),)
    assert result == Message(
        role=Role.TOOL, content=(ToolResultPart(tool_call_id="c1", content=(TextPart(text="4"),)),)
    )


def test_refusal_comes_as_field_or_part() -> None:
    """The SDK's message has the field, its parameter type the part."""
    as_part = {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}
    as_field = {"role": "assistant", "content": None, "refusal": "No."}
    for message in (as_part, as_field):
        assert read(message).conversation.messages[0].content == (RefusalPart(text="No."),)


def test_functions_are_understood_as_tools() -> None:
    """The form before tools: one call without an id, answered by name."""
    call = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}}
    answer = {"role": "function", "name": "f", "content": "4"}
    fields = {"functions": [{"name": "f", "description": "d"}], "function_call": {"name": "f"}}
    conversation = read(HI, call, answer, call, answer, **fields).conversation
    called = [part.id for message in conversation.messages for part in message.tool_calls]
    answered = [
        part.tool_call_id for m in conversation.messages for part in m.content if isinstance(part, ToolResultPart)
    ]
    assert called == answered == ["call_legacy_1", "call_legacy_3"]
    assert conversation.tools == (Tool(name="f", description="d"),)
    assert conversation.tool_choice == ToolChoice(mode="tool", name="f")
    assert conversation.parallel_tool_calls is False
    assert asks_for_functions(fields)
    assert read(functions=[{"name": "f"}], function_call="none").conversation.tool_choice == ToolChoice(mode="none")


def test_custom_tools_are_kept_whole() -> None:
    """Tool, choice, call and answer; a vendor of this dialect gets each back in its place."""
    custom = {"type": "custom", "custom": {"name": "sql"}}
    call = {"id": "c2", "type": "custom", "custom": {"name": "sql", "input": "SELECT 1"}}
    said = {"role": "assistant", "content": None, "tool_calls": [CALL, call], "audio": {"id": "a1"}}
    answers = [{"role": "tool", "tool_call_id": one, "content": "1"} for one in ("c1", "c2")]
    inbound = read(HI, said, *answers, tools=[F, custom], tool_choice=custom)
    assert inbound.extras == {"tools": [F, custom], "tool_choice": custom}
    assert [tool.name for tool in inbound.conversation.tools] == ["f"]
    conversation = adopted(inbound.conversation, wire=Wire.OPENAI_CHAT, provider="my-vllm")
    sent = encode_request(conversation, provider="my-vllm", model="m", stream=False, quirks=Quirks())
    assert sent.body["messages"] == [HI, {**said}, *answers]


def test_allowed_tools_keep_their_mode() -> None:
    """Who knows no subset of tools still hears whether one must be called."""
    choice = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [F]}}
    inbound = read(tools=[F], tool_choice=choice)
    assert inbound.conversation.tool_choice == ToolChoice(mode="required")
    assert inbound.extras == {"tool_choice": choice}


def test_schema_keeps_its_description_and_is_loose_unless_told() -> None:
    """As with OpenAI; the description has no place of its own, but a schema has one."""
    shape = {"name": "a", "schema": {"type": "object", "minimum": Decimal("0.5")}, "description": "d"}
    found = read(response_format={"type": "json_schema", "json_schema": shape}).conversation.response_format
    schema = {"description": "d", "type": "object", "minimum": 0.5}
    assert found == ResponseFormat(type="json_schema", json_schema=schema, name="a", strict=False)
    assert read(response_format={"type": "text"}).conversation.response_format is None


@pytest.mark.parametrize(
    "fields, effort, extras",
    [
        ({"reasoning_effort": "xhigh"}, ReasoningEffort.XHIGH, {}),
        ({"reasoning": {"effort": "low"}}, ReasoningEffort.LOW, {}),
        ({"reasoning": {"effort": "low", "exclude": True}}, None, {"reasoning": {"effort": "low", "exclude": True}}),
        ({"thinking": {"type": "disabled"}}, ReasoningEffort.NONE, {}),
        ({"thinking": {"type": "enabled"}, "reasoning_effort": "high"}, ReasoningEffort.HIGH, {}),
        ({"thinking": {"type": "enabled"}}, None, {"thinking": {"type": "enabled"}}),
    ],
)
def test_effort_is_understood_in_every_words(
    fields: dict[str, Any], effort: ReasoningEffort | None, extras: dict[str, Any]
) -> None:
    """OpenAI's, OpenRouter's and DeepSeek's; what says more is kept for whom it is meant."""
    inbound = read(**fields)
    assert (inbound.conversation.reasoning_effort, inbound.extras) == (effort, extras)


def test_reasoning_comes_back_with_its_owner() -> None:
    """Text and opaque blocks belong to the row that is named; blocks of ours say whose they are."""
    blocks = [{"type": "reasoning.encrypted", "data": "x"}, {"type": "reasoning.text", "text": "hm"}]
    own = [{"type": "llm_service.reasoning", "provider": "anthropic", "text": "t", "signature": "s"}]
    messages = [{"role": "assistant", "content": "a", "reasoning_details": found} for found in (blocks, own)]
    body = {"model": "m", "messages": [*messages, {"role": "assistant", "content": "a", "reasoning": "why"}]}
    found = [message.content[0] for message in decode_request(body, provider="row").conversation.messages]
    signature = '[{"type":"reasoning.encrypted","data":"x"},{"type":"reasoning.text","text":"hm"}]'
    assert found == [
        ReasoningPart(text="hm", signature=signature, provider="row"),
        ReasoningPart(text="t", signature="s", provider="anthropic"),
        ReasoningPart(text="why", provider="row"),
    ]
