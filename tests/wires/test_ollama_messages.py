"""Does each turn become messages that Ollama takes, and is what has no place there refused or named?"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wires.encoded import Encoded
from app.wires.json_text import dump_json, load_json
from app.wires.ollama import encode_request
from contracts.chat import (
    Conversation,
    FilePart,
    ImagePart,
    Message,
    Part,
    RawPart,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from contracts.errors import InvalidRequestError


def encoded(*messages: Message) -> Encoded:
    return encode_request(Conversation(messages=messages), provider="row", model="m", stream=False)


def said(*parts: Part, role: Role = Role.USER) -> Message:
    return Message(role=role, content=parts)


def test_inline_images_stand_beside_the_text() -> None:
    """Base64 as it is, without its media type, which Ollama finds out."""
    image = ImagePart(data="aGk=", media_type="image/png")
    found = encoded(said(TextPart(text="What"), TextPart(text="is this?"), image))
    assert found.body["messages"] == [{"role": "user", "content": "What\nis this?", "images": ["aGk="]}]
    assert found.warnings == ()


def test_place_and_detail_of_images_are_named_when_lost() -> None:
    """An image between two texts goes beside them, and nothing is said of its detail."""
    image = ImagePart(data="aGk=", detail="high")
    found = encoded(said(TextPart(text="This"), image, TextPart(text="or that?"), image))
    assert found.warnings == (
        "detail of an image was not sent: row does not know it",
        "images between texts were sent beside them: row has no place between",
    )


@pytest.mark.parametrize(
    "part,fact",
    [
        (ImagePart(url="https://x.test/a.png"), "row takes no image by URL: send its data"),
        (FilePart(data="aGk="), "row takes no files"),
        (ToolCallPart(id="1", name="a", arguments="{}"), "row takes no part of type tool_call in this turn"),
    ],
)
def test_part_without_a_place_is_refused(part: Part, fact: str) -> None:
    """The answer would be another one without it."""
    with pytest.raises(InvalidRequestError, match=fact) as caught:
        encoded(said(part))
    assert [error.field for error in caught.value.errors] == ["messages"]


def test_raw_parts_are_fields_of_their_providers_message() -> None:
    """Those of another are left out, and named."""
    own, foreign = RawPart(provider="row", data={"audio": ["x"]}), RawPart(provider="other", data={"y": 1})
    found = encoded(said(own, foreign), said(own, role=Role.ASSISTANT))
    assert found.body["messages"] == [
        {"role": "user", "content": "", "audio": ["x"]},
        {"role": "assistant", "content": "", "audio": ["x"]},
    ]
    assert found.warnings == ("a raw part of other was not sent: row takes only its own",)


def test_reasoning_goes_back_to_its_provider_only() -> None:
    """In the field that it came in; elsewhere it is left out, and named."""
    own, foreign = ReasoningPart(text="hm", provider="row"), ReasoningPart(text="no", provider="other", signature="s")
    found = encoded(said(own, foreign, TextPart(text="a"), role=Role.ASSISTANT), said(own, TextPart(text="b")))
    assert found.body["messages"] == [
        {"role": "assistant", "content": "a", "thinking": "hm"},
        {"role": "user", "content": "b"},
    ]
    assert found.warnings == (
        "reasoning of an earlier turn was not sent: row takes only its own",
        "reasoning was not sent: it belongs into an assistant's turn",
    )


def test_parts_that_an_assistants_turn_cannot_hold_are_named() -> None:
    """A picture that another vendor's model drew is no reason to fail."""
    found = encoded(said(TextPart(text="a"), ImagePart(data="aGk="), role=Role.ASSISTANT))
    assert found.warnings == ("a part of type image was not sent: an assistant's turn takes none",)


def test_tool_results_name_their_tool() -> None:
    """By the call that they answer, the nearest before them where ids repeat."""
    first, second = (ToolCallPart(id="c", name=name, arguments='{"a": 1}') for name in ("one", "two"))
    answer = said(ToolResultPart(tool_call_id="c", content=(TextPart(text="1"),)), role=Role.TOOL)
    found = encoded(said(first, role=Role.ASSISTANT), answer, said(second, role=Role.ASSISTANT), answer)
    messages = found.body["messages"]
    assert messages[0]["tool_calls"] == [{"id": "c", "function": {"name": "one", "arguments": {"a": 1}}}]
    assert [message["tool_name"] for message in messages if message["role"] == "tool"] == ["one", "two"]
    assert found.warnings == ()


def test_tool_result_without_its_call_is_named() -> None:
    """It is sent all the same."""
    found = encoded(said(ToolResultPart(tool_call_id="c", content=(TextPart(text="1"),)), role=Role.TOOL))
    assert found.body["messages"] == [{"role": "tool", "content": "1", "tool_call_id": "c"}]
    assert found.warnings == ("a tool result was sent without its tool's name: its call is not in the conversation",)


def test_images_of_tool_results_follow_the_run_of_answers() -> None:
    """As a user's message that says where they are from; the answers stay together."""
    calls = [ToolCallPart(id=name, name=name, arguments="") for name in ("a", "b")]
    results = [
        ToolResultPart(tool_call_id="a", content=(TextPart(text="see"), ImagePart(data="aGk="))),
        ToolResultPart(tool_call_id="b", content=(TextPart(text="no"),), is_error=True),
    ]
    found = encoded(said(*calls, role=Role.ASSISTANT), said(*results, role=Role.TOOL))
    assert [message["role"] for message in found.body["messages"]] == ["assistant", "tool", "tool", "user"]
    assert found.body["messages"][2]["content"] == "The tool failed: no"
    assert found.body["messages"][3] == {
        "role": "user",
        "content": "Images of the tool result a:",
        "images": ["aGk="],
    }
    assert found.warnings == ("images of a tool result were sent as a user's message: row",)


def test_users_words_beside_results_follow_them() -> None:
    """A user's turn may hold both."""
    call = said(ToolCallPart(id="a", name="a", arguments=" "), role=Role.ASSISTANT)
    result = ToolResultPart(tool_call_id="a", content=(TextPart(text="1"),))
    found = encoded(call, said(result, TextPart(text="go on")), said(result))
    assert [message["role"] for message in found.body["messages"]] == ["assistant", "tool", "user", "tool"]
    assert found.body["messages"][0]["tool_calls"][0]["function"]["arguments"] == {}


@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers())
def test_arguments_keep_every_digit(decimal: Decimal, integer: int) -> None:
    """From our text to the bytes of the body no number changes."""
    call = ToolCallPart(id="c", name="a", arguments=f'{{"d":[{decimal}],"i":{{"n":{integer}}},"t":"\u2602"}}')
    body = load_json(dump_json(encoded(said(call, role=Role.ASSISTANT)).body))
    sent = body["messages"][0]["tool_calls"][0]["function"]["arguments"]
    assert (Decimal(sent["d"][0]), sent["i"]["n"], sent["t"]) == (decimal, integer, "\u2602")
