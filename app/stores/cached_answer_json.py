"""What does a kept answer look like as bytes, and when is it believed?

One byte says how the rest is packed; the rest is JSON: the version, the key that it belongs to, when it was kept, and
the answer. Anything that is not exactly that is no answer. Never pickle: what is read must not be able to run.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from app.ports import CachedAnswer, CacheKey
from app.stores.frozen_json import from_json, loader, to_json

VERSION = 1
# Smaller ones gain little, and packing takes as long as asking Redis does. Measured on answers in English.
PACK_FROM_BYTES = 2048
# Nobody's answer is larger, and a forged one must not fill the memory when it is unpacked.
LARGEST_BYTES = 64 * 2**20

_PLAIN = b"j"
_PACKED = b"z"


@dataclass(frozen=True, slots=True)
class _Envelope:
    """`kept_at` in seconds since 1970."""

    version: int
    key: CacheKey
    kept_at: float
    answer: CachedAnswer


_load_envelope = loader(_Envelope)


def answer_bytes(answer: CachedAnswer) -> int:
    """How large an answer is, as JSON. Raises ValueError when it cannot be kept."""
    return len(to_json(answer))


def encode_answer(key: CacheKey, answer: CachedAnswer, *, kept_at: float) -> bytes:
    """`answer` as it is kept under `key` since `kept_at`, in seconds since 1970.

    Raises ValueError when it cannot be kept.
    """
    data = to_json(_Envelope(VERSION, key, kept_at, answer))
    if len(data) > LARGEST_BYTES:
        msg = f"it is larger than {LARGEST_BYTES} bytes"
        raise ValueError(msg)
    return _PLAIN + data if len(data) < PACK_FROM_BYTES else _PACKED + zlib.compress(data, level=1)


def decode_answer(data: bytes, key: CacheKey, *, kept_after: float) -> CachedAnswer | None:
    """What was kept under `key` later than `kept_after`; None for anything else. Never raises."""
    try:
        envelope: _Envelope = _load_envelope(from_json(_unpacked(data)))
    except (ValueError, zlib.error):
        return None
    is_the_one = envelope.version == VERSION and envelope.key == key and envelope.kept_at > kept_after
    return envelope.answer if is_the_one else None


def _unpacked(data: bytes) -> bytes:
    """The JSON in `data`. Raises ValueError or zlib.error when it is not whole, or would be too large."""
    how, rest = data[:1], data[1:]
    if how == _PLAIN:
        return rest
    if how != _PACKED:
        msg = "it is packed in no known way"
        raise ValueError(msg)
    unpacking = zlib.decompressobj()
    unpacked = unpacking.decompress(rest, LARGEST_BYTES)
    if not unpacking.eof or unpacking.unused_data:
        msg = "it is cut, too large, or followed by something"
        raise ValueError(msg)
    return unpacked
