"""Is an answer so large that making bytes of it, or it of bytes, would hold up the event loop?"""

from __future__ import annotations

from app.ports import CachedAnswer

# So many characters take a millisecond to write, and packed so many bytes a millisecond to read; a thread for it costs
# a twentieth of that. Measured.
HEAVY_CHARACTERS = 64 * 1024
HEAVY_STORED_BYTES = 64 * 1024


def is_heavy(answer: CachedAnswer) -> bool:
    """A guess by the text alone, without looking at it."""
    return sum(_characters(part) for part in answer.reply.message.content) >= HEAVY_CHARACTERS


def is_heavy_to_read(stored: bytes) -> bool:
    """The same for an answer as it is stored."""
    return len(stored) >= HEAVY_STORED_BYTES


def _characters(part: object) -> int:
    return sum(len(text) for name in ("text", "arguments", "data") if isinstance(text := getattr(part, name, ""), str))
