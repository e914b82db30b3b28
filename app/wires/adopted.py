"""Whose are the reasoning and the raw parts that a caller of a drop-in surface sends, and is sent?

Nothing in the body says which row made them, so they belong to the dialect: their provider is the name of the wire.
Whichever row of that dialect is asked takes them for its own, and what it answers of them is the dialect's again.
"""

from __future__ import annotations

from dataclasses import replace

from contracts.calls import Wire
from contracts.chat import Conversation, Message, Part, RawPart, ReasoningPart

_OWNED = (RawPart, ReasoningPart)


def adopted(conversation: Conversation, *, wire: Wire, provider: str) -> Conversation:
    """`conversation` with the parts of the dialect as those of the row `provider`, which speaks it."""
    for message in conversation.messages:
        for part in message.content:
            if isinstance(part, _OWNED) and part.provider == wire:
                messages = [_passed_on(one, wire, provider) for one in conversation.messages]
                return replace(conversation, messages=tuple(messages))
    return conversation


def given_back(answer: Message, *, wire: Wire, provider: str) -> Message:
    """The `answer` of the row `provider`, which spoke the dialect, with the row's own parts as those of the dialect."""
    for part in answer.content:
        if isinstance(part, _OWNED) and part.provider == provider:
            return _passed_on(answer, provider, wire)
    return answer


def _passed_on(message: Message, owner: str, heir: str) -> Message:
    return replace(
        message,
        content=tuple(_renamed(part, heir) if _is_of(part, owner) else part for part in message.content),
    )


def _renamed(part: Part, provider: str) -> Part:
    return replace(part, provider=str(provider)) if isinstance(part, _OWNED) else part


def _is_of(part: Part, provider: str) -> bool:
    return isinstance(part, _OWNED) and part.provider == provider
