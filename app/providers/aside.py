"""Where is a call written, and a long reply read? A large one in a thread, so that nobody else waits meanwhile.

The interpreter's lock is shared, but a thread gives it back every few milliseconds: the loop gets its turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from contracts.calls import ModelCall
from contracts.chat import FilePart, ImagePart, Part, RawPart, TextPart, ToolCallPart, ToolResultPart

Made = TypeVar("Made")

# Written in some milliseconds, whatever stands in it; a thread costs a tenth of one.
MANY_BYTES = 2**18
# What a part takes beside its text: many small ones take as long as a few large ones.
_PART_BYTES = 32


async def aside(size_bytes: int, work: Callable[[], Made], *, most_bytes: int = MANY_BYTES) -> Made:
    """What `work` makes of so many bytes. Raises what it raises; when cancelled, it goes on for nobody."""
    return work() if size_bytes < most_bytes else await asyncio.to_thread(work)


def size_of(call: ModelCall) -> int:
    """About how many bytes the call's body will have."""
    if call.source is not None:
        return len(call.source.body)
    size = sum(map(len, call.embedding.texts)) if call.embedding is not None else 0
    for message in call.conversation.messages:
        size += _size(message.content)
    return size


def _size(parts: Sequence[Part]) -> int:
    size = _PART_BYTES * len(parts)
    for part in parts:
        # On the way of every call: what most parts are is asked first.
        size += len(part.text) if isinstance(part, TextPart) else _other_size(part)
    return size


def _other_size(part: Part) -> int:
    match part:
        case ImagePart() | FilePart():
            return len(part.data or "")
        case ToolResultPart():
            return _size(part.content)
        case ToolCallPart():
            return len(part.arguments)
        case RawPart():
            return 0
        case _:
            return len(part.text)
