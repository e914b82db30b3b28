"""Does everybody in a conversation say one text? Most are so, and nothing need be noted of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.request_fields import MOST_MESSAGES
from contracts.chat import Message, Role, new_message, new_text
from contracts.text import whole_text

_FIELDS = 2


def plain_turns(messages: Any, speakers: Mapping[str, Role], *, system: Any = None) -> tuple[Message, ...] | None:
    """The turns of `messages`, each an object of a `role`, one of `speakers`, and a text as its `content`.

    `system`, which only a dialect gives that has such a role, is said before them. None for any other conversation,
    and for what may be wrong in one: no place is made for what is usual.
    """
    if not isinstance(messages, list) or not 0 < len(messages) <= MOST_MESSAGES:
        return None
    turns: list[Message] = []
    for message in messages if system is None else [{"role": "system", "content": system}, *messages]:
        if not isinstance(message, dict) or len(message) != _FIELDS:
            return None
        role, text = message.get("role"), message.get("content")
        speaker = speakers.get(role) if isinstance(role, str) else None
        if speaker is None or not isinstance(text, str) or not text:
            return None
        if not text.isascii() or "\x00" in text:
            try:
                whole_text(text)
            except ValueError:
                return None
        turns.append(new_message(role=speaker, content=(new_text(text=text),)))
    return tuple(turns)
