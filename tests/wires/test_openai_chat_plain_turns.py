"""Are turns of one text each, which are written in one look, written as they are part by part?"""

from __future__ import annotations

from typing import Any

import pytest

from app.wires.openai_chat import Quirks, encode_request
from contracts.chat import CacheControl, Conversation, ImagePart, Message, Role, TextPart

PLAIN = Quirks()
TEXT = TextPart(text="see")
SHOWN = Message(role=Role.USER, content=(ImagePart(data="aGk=", media_type="image/png"),))


def written_by(*turns: Message, quirks: Quirks = PLAIN) -> list[dict[str, Any]]:
    """The messages of a request."""
    conversation = Conversation(messages=turns)
    messages: list[dict[str, Any]] = encode_request(
        conversation, provider="row", model="m", stream=False, quirks=quirks
    ).body["messages"]
    return messages


@pytest.mark.parametrize("text", ["hello", ""])
def test_turns_of_one_text_are_written_alike_in_any_company(text: str) -> None:
    """Together they are written in one look, beside an image part by part."""
    turns = [Message(role=role, content=(TextPart(text=text),)) for role in (Role.SYSTEM, Role.USER, Role.ASSISTANT)]
    written = [{"role": turn.role.value, "content": text} for turn in turns]
    assert written_by(*turns) == written
    assert written_by(*turns, SHOWN)[:-1] == written


def test_text_in_a_tools_turn_is_not_written_as_a_turn() -> None:
    """Such a turn holds answers of tools, and this is none."""
    assert written_by(Message(role=Role.TOOL, content=(TEXT,)), Message(role=Role.USER, content=(TEXT,))) == [
        {"role": "user", "content": TEXT.text}
    ]


def test_marked_text_is_written_with_its_mark() -> None:
    """By a vendor's list of parts, where it takes marks."""
    marked = Message(role=Role.USER, content=(TextPart(text="see", cache_control=CacheControl()),))
    assert written_by(marked, quirks=Quirks(takes_cache_marks=True)) == [
        {"role": "user", "content": [{"type": "text", "text": "see", "cache_control": {"type": "ephemeral"}}]}
    ]
    assert written_by(marked) == [{"role": "user", "content": "see"}]
