"""What do kept vectors look like as bytes, and when are they believed?

Packed: how long the head is, in four bytes; the head, which is JSON; then the numbers, or the vendor's own body, as
they are. The head says the version, the key that they belong to, when they were kept, and all that is no vector.
Anything that is not exactly that is nothing (see `cached_answer_json`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.ports import CachedVectors, CacheKey
from app.stores.cached_answer_json import check_marks
from app.stores.frozen_json import from_json, loader, to_json
from app.stores.kept_numbers import check_numbers
from app.stores.packing import pack, unpack
from contracts.calls import EmbeddingReply
from contracts.chat import Usage
from contracts.responses import Cost

VERSION = 1
# No answer to a conversation begins with it.
MARK = b"v"
_SIZE_BYTES = 4


@dataclass(frozen=True, slots=True)
class _Head:
    """`kept_at` in seconds since 1970. `is_raw`: what follows is the vendor's body."""

    version: int
    key: CacheKey
    kept_at: float
    is_raw: bool
    length: int
    reply: EmbeddingReply
    usage: Usage
    cost: Cost | None


_load_head = loader(_Head)


def encode_vectors(key: CacheKey, kept: CachedVectors, *, kept_at: float) -> bytes:
    """`kept` as it is kept under `key` since `kept_at`, in seconds since 1970.

    Raises ValueError when it cannot be kept, or would not be believed.
    """
    check_numbers(kept)
    raw = kept.reply.raw
    reply = replace(kept.reply, raw=None)
    record = _Head(VERSION, key, kept_at, raw is not None, kept.length, reply, kept.usage, kept.cost)
    head = to_json(record)
    check_marks(head)
    body = kept.numbers if raw is None else raw.encode()
    return pack(MARK, len(head).to_bytes(_SIZE_BYTES) + head + body)


def decode_vectors(data: bytes, key: CacheKey, *, kept_after: float) -> CachedVectors | None:
    """What was kept under `key` later than `kept_after`; None for anything else. Never raises."""
    try:
        unpacked = unpack(data)
        size = int.from_bytes(unpacked[:_SIZE_BYTES])
        head_json, body = unpacked[_SIZE_BYTES : _SIZE_BYTES + size], unpacked[_SIZE_BYTES + size :]
        check_marks(head_json)
        head: _Head = _load_head(from_json(head_json))
        kept = _joined(head, body)
        check_numbers(kept)
    except ValueError:
        return None
    is_the_one = head.version == VERSION and head.key == key and head.kept_at > kept_after
    return kept if is_the_one else None


def _joined(head: _Head, body: bytes) -> CachedVectors:
    """Raises ValueError for a body that is no text where it should be."""
    if not head.is_raw:
        return CachedVectors(reply=head.reply, usage=head.usage, cost=head.cost, numbers=body, length=head.length)
    reply = replace(head.reply, raw=body.decode())
    return CachedVectors(reply=reply, usage=head.usage, cost=head.cost, length=head.length)
