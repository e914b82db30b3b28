"""What of a request to /chat/completions can only a vendor of that dialect do, and what would none understand?"""

from __future__ import annotations

from typing import Any

import pytest

from app.wires.adopted import adopted
from app.wires.inbound import Inbound, ReplyNames
from app.wires.openai_chat import Quirks, decode_request, encode_request, encode_response
from contracts.calls import Reply, Wire
from contracts.chat import (
    Conversation,
    FinishReason,
    Message,
    RawPart,
    ReasoningPart,
    Role,
    TextPart,
    ToolChoice,
    ToolResultPart,
)

HI = {"role": "user", "content": "Hi"}
F = {"type": "function", "function": {"name": "f"}}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
OWN_CALL = {"id": "c1", "type": "custom", "custom": {"name": "sql", "input": "x"}}
SOUND = {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}}
SHAPE = {"type": "grammar", "grammar": "x"}
ALLOWED = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [F]}}


def read(*messages: dict[str, Any], **fields: Any) -> Inbound:
    return decode_request({"model": "m", "messages": list(messages) or [HI], **fields})


def user(*parts: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(parts)}


def demanded(inbound: Inbound) -> list[str]:
    assert all(demand.message for demand in inbound.demands)
    return [demand.field or "" for demand in inbound.demands]


@pytest.mark.parametrize(
    "name, value",
    [
        ("audio", {"voice": "alloy", "format": "wav"}),
        ("logit_bias", {"50256": -100}),
        ("logprobs", True),
        ("modalities", ["text", "audio"]),
        ("moderation", {"model": "omni-moderation-latest"}),
        ("store", True),
        ("top_logprobs", 3),
        ("web_search_options", {}),
        ("tools", [F, {"type": "custom", "custom": {"name": "sql"}}]),
        ("tool_choice", {"type": "custom", "custom": {"name": "sql"}}),
        ("tool_choice", ALLOWED),
        ("tool_choice", "any"),
        ("function_call", "required"),
        ("response_format", SHAPE),
    ],
)
def test_field_that_only_this_dialect_has_is_demanded_and_kept(name: str, value: Any) -> None:
    """By its own name, and as it came for a vendor that is asked in our words."""
    inbound = read(**{"tools": [F], name: value} if name == "tool_choice" else {name: value})
    assert [path.split(".")[0] for path in demanded(inbound)] == [name]
    assert inbound.extras == {name: value}
    assert inbound.may_pass


@pytest.mark.parametrize(
    "fields",
    [
        {"logprobs": False, "top_logprobs": 0, "logit_bias": {}, "modalities": ["text"], "store": False, "n": 1},
        {"service_tier": "flex", "metadata": {"a": "b"}, "prediction": {"type": "content", "content": "x"}},
        {"user": "u", "safety_identifier": "s", "verbosity": "low", "prompt_cache_retention": "24h", "new": [1]},
        {"reasoning_effort": "ultra"},
        {"stream": True, "stream_options": {"include_usage": True, "include_obfuscation": False}},
    ],
)
def test_value_that_asks_for_nothing_and_hint_are_no_demand(fields: dict[str, Any]) -> None:
    """An answer without them is the same."""
    assert demanded(read(**fields)) == []


def test_padding_and_unknown_effort_are_kept() -> None:
    """For a vendor that knows them; nobody else misses them."""
    options = {"include_usage": True, "include_obfuscation": True}
    inbound = read(stream=True, stream_options=options, reasoning_effort="ultra")
    assert inbound.extras == {"stream_options": {"include_obfuscation": True}, "reasoning_effort": "ultra"}
    assert (inbound.wants_usage, inbound.conversation.reasoning_effort) == (True, None)


def test_more_answers_than_one_are_counted() -> None:
    """What is written anew asks for one, so it is no extra."""
    inbound = read(n=3)
    assert (inbound.choices, demanded(inbound), inbound.extras) == (3, ["n"], {})


@pytest.mark.parametrize(
    "message, paths",
    [
        (user(SOUND), ["messages.0.content.0"]),
        (user({"type": "text", "text": "a"}, {"type": "hologram", "x": 1}), ["messages.0.content.1"]),
        (user({"type": "file", "file": {"file_id": "file-1"}}), ["messages.0.content.0.file.file_id"]),
        ({"role": "system", "content": [{"type": "strange"}]}, ["messages.0.content.0"]),
        ({"role": "critic", "content": 5, "odd": 1}, ["messages.0.role"]),
        ({"role": "assistant", "audio": {"id": "a1"}}, ["messages.0.audio"]),
        ({"role": "assistant", "tool_calls": [OWN_CALL]}, ["messages.0.tool_calls.0"]),
        ({"role": "assistant", "tool_calls": [{"id": "c", "type": "future"}]}, ["messages.0.tool_calls.0"]),
    ],
)
def test_part_that_is_not_known_is_demanded_by_its_place(message: dict[str, Any], paths: list[str]) -> None:
    """A vendor may know it: it is never refused here."""
    assert demanded(read(message)) == paths


