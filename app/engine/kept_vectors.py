"""How are vectors packed to be kept, and is what was kept what was asked for?

Exact to the last bit. Where there are many numbers it is done in a thread, vector by vector.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from struct import Struct
from typing import TypeVar

from app.engine.intake import Order
from app.engine.relayed_vectors import relayed_length
from app.engine.weighed import Weighed
from app.ports import CachedVectors
from contracts.calls import EmbeddingReply
from contracts.embeddings import EmbeddingInput

_Vector = tuple[float, ...]
_Made = TypeVar("_Made")
_BYTES_PER_NUMBER = 8
# So many are packed, unpacked or judged in less than a millisecond.
_MANY_BYTES = 2**17


async def packed(order: Order, weighed: Weighed) -> CachedVectors | None:
    """What is kept of a reply; None for one that is not what was asked for."""
    reply = weighed.reply
    size = _BYTES_PER_NUMBER * sum(map(len, reply.vectors)) + len(reply.raw or "")
    kept = await _off_the_loop(lambda: _packed(weighed), size)
    return kept if await are_fit(order, kept) else None


async def unpacked(weighed: Weighed) -> EmbeddingReply:
    """The reply, with its vectors if it was kept."""
    kept = weighed.kept
    if kept is None or not kept.length or kept.reply.raw is not None:
        return weighed.reply
    vectors = await _off_the_loop(lambda: tuple(_vectors(kept)), len(kept.numbers))
    return replace(weighed.reply, vectors=vectors)


async def are_fit(order: Order, kept: CachedVectors) -> bool:
    """Whether there is a vector for each text, all of one length, of that which was asked for, and nothing else."""
    asked, raw = order.call.embedding, kept.reply.raw
    if asked is None or kept.reply.vectors:
        return False
    if raw is None:
        return await _off_the_loop(lambda: _is_right(kept, asked), len(kept.numbers))
    # Only a door of the dialect can give it to its caller.
    if order.call.source is None or kept.numbers:
        return False
    length = await _off_the_loop(lambda: relayed_length(raw, count=asked.count), len(raw))
    return length is not None and _is_wanted(length, asked)


def _packed(weighed: Weighed) -> CachedVectors:
    reply = weighed.reply
    vectors = () if reply.raw is not None else reply.vectors
    length = len(vectors[0]) if vectors else 0
    written = Struct(f"<{length}d")
    alike = (vector for vector in vectors if len(vector) == length)
    return CachedVectors(
        reply=replace(reply, vectors=()),
        usage=weighed.usage,
        cost=weighed.cost,
        numbers=b"".join(written.pack(*vector) for vector in alike),
        length=length,
    )


def _vectors(kept: CachedVectors) -> Iterator[_Vector]:
    return Struct(f"<{kept.length}d").iter_unpack(kept.numbers)


def _is_right(kept: CachedVectors, asked: EmbeddingInput) -> bool:
    if kept.length <= 0 or len(kept.numbers) != _BYTES_PER_NUMBER * kept.length * asked.count:
        return False
    return _is_wanted(kept.length, asked) and all(map(_is_finite, _vectors(kept)))


def _is_finite(vector: _Vector) -> bool:
    return all(map(math.isfinite, vector))


def _is_wanted(length: int, asked: EmbeddingInput) -> bool:
    return asked.dimensions in {None, length}


async def _off_the_loop(work: Callable[[], _Made], size: int) -> _Made:
    return await asyncio.to_thread(work) if size >= _MANY_BYTES else work()
