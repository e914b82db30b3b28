"""What becomes of the marks and the key for a vendor's cache? Written where a dialect has a place, else named."""

from __future__ import annotations

from collections.abc import Sequence
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
    fields = [MESSAGE_MARK] if _is_marked(conversation.messages) else []
    if conversation.tools and any(tool.cache_control for tool in conversation.tools):
        fields.append(TOOL_MARK)
    for field in fields:
        notes.leave_out(field, f"cache_control was not sent: {provider} takes no marks")


def note_key(conversation: Conversation, *, provider: str, notes: Notes) -> None:
    """Names the cache's key, for a vendor that takes none."""
    if conversation.prompt_cache_key is not None:
        notes.leave_out("prompt_cache_key", f"prompt_cache_key was not sent: {provider} does not know it")


def _is_marked(messages: Sequence[Message]) -> bool:
    for message in messages:
        for part in message.content:
            if isinstance(part, ToolResultPart) and any(one.cache_control for one in part.content):
                return True
            if not isinstance(part, _WITHOUT_MARKS) and part.cache_control:
                return True
    return False
