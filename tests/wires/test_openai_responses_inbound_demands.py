"""What of a request to /responses can only a vendor of that dialect do, and what would none understand?"""

from __future__ import annotations

from typing import Any

import pytest

from app.wires.adopted import adopted
from app.wires.inbound import Inbound, ReplyNames
from app.wires.openai_responses import decode_request, encode_request, encode_response
from contracts.calls import Reply, Wire
from contracts.chat import (
    FinishReason,
    Message,
    Part,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from contracts.errors import InvalidRequestError

OUTPUT = {"type": "function_call_output", "call_id": "c1", "output": "3"}
QUESTION = {"role": "user", "content": "And?"}
FUNCTION = {"type": "function", "name": "f"}


def read(given: Any = "Hi", **fields: Any) -> Inbound:
    return decode_request({"model": "m", "input": given, **fields})


def user(*parts: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(parts)}


def demanded(inbound: Inbound) -> list[str]:
    assert all(demand.message for demand in inbound.demands)
    return [demand.field or "" for demand in inbound.demands]


@pytest.mark.parametrize(
    "name, value, path",
    [
        ("conversation", {"id": "conv_1"}, "conversation"),
        ("conversation", "conv_1", "conversation"),
        ("moderation", {"model": "omni-moderation-latest"}, "moderation"),
        ("previous_response_id", "resp_68af", "previous_response_id"),
        ("prompt", {"id": "pmpt_1"}, "prompt"),
        ("store", True, "store"),
        ("top_logprobs", 3, "top_logprobs"),
        ("include", ["message.output_text.logprobs"], "include.0"),
        ("tools", [{"type": "web_search"}], "tools.0"),
        ("tools", [FUNCTION, {"type": "mcp", "server_label": "s"}], "tools.1"),
        ("tool_choice", {"type": "mcp", "server_label": "s"}, "tool_choice"),
        ("tool_choice", {"type": "allowed_tools", "mode": "auto", "tools": []}, "tool_choice"),
        ("tool_choice", "any", "tool_choice"),
        ("text", {"format": {"type": "grammar"}, "verbosity": "low"}, "text.format.type"),
    ],
)
def test_field_that_only_this_dialect_has_is_demanded_and_kept(name: str, value: Any, path: str) -> None:
    """By its own name, and as it came for a vendor that is asked in our words."""
    inbound = read(**{name: value})
    assert demanded(inbound) == [path]
    assert inbound.extras == {name: value}
    assert inbound.may_pass


@pytest.mark.parametrize(
    "fields",
    [
        {"background": False, "store": False, "top_logprobs": 0, "previous_response_id": None},
        {"truncation": "auto", "max_tool_calls": 3, "metadata": {"a": "b"}, "service_tier": "flex", "new": [1]},
        {"reasoning": {"effort": "ultra", "summary": "auto"}, "include": ["reasoning.encrypted_content", "future"]},
        {"stream": True, "stream_options": {"include_obfuscation": True}},
        {"tools": [{**FUNCTION, "defer_loading": True}]},
    ],
)
def test_value_that_asks_for_nothing_and_hint_are_no_demand(fields: dict[str, Any]) -> None:
    """An answer without them is the same."""
    assert demanded(read(**fields)) == []


def test_padding_and_unknown_effort_are_kept() -> None:
    """For a vendor that knows them; nobody else misses them."""
    options = {"include_obfuscation": True}
    inbound = read(stream=True, stream_options=options, reasoning={"effort": "ultra", "summary": "auto"})
    assert inbound.extras == {"stream_options": options, "reasoning": {"effort": "ultra", "summary": "auto"}}
    assert inbound.conversation.reasoning_effort is None


@pytest.mark.parametrize(
    "item, path",
    [
        ({"type": "web_search_call", "id": "ws_1"}, "input.0"),
        ({"type": "mcp_approval_response", "approval_request_id": "a", "approve": True}, "input.0"),
        ({"type": "item_reference", "id": "msg_1"}, "input.0"),
        ({"id": "msg_1"}, "input.0"),
        ({"role": "critic", "content": "x"}, "input.0"),
        (user({"type": "input_audio", "input_audio": {"data": "x"}}), "input.0.content.0"),
        (user({"type": "input_image", "file_id": "file-1"}), "input.0.content.0"),
        (user({"type": "input_file", "file_id": "file-1"}), "input.0.content.0.file_id"),
    ],
)
def test_item_that_is_not_known_is_demanded_by_its_place(item: dict[str, Any], path: str) -> None:
    """It stays where it was said, and is sent again as it came to a row of the dialect."""
    inbound = read([item, QUESTION])
    assert demanded(inbound) == [path]
    mine = adopted(inbound.conversation, wire=Wire.OPENAI_RESPONSES, provider="row")
    sent = encode_request(mine, provider="row", model="m", stream=False).body["input"]
    said = sent[0] if path == "input.0" else sent[0]["content"][0]
    assert said == (item if path == "input.0" else item["content"][0])


@pytest.mark.parametrize(
    "fields", [{"previous_response_id": "resp_68af"}, {"conversation": "conv_1"}, {"prompt": {"id": "pmpt_1"}}]
)
def test_result_may_answer_a_call_that_the_vendor_keeps(fields: dict[str, Any]) -> None:
    """So may one whose call is only referred to; and where the vendor knows what was said, nothing need be."""
    inbound = read([OUTPUT, QUESTION], **fields)
    assert inbound.conversation.messages[0].content == (
        ToolResultPart(tool_call_id="c1", content=(TextPart(text="3"),)),
    )
    referred = read([{"type": "item_reference", "id": "fc_1"}, OUTPUT])
    assert [turn.role for turn in referred.conversation.messages] == [Role.USER, Role.TOOL]
    assert decode_request({"model": "m", **fields}).conversation.messages == ()


def test_rules_hold_for_what_is_said_beside_a_kept_state() -> None:
    """A call that stands here may not be answered twice, and is named in its own place."""
    with pytest.raises(InvalidRequestError) as caught:
        read([OUTPUT, {**OUTPUT, "output": "4"}], previous_response_id="resp_68af")
    assert [wrong.field for wrong in caught.value.errors] == ["input.1.call_id"]


def written(*parts: Part, request_id: str = "req_1") -> list[dict[str, Any]]:
    reply = Reply(message=Message(role=Role.ASSISTANT, content=parts), finish_reason=FinishReason.STOP)
    output: list[dict[str, Any]] = encode_response(reply, ReplyNames(request_id=request_id, model="m", created=1))[
        "output"
    ]
    return output


@pytest.mark.parametrize(
    "output, may_pass",
    [
        (written(TextPart(text="a"), ToolCallPart(id="c", name="f", arguments="{}")), True),
        (written(TextPart(text="a"), request_id="r" * 60), False),
        (written(ReasoningPart(text="hm", provider="gemini")), False),
        (written(ReasoningPart(text="hm")), False),
        ([{"type": "reasoning", "id": "rs_68af", "summary": [], "encrypted_content": "gAAA"}], True),
        ([{"type": "message", "id": "msg_" + "a" * 80, "role": "assistant", "content": "a"}], True),
    ],
)
def test_item_of_ours_that_no_vendor_takes_keeps_a_body_from_passing(output: list[Any], may_pass: bool) -> None:
    """Reasoning is looked up by its id, and ids may not be long; a vendor's own items are its own affair."""
    assert read([*output, QUESTION]).may_pass is may_pass
