"""Do vectors come back exactly as they were kept, and nothing else at all?"""

from __future__ import annotations

import dataclasses
import json
import math
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ports import CachedVectors, CacheKey
from app.stores.cached_vectors_bytes import MARK, decode_vectors, encode_vectors
from app.stores.kept_bytes import decode_kept, encode_kept
from app.stores.packing import LARGEST_BYTES
from contracts.chat import Usage
from tests.kit.answers import KEYS, VECTORS, answer, key, vectors

TWO = vectors((0.1, -0.0), (5e-324, 1.7976931348623157e308))
RAW = vectors(raw='{"data":  [1.50, "ü"]}')


def encoded(kept: CachedVectors, at: float = 100.0) -> bytes:
    return encode_vectors(key(), kept, kept_at=at)


def decoded(data: bytes, under: CacheKey | None = None, after: float = 0.0) -> CachedVectors | None:
    return decode_vectors(data, under or key(), kept_after=after)


def changed(change: Callable[[dict[str, Any]], object], kept: CachedVectors = TWO) -> bytes:
    """The same bytes with another head."""
    unpacked = zlib.decompress(encoded(kept)[5:])
    size = int.from_bytes(unpacked[:4])
    head = json.loads(unpacked[4 : 4 + size])
    change(head)
    written = json.dumps(head).encode()
    return packed(len(written).to_bytes(4, "big") + written + unpacked[4 + size :])


def packed(data: bytes, said: int | None = None) -> bytes:
    return MARK + (len(data) if said is None else said).to_bytes(4, "big") + zlib.compress(data, 9)


@given(KEYS, VECTORS)
def test_vectors_come_back_as_they_were(under: CacheKey, kept: CachedVectors) -> None:
    """To the last bit, and a vendor's body to the letter."""
    found = decode_vectors(encode_vectors(under, kept, kept_at=1.0), under, kept_after=0.0)
    assert found == kept
    assert repr(found) == repr(kept)


def test_vectors_and_answers_are_told_apart() -> None:
    """Each is read as what it was kept as."""
    for kept in (TWO, RAW, answer(), answer("word " * 1000)):
        assert decode_kept(encode_kept(key(), kept, kept_at=1.0), key(), kept_after=0.0) == kept


@given(VECTORS, st.data())
def test_vectors_cut_anywhere_are_a_miss(kept: CachedVectors, data: st.DataObject) -> None:
    """Half of them are none, and neither are they with something behind them."""
    whole = encoded(kept)
    assert decoded(whole[: data.draw(st.integers(0, len(whole) - 1))]) is None
    assert decoded(whole + b"x") is None


@given(st.binary())
def test_vectors_of_any_bytes_are_a_miss(data: bytes) -> None:
    """Nothing that somebody else put there is believed, or raises."""
    assert decoded(data) is None
    assert decoded(MARK + data) is None
    assert decoded(packed(data)) is None
    assert decode_kept(MARK + data, key(), kept_after=0.0) is None


@pytest.mark.parametrize("other", [key("d2"), key(provider="mine"), key(model="gpt-5")])
def test_vectors_of_another_key_are_a_miss(other: CacheKey) -> None:
    """A reply that went to the wrong one is not believed."""
    assert decoded(encoded(TWO), other) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda head: head.update(version=2),
        lambda head: head.update(more=1),
        lambda head: head.pop("is_raw"),
        lambda head: head.update(is_raw=1),
        lambda head: head.update(kept_at=math.nan),
        lambda head: head.update(length="2"),
        lambda head: head["usage"].update(input_tokens=-1),
        lambda head: head["usage"].update(input_tokens=1.0),
        lambda head: head["cost"].update(usd="-1"),
        lambda head: head["reply"].update(vectors=[["1"]]),
        lambda head: head["reply"].update(cost_usd="1E+99"),
        lambda head: head["reply"].update(warnings=["x,"] * 200_000),
    ],
)
def test_vectors_under_a_wrong_head_are_a_miss(change: Callable[[dict[str, Any]], object]) -> None:
    """No value is bent into its type, and none that costs seconds is read."""
    assert decoded(changed(lambda head: None)) == TWO
    assert decoded(changed(change)) is None


def test_vectors_body_that_is_no_text_is_a_miss() -> None:
    """It could not go on to a caller."""
    assert decoded(encoded(RAW)) == RAW
    assert decoded(changed(lambda head: head.update(is_raw=True), vectors((-1.5,)))) is None


@pytest.mark.parametrize("after,is_found", [(99.0, True), (100.0, False)])
def test_vectors_kept_too_long_are_a_miss(after: float, is_found: bool) -> None:
    """A shorter time to live holds for what was kept before it, too."""
    assert (decoded(encoded(TWO), after=after) is not None) is is_found


def test_vectors_that_would_fill_the_memory_are_a_miss() -> None:
    """A few kilobytes that unpack into more than anybody keeps, or than they say, are not unpacked."""
    bomb = b"\0" * (LARGEST_BYTES + 1)
    for said in (len(bomb), LARGEST_BYTES, 100, 2**32 - 1):
        tracemalloc.start()
        try:
            assert decoded(packed(bomb, said)) is None
            assert tracemalloc.get_traced_memory()[1] < 2 * LARGEST_BYTES + 100_000
        finally:
            tracemalloc.stop()


def test_vectors_larger_than_any_are_refused() -> None:
    """What could not be read back is not kept."""
    with pytest.raises(ValueError, match="larger than"):
        encoded(vectors(raw="x" * LARGEST_BYTES))
    with pytest.raises(ValueError, match="tokens or its price"):
        encoded(dataclasses.replace(TWO, usage=Usage(input_tokens=-1)))
