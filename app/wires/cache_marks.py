"""What becomes of the marks and the key for a vendor's cache? Written where a dialect has a place, else named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, cast

from app.wires.notes import Notes
from app.wires.place import Place
from contracts.chat import CacheControl, Conversation, Message, RawPart, ReasoningPart, RefusalPart, ToolResultPart

# The request's fields, as a caller who wants unsupported ones refused reads them.
MESSAGE_MARK = "messages.cache_control"
TOOL_MARK = "tools.cache_control"
_WITHOUT_MARKS = (ReasoningPart, RefusalPart, RawPart)


def read_mark(place: Place) -> CacheControl | None:
    """The mark in the `cache_control` of the part or tool at `place`, as Anthropic and OpenRouter write it."""
    mark = place.at("cache_control")
    if not mark.is_object():
        return None
    mark.need("type").hint("ephemeral")
    mark.ignore_others({"type", "ttl"})
    return CacheControl(ttl=cast("Literal['5m', '1h'] | None", mark.at("ttl").hint("5m", "1h")))


def written_mark(mark: CacheControl) -> dict[str, str]:
    """`cache_control` as Anthropic and OpenRouter read it."""
    return {"type": mark.type} if mark.ttl is None else {"type": mark.type, "ttl": mark.ttl}


def note_marks(conversation: Conversation, *, provider: str, notes: Notes) -> None:
    """Names every mark of `conversation`, for a vendor that takes none."""
    sentence = f"cache_control was not sent: {provider} takes no marks"
    if any(_marks(conversation.messages)):
        notes.leave_out(MESSAGE_MARK, sentence)
    if any(tool.cache_control for tool in conversation.tools):
        notes.leave_out(TOOL_MARK, sentence)


def note_key(conversation: Conversation, *, provider: str, notes: Notes) -> None:
    """Names the cache's key, for a vendor that takes none."""
    if conversation.prompt_cache_key is not None:
        notes.leave_out("prompt_cache_key", f"prompt_cache_key was not sent: {provider} does not know it")


def _marks(messages: Sequence[Message]) -> Iterator[CacheControl | None]:
    for message in messages:
        for part in message.content:
            if isinstance(part, ToolResultPart):
                yield from (one.cache_control for one in part.content)
            if not isinstance(part, _WITHOUT_MARKS):
                yield part.cache_control
