"""How is a record told from what stands around it in a file, whatever became of the bytes before it?

Each has a head: a mark, its length, its CRC-32, and the CRC-32 of these two. So a length that was damaged is known for
one, and what a flipped bit spoils is the one record that it is in: the next is found by its mark.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

# Bytes that no UTF-8 text holds, so no record either. A format that is read in another way needs another mark.
MARK = b"\xf5\xfd\xfa\xf9"
# Longer ones are taken for damage: they would fill the memory.
LONGEST_RECORD_BYTES = 64 * 2**20

# At most so many bytes of a file, from a place on.
ReadAt = Callable[[int, int], bytes]

_NUMBERS = struct.Struct(">II")
_CHECK = struct.Struct(">I")
HEAD_BYTES = len(MARK) + _NUMBERS.size + _CHECK.size
_BLOCK_BYTES = 2**20


class Condition(Enum):
    """How a piece of a file was found."""

    WHOLE = "whole"
    DAMAGED = "damaged"
    TORN = "torn"


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands before `end`: a record, the bytes of something that was damaged, or the last write, torn off."""

    condition: Condition
    end: int
    data: bytes = field(default=b"", repr=False)


def framed(record: bytes) -> bytes:
    """`record` as it is written."""
    numbers = _NUMBERS.pack(len(record), zlib.crc32(record))
    return MARK + numbers + _CHECK.pack(zlib.crc32(numbers)) + record


def piece_at(read: ReadAt, place: int, end: int) -> Piece:
    """What begins at `place` of a file that ends at `end`."""
    numbers = _numbers(read(place, HEAD_BYTES))
    is_cut = end - place < HEAD_BYTES
    if numbers is not None:
        length, checksum = numbers
        behind = place + HEAD_BYTES + length
        is_cut = behind > end
        if not is_cut and zlib.crc32(record := read(place + HEAD_BYTES, length)) == checksum:
            return Piece(Condition.WHOLE, behind, record)
    next_mark = mark_from(read, place + 1, end)
    if next_mark is None and is_cut:
        return Piece(Condition.TORN, end)
    damage_end = min(end if next_mark is None else next_mark, place + LONGEST_RECORD_BYTES)
    return Piece(Condition.DAMAGED, damage_end, read(place, damage_end - place))


def mark_from(read: ReadAt, place: int, end: int) -> int | None:
    """Where the first mark from `place` on stands; None: nowhere before `end`."""
    while place < end:
        block = read(place, min(_BLOCK_BYTES, end - place))
        if (found := block.find(MARK)) >= 0:
            return place + found
        if len(block) < len(MARK):
            return None
        # A mark may lie across the edge.
        place += len(block) - len(MARK) + 1
    return None


def _numbers(head: bytes) -> tuple[int, int] | None:
    """Length and CRC-32 of the record; None for a head that is damaged. Its mark is not needed to read it."""
    packed = head[len(MARK) : -_CHECK.size]
    if len(head) < HEAD_BYTES or _CHECK.pack(zlib.crc32(packed)) != head[-_CHECK.size :]:
        return None
    length, checksum = _NUMBERS.unpack(packed)
    return (length, checksum) if length <= LONGEST_RECORD_BYTES else None