def test_message_of_an_unknown_role_is_left_out() -> None:
    """What stands around it keeps its own place in every error."""
    inbound = read(HI, {"role": "critic", "content": "x"}, {"role": "assistant", "tool_calls": [CALL]})
    assert [turn.role for turn in inbound.conversation.messages] == [Role.USER, Role.ASSISTANT]


def test_what_a_tool_answered_beside_texts_is_demanded() -> None:
    """A result of ours has no place for it."""
    answer = {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "4"}, {"type": "odd"}]}
    inbound = read(HI, {"role": "assistant", "tool_calls": [CALL]}, answer)
    assert demanded(inbound) == ["messages.2.content.1"]
    assert inbound.conversation.messages[2].content == (
        ToolResultPart(tool_call_id="c1", content=(TextPart(text="4"),)),
    )


def test_call_of_an_unknown_type_may_be_answered() -> None:
    """Its id says what is answered, whatever else it is."""
    call = {"id": "c9", "type": "future"}
    answer = {"role": "tool", "tool_call_id": "c9", "content": "4"}
    inbound = read(HI, {"role": "assistant", "tool_calls": [call]}, answer)
    assert inbound.conversation.messages[1].content == (RawPart(provider="openai_chat", data=call),)
    assert demanded(inbound) == ["messages.1.tool_calls.0"]


def test_choice_among_some_tools_keeps_its_mode() -> None:
    """So that it is asked of whom else in the dialect's own words."""
    assert read(tools=[F], tool_choice=ALLOWED).conversation.tool_choice == ToolChoice(mode="required")
    strange = {"type": "allowed_tools", "allowed_tools": {"mode": "maybe"}}
    assert read(tools=[F], tool_choice=strange).conversation.tool_choice is None


def test_many_demands_are_named_in_part() -> None:
    """A long conversation must not answer with an error of its own length."""
    assert len(read(*[user(SOUND)] * 30).demands) == 20


def test_reasoning_of_ours_keeps_a_body_from_passing() -> None:
    """The caller sends back what we wrote; the vendor of the dialect would not know whose it is."""
    thought = ReasoningPart(text="hm", signature="s", provider="anthropic")
    reply = Reply(
        message=Message(role=Role.ASSISTANT, content=(thought, TextPart(text="a"))), finish_reason=FinishReason.STOP
    )
    names = ReplyNames(request_id="r", model="m", created=1)
    said = encode_response(reply, names)["choices"][0]["message"]
    assert read(HI, said, HI).may_pass is False
    native = {"type": "reasoning.text", "text": "hm"}
    assert read(HI, {**said, "reasoning_details": [native]}).may_pass
    assert not read(HI, {**said, "reasoning_details": [native, *said["reasoning_details"]]}).may_pass


def test_parts_of_the_dialect_reach_whichever_row_speaks_it() -> None:
    """Its own parts and reasoning go as that row's; those of others stay whose they are."""
    foreign = ReasoningPart(text="x", signature="s", provider="anthropic")
    inbound = read(user(SOUND), {"role": "assistant", "content": "a", "reasoning_content": "hm"})
    conversation = Conversation(
        messages=(*inbound.conversation.messages, Message(role=Role.ASSISTANT, content=(foreign,)))
    )
    mine = adopted(conversation, wire=Wire.OPENAI_CHAT, provider="my-vllm")
    owners = [
        part.provider for turn in mine.messages for part in turn.content if isinstance(part, RawPart | ReasoningPart)
    ]
    assert owners == ["my-vllm", "my-vllm", "anthropic"]
    sent = encode_request(mine, provider="my-vllm", model="m", stream=False, quirks=Quirks()).body["messages"]
    assert sent[0] == user(SOUND)


def test_conversation_without_own_parts_is_adopted_as_it_is() -> None:
    """The very same, which is what tells that its body may pass."""
    conversation = read().conversation
    assert adopted(conversation, wire=Wire.OPENAI_CHAT, provider="row") is conversation
    other = read(user(SOUND)).conversation
    assert adopted(other, wire=Wire.OPENAI_RESPONSES, provider="row") is other
