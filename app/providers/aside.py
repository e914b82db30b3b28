"""Where is a call written, and a long reply read? A large one in a thread, so that nobody else waits meanwhile.

The interpreter's lock is shared, but a thread gives it back every few milliseconds: the loop gets its turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TypeVar

from contracts.calls import ModelCall
from contracts.chat import FilePart, ImagePart, Part, RawPart, ToolCallPart, ToolResultPart

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
    texts = sum(map(len, call.embedding.texts)) if call.embedding is not None else 0
    return texts + sum(_size(message.content) for message in call.conversation.messages)


def _size(parts: Iterable[Part]) -> int:
    return sum(_PART_BYTES + _part_size(part) for part in parts)


def _part_size(part: Part) -> int:
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
