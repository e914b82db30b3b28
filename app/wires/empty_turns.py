"""Which turns say nothing at all? Some callers write them, some vendors take them, others refuse the whole request."""

from __future__ import annotations

from contracts.chat import Message, TextPart


def is_empty(message: Message) -> bool:
    """Whether a turn holds nothing but texts without a character."""
    return bool(message.content) and all(isinstance(part, TextPart) and not part.text for part in message.content)
