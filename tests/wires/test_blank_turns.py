"""What becomes of a turn that says nothing? Vendors differ: so callers may send it, and each wire knows its vendor."""

from __future__ import annotations

from typing import Any

import pytest

from app.wires import anthropic_messages, gemini, ollama, openai_chat, openai_responses
from app.wires.anthropic_messages.abilities import Abilities
from app.wires.gemini.traits import ModelTraits
from contracts.broken_rule import BrokenRuleError
from contracts.chat import Conversation, Message, Part, Role, TextPart, ToolCallPart
from contracts.message_checks import check_messages

BLANK = ["", " ", "\n"]


def turn(role: Role, text: str) -> Message:
    return Message(role=role, content=(TextPart(text=text),))


@pytest.mark.parametrize("text", BLANK)
@pytest.mark.parametrize("role", ["user", "assistant", "system"])
def test_blank_turn_is_read_at_every_surface(role: str, text: str) -> None:
    """As the dialects' own vendors do, or as they then say themselves."""
    expected = (turn(Role.USER, "Hi"), turn(Role(role), text))
    turns = [{"role": "user", "content": "Hi"}, {"role": role, "content": text}]
    assert openai_chat.decode_request({"model": "m", "messages": turns}).conversation.messages == expected
    asked = {"model": "m", "max_tokens": 9, "messages": turns}
    assert anthropic_messages.decode_request(asked).conversation.messages == expected
    parted = turns if role != "user" else [*turns[:1], {"role": "assistant", "content": "So?"}, *turns[1:]]
    read = openai_responses.decode_request({"model": "m", "input": parted}).conversation.messages
    assert (read[0], read[-1]) == (expected[0], expected[1])


def test_blank_input_of_a_response_is_read() -> None:
    """A text for all that is asked, and beside other items."""
    (message,) = openai_responses.decode_request({"model": "m", "input": ""}).conversation.messages
    assert message == turn(Role.USER, "")
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    items = [{"role": "assistant", "content": ""}, call]
    (message,) = openai_responses.decode_request({"model": "m", "input": items}).conversation.messages
    assert message.content == (ToolCallPart(id="c", name="f", arguments="{}"),)


@pytest.mark.parametrize("text", BLANK)
def test_blank_turn_is_refused_where_we_make_the_rules(text: str) -> None:
    """Nobody needs one at our own endpoints; a turn without any part is none anywhere."""
    with pytest.raises(BrokenRuleError, match="must not be blank"):
        check_messages([turn(Role.USER, text)])
    check_messages([turn(Role.USER, text)], may_be_blank=True)
    with pytest.raises(BrokenRuleError, match="must not be empty"):
        check_messages([Message(role=Role.USER)], may_be_blank=True)


def conversation(*parts: Part) -> Conversation:
    said = Message(role=Role.ASSISTANT, content=parts)
    return Conversation(messages=(turn(Role.USER, "Hi"), said, turn(Role.USER, "And?")))


def encoded(wire: str, asked: Conversation) -> tuple[list[Any], tuple[str, ...]]:
    """The turns as they are sent, and the warnings."""
    names: dict[str, Any] = {"provider": "row", "model": "m", "stream": False}
    match wire:
        case "anthropic":
            made = anthropic_messages.encode_request(asked, **names, abilities=Abilities(max_output_tokens=9))
            return made.body["messages"], made.warnings
        case "gemini":
            made = gemini.encode_request(asked, provider="row", model="m", traits=ModelTraits())
            return made.body["contents"], made.warnings
        case "ollama":
            made = ollama.encode_request(asked, **names)
            return made.body["messages"], made.warnings
        case "responses":
            made = openai_responses.encode_request(asked, **names)
            return made.body["input"], made.warnings
    made = openai_chat.encode_request(asked, **names, quirks=openai_chat.Quirks())
    return made.body["messages"], made.warnings


@pytest.mark.parametrize("wire", ["chat", "responses", "ollama"])
def test_empty_turn_is_sent_to_vendors_that_take_it(wire: str) -> None:
    """It stands in its place."""
    turns, warnings = encoded(wire, conversation(TextPart(text="")))
    assert [one["role"] for one in turns] == ["user", "assistant", "user"]
    assert warnings == ()


@pytest.mark.parametrize("wire", ["anthropic", "gemini"])
def test_empty_turn_is_left_out_with_a_word_where_it_is_refused(wire: str) -> None:
    """The rest of the conversation is asked all the same; beside other parts an empty text is nothing at all."""
    turns, warnings = encoded(wire, conversation(TextPart(text="")))
    assert "assistant" not in [one["role"] for one in turns]
    assert "model" not in [one["role"] for one in turns]
    assert warnings == ("a message without words was not sent: row takes none",)
    _, warnings = encoded(wire, conversation(TextPart(text=""), TextPart(text="So.")))
    assert warnings == ()


def test_turn_of_spaces_is_left_out_with_a_word_by_the_vendor_that_refuses_it() -> None:
    """Anthropic takes no text without a word; others do."""
    turns, warnings = encoded("anthropic", conversation(TextPart(text=" ")))
    assert [one["role"] for one in turns] == ["user"]
    assert warnings == ("a text of spaces was not sent: row takes none",)
