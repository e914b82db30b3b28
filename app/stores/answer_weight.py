"""How much memory does an answer take, and would making bytes of it, or it of bytes, hold up the event loop?"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from sys import getsizeof
from typing import Any, get_args

from app.ports import CachedVectors, Kept
from app.stores.kept_bytes import unpacked_bytes
from contracts.chat import CacheControl, Part

# So many characters take a millisecond to write, and so many bytes a millisecond to read; a thread for it costs a
# twentieth of that. Measured.
HEAVY_CHARACTERS = 64 * 1024
HEAVY_BYTES = 64 * 1024
# CPython gives memory out in pieces of so many bytes.
_PIECE = 16

_RECORDS = (*get_args(get_args(Part)[0]), CacheControl)


def memory_bytes(answer: Kept) -> int:
    """What the content of an answer takes as it lies in memory; what every answer takes alike is not in it.

    Raises ValueError for what is no JSON, which nobody could give to a caller.
    """
    reply, size = answer.reply, 0
    todo: list[Any] = [reply.warnings, reply.model, reply.raw]
    if isinstance(answer, CachedVectors):
        size += _in_pieces(getsizeof(answer.numbers))
    else:
        # The empty tuple is one for all.
        todo += [answer.reply.message.content, answer.reply.id, answer.reply.item_ids or None]
    while todo:
        one = todo.pop()
        kind = type(one)
        if kind is str:
            size += _text_bytes(one)
        elif one is not None and kind is not bool:
            size += _in_pieces(getsizeof(one))
            _unfold(one, kind, todo)
    return size


def is_heavy(answer: Kept) -> bool:
    """A guess by the text alone, without looking at it; of vectors by their bytes."""
    raw = len(answer.reply.raw or "")
    if isinstance(answer, CachedVectors):
        return raw + len(answer.numbers) >= HEAVY_CHARACTERS
    return raw + sum(_characters(part) for part in answer.reply.message.content) >= HEAVY_CHARACTERS


def is_heavy_to_read(stored: bytes) -> bool:
    """The same for an answer as it is stored, by what it says of itself."""
    return unpacked_bytes(stored) >= HEAVY_BYTES


def _characters(part: object) -> int:
    return sum(len(text) for name in ("text", "arguments", "data") if isinstance(text := getattr(part, name, ""), str))


def _text_bytes(text: str) -> int:
    # One character beyond ASCII widens all of them, and beside them Python keeps the UTF-8 of what was once sent.
    beside = 0 if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    return _in_pieces(getsizeof(text) + beside)


def _in_pieces(size: int) -> int:
    return size + _PIECE - 1 & -_PIECE


def _unfold(one: Any, kind: Any, todo: list[Any]) -> None:
    if kind is dict:
        todo.extend(one)
        todo.extend(one.values())
    elif kind in {tuple, list}:
        todo.extend(one)
    elif kind in _RECORDS:
        todo.extend([getattr(one, name) for name in _names(kind)])
    elif kind not in {int, float}:
        msg = "it holds what JSON cannot say"
        raise ValueError(msg)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    """The fields of a part; the word for its type is one for all."""
    return tuple(field.name for field in fields(kind) if field.name != "type")
