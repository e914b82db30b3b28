"""What does a kept answer look like as bytes, and when is it believed?

One byte says how the rest is packed; the rest is JSON: the version, the key that it belongs to, when it was kept, and
the answer. Anything that is not exactly that is no answer, and neither is what nobody would have kept: it is refused
before it costs more than a look. Never pickle: what is read must not be able to run.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.ports import CachedAnswer, CacheKey
from app.stores.frozen_json import from_json, loader, to_json
from app.stores.kept_numbers import check_numbers
from app.stores.packing import check_size, pack, unpack

VERSION = 1
# Smaller ones gain little, and packing takes as long as asking Redis does. Measured on answers in English.
PACK_FROM_BYTES = 2048
# Of the characters that make JSON dear to read: what begins a list or a record, what stands between its values, an
# escape. While so many are read, 50 ms at worst, nothing else can run, in whatever thread it is; prose has one in
# twenty bytes, and JSON in an answer so many in half a megabyte.
MOST_MARKS = 150_000

PLAIN = b"j"
_PACKED = b"z"
_MARKS = (b"[", b"{", b",", b":", b"\\")
_COUNTED_AT_ONCE = 2**20


@dataclass(frozen=True, slots=True)
class _Envelope:
    """`kept_at` in seconds since 1970."""

    version: int
    key: CacheKey
    kept_at: float
    answer: CachedAnswer


_load_envelope = loader(_Envelope)


def encode_answer(key: CacheKey, answer: CachedAnswer, *, kept_at: float) -> bytes:
    """`answer` as it is kept under `key` since `kept_at`, in seconds since 1970.

    Raises ValueError when it cannot be kept, or would not be believed.
    """
    data = to_json(_Envelope(VERSION, key, kept_at, answer))
    check_size(len(data))
    check_marks(data)
    check_numbers(answer)
    return PLAIN + data if len(data) < PACK_FROM_BYTES else pack(_PACKED, data)


def decode_answer(data: bytes, key: CacheKey, *, kept_after: float) -> CachedAnswer | None:
    """What was kept under `key` later than `kept_after`; None for anything else. Never raises."""
    try:
        unpacked = _unpacked(data)
        check_marks(unpacked)
        envelope: _Envelope = _load_envelope(from_json(unpacked))
        check_numbers(envelope.answer)
    except ValueError:
        return None
    is_the_one = envelope.version == VERSION and envelope.key == key and envelope.kept_at > kept_after
    return envelope.answer if is_the_one else None


def check_marks(data: bytes) -> None:
    """Raises ValueError for JSON that would be too dear to read."""
    marks = 0
    for start in range(0, len(data), _COUNTED_AT_ONCE):
        piece = data[start : start + _COUNTED_AT_ONCE]
        marks += sum(piece.count(mark) for mark in _MARKS)
        if marks > MOST_MARKS:
            msg = f"it has more than {MOST_MARKS} pieces"
            raise ValueError(msg)


def _unpacked(data: bytes) -> bytes:
    """The JSON in `data`. Raises ValueError when it is not whole, or nobody would have kept it so."""
    how = data[:1]
    if how == PLAIN and len(data) <= PACK_FROM_BYTES:
        return data[1:]
    if how != _PACKED:
        msg = "it is packed in no known way"
        raise ValueError(msg)
    return unpack(data)
