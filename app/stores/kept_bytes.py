"""Which of the two forms does something have that is kept as bytes: an answer to a conversation, or vectors?"""

from __future__ import annotations

from app.ports import CachedVectors, CacheKey, Kept
from app.stores.cached_answer_json import PLAIN, decode_answer, encode_answer
from app.stores.cached_vectors_bytes import MARK, decode_vectors, encode_vectors
from app.stores.packing import said_bytes


def encode_kept(key: CacheKey, kept: Kept, *, kept_at: float) -> bytes:
    """`kept` as it is kept under `key` since `kept_at`, in seconds since 1970.

    Raises ValueError when it cannot be kept, or would not be believed.
    """
    if isinstance(kept, CachedVectors):
        return encode_vectors(key, kept, kept_at=kept_at)
    return encode_answer(key, kept, kept_at=kept_at)


def decode_kept(data: bytes, key: CacheKey, *, kept_after: float) -> Kept | None:
    """What was kept under `key` later than `kept_after`; None for anything else. Never raises."""
    decode = decode_vectors if data.startswith(MARK) else decode_answer
    return decode(data, key, kept_after=kept_after)


def unpacked_bytes(data: bytes) -> int:
    """How much `data` says that it is once it is unpacked."""
    return len(data) if data.startswith(PLAIN) else said_bytes(data)
