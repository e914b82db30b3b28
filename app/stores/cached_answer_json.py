"""What does a kept answer look like as bytes, and when is it believed?

One byte says how the rest is packed; the rest is JSON: the version, the key that it belongs to, when it was kept, and
the answer. Anything that is not exactly that is no answer, and neither is what nobody would have kept: it is refused
before it costs more than a look. Never pickle: what is read must not be able to run.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.ports import CachedAnswer, CacheKey
from app.stores.frozen_json import from_json, loader, to_json
from contracts.chat import Usage

VERSION = 1
# Smaller ones gain little, and packing takes as long as asking Redis does. Measured on answers in English.
PACK_FROM_BYTES = 2048
# As JSON. No model writes as much, and text of this size is read in 20 ms.
LARGEST_BYTES = 8 * 2**20
# Of the characters that make JSON dear to read: what begins a list or a record, what stands between its values, an
# escape. While so many are read, 50 ms at worst, nothing else can run, in whatever thread it is; prose has one in
# twenty bytes, and JSON in an answer so many in half a megabyte.
MOST_MARKS = 150_000
MOST_TOKENS = 10**9
MOST_USD = 10**6

_PLAIN = b"j"
# Then how large it was, in four bytes, so that it is known before it is unpacked.
_PACKED = b"z"
_SIZE_BYTES = 4
_HEAD_BYTES = len(_PACKED) + _SIZE_BYTES
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
    _check_size(len(data))
    _check_marks(data)
    _check_numbers(answer)
    if len(data) < PACK_FROM_BYTES:
        return _PLAIN + data
    return _PACKED + len(data).to_bytes(_SIZE_BYTES) + zlib.compress(data, level=1)


def decode_answer(data: bytes, key: CacheKey, *, kept_after: float) -> CachedAnswer | None:
    """What was kept under `key` later than `kept_after`; None for anything else. Never raises."""
    try:
        unpacked = _unpacked(data)
        _check_marks(unpacked)
        envelope: _Envelope = _load_envelope(from_json(unpacked))
        _check_numbers(envelope.answer)
    except (ValueError, zlib.error):
        return None
    is_the_one = envelope.version == VERSION and envelope.key == key and envelope.kept_at > kept_after
    return envelope.answer if is_the_one else None


def unpacked_bytes(data: bytes) -> int:
    """How large the JSON in `data` says that it is, without a look at it."""
    if data[:1] != _PACKED:
        return len(data)
    return int.from_bytes(data[len(_PACKED) : _HEAD_BYTES])


def _unpacked(data: bytes) -> bytes:
    """The JSON in `data`. Raises ValueError or zlib.error when it is not whole, or nobody would have kept it so."""
    how, size = data[:1], unpacked_bytes(data)
    _check_size(size)
    if how == _PLAIN and size <= PACK_FROM_BYTES:
        return data[1:]
    if how != _PACKED:
        msg = "it is packed in no known way"
        raise ValueError(msg)
    unpacking = zlib.decompressobj()
    # One more, since zlib sees the end only when there is room behind it.
    unpacked = unpacking.decompress(data[_HEAD_BYTES:], size + 1)
    if not unpacking.eof or unpacking.unused_data or len(unpacked) != size:
        msg = "it is cut, followed by something, or not as large as it says"
        raise ValueError(msg)
    return unpacked


def _check_size(size: int) -> None:
    if size > LARGEST_BYTES:
        msg = f"it is larger than {LARGEST_BYTES} bytes"
        raise ValueError(msg)


def _check_marks(data: bytes) -> None:
    marks = 0
    for start in range(0, len(data), _COUNTED_AT_ONCE):
        piece = data[start : start + _COUNTED_AT_ONCE]
        marks += sum(piece.count(mark) for mark in _MARKS)
        if marks > MOST_MARKS:
            msg = f"it has more than {MOST_MARKS} pieces"
            raise ValueError(msg)


def _check_numbers(answer: CachedAnswer) -> None:
    tokens_are_some = all(0 <= count <= MOST_TOKENS for count in _tokens(answer))
    if not (tokens_are_some and all(0 <= usd <= MOST_USD for usd in _prices(answer))):
        msg = "its tokens or its price are none"
        raise ValueError(msg)


def _tokens(answer: CachedAnswer) -> Iterator[int]:
    for usage in (answer.usage, answer.reply.usage):
        if usage is not None:
            yield from _counts(usage)


def _counts(usage: Usage) -> tuple[int, ...]:
    return (
        usage.input_tokens,
        usage.output_tokens,
        usage.total_tokens,
        usage.cached_input_tokens,
        usage.cache_write_tokens,
        usage.reasoning_tokens,
    )


def _prices(answer: CachedAnswer) -> Iterator[Decimal]:
    if answer.cost is not None:
        yield answer.cost.usd
    if answer.reply.cost_usd is not None:
        yield answer.reply.cost_usd
