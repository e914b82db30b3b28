"""Does an answer come back exactly as it was kept, and nothing else at all?"""

from __future__ import annotations

import dataclasses
import json
import pickle
import tracemalloc
import zlib
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ports import CachedAnswer, CacheKey
from app.stores.cached_answer_json import MOST_MARKS, PACK_FROM_BYTES, decode_answer, encode_answer
from app.stores.packing import LARGEST_BYTES
from contracts.chat import Part, RawPart, Usage
from contracts.responses import Cost
from tests.kit.answers import ANSWERS, KEYS, answer, key, values_of

LONG = "word " * 1000


def encoded(kept: CachedAnswer, at: float = 100.0) -> bytes:
    return encode_answer(key(), kept, kept_at=at)


def decoded(data: bytes, under: CacheKey | None = None, after: float = 0.0) -> CachedAnswer | None:
    return decode_answer(data, under or key(), kept_after=after)


def envelope(**changed: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(encoded(answer())[1:])
    return {**made, **changed}


@given(KEYS, ANSWERS)
def test_answer_comes_back_as_it_was(under: CacheKey, kept: CachedAnswer) -> None:
    """Every part, every digit of money, every type, NUL and halves of surrogate pairs too."""
    found = decode_answer(encode_answer(under, kept, kept_at=1.0), under, kept_after=0.0)
    assert found == kept
    assert repr(found) == repr(kept)


@pytest.mark.parametrize("kind", get_args(get_args(Part)[0]))
def test_answer_of_each_part_comes_back(kind: type[Any]) -> None:
    """Each type of part is tried, whatever hypothesis happens to draw."""

    @given(values_of(kind))
    def check(part: Part) -> None:
        kept = answer("", part)
        assert decoded(encoded(kept)) == kept
        assert type(decoded(encoded(kept)).reply.message.content[1]) is kind  # type: ignore[union-attr]

    check()


@given(ANSWERS, st.data())
def test_answer_cut_anywhere_is_a_miss(kept: CachedAnswer, data: st.DataObject) -> None:
    """Half an answer is none."""
    whole = encoded(kept)
    assert decoded(whole[: data.draw(st.integers(0, len(whole) - 1))]) is None


@pytest.mark.parametrize("text", ["short", LONG])
def test_answer_followed_by_something_is_a_miss(text: str) -> None:
    """Packed or not, there is nothing behind it."""
    assert decoded(encoded(answer(text)) + b"x") is None


@given(st.binary())
def test_answer_of_any_bytes_is_a_miss(data: bytes) -> None:
    """Nothing that somebody else put there is believed, or raises."""
    assert decoded(data) is None


@pytest.mark.parametrize(
    "other", [key("d2"), key(provider="mine"), key(model="gpt-5")], ids=["digest", "provider", "model"]
)
def test_answer_of_another_key_is_a_miss(other: CacheKey) -> None:
    """A reply that went to the wrong one is not believed."""
    assert decoded(encoded(answer()), other) is None


@pytest.mark.parametrize(
    "changed",
    [
        envelope(version=2),
        envelope(version=True),
        envelope(more=1),
        envelope(kept_at=100),
        envelope(kept_at=None),
        envelope(answer=None),
        envelope(key=[]),
        {name: value for name, value in envelope().items() if name != "kept_at"},
        [envelope()],
    ],
)
def test_answer_in_another_envelope_is_a_miss(changed: object) -> None:
    """Another version, a field more, one less, one of another type."""
    assert decoded(b"j" + json.dumps(envelope()).encode()) == answer()
    assert decoded(b"j" + json.dumps(changed).encode()) is None


@pytest.mark.parametrize(
    "place,value",
    [
        (("reply", "finish_reason"), "because"),
        (("reply", "finish_reason"), ["stop"]),
        (("reply", "warnings"), "none"),
        (("reply", "message", "role"), None),
        (("reply", "message", "content"), {}),
        (("reply", "message", "content"), [{"type": "video"}]),
        (("reply", "message", "content"), [{"type": {}}]),
        (("reply", "message", "content"), ["text"]),
        (("reply", "cost_usd"), 0.5),
        (("reply", "cost_usd"), "much"),
        (("usage", "input_tokens"), "7"),
        (("usage", "input_tokens"), 7.0),
        (("usage", "input_tokens"), True),
        (("usage", "extra"), 1),
        (("usage", "input_tokens"), -1),
        (("usage", "output_tokens"), 10**9 + 1),
        (("usage", "total_tokens"), -1),
        (("usage", "cached_input_tokens"), -1),
        (("usage", "cache_write_tokens"), -1),
        (("usage", "cache_write_1h_tokens"), -1),
        (("usage", "reasoning_tokens"), -1),
        (("usage", "input_tokens"), float("nan")),
        (("reply", "usage", "input_tokens"), -1),
        (("reply", "cost_usd"), "-0.1"),
        (("reply", "cost_usd"), "NaN"),
        (("reply", "cost_usd"), "sNaN"),
        (("reply", "cost_usd"), "Infinity"),
        (("cost", "usd"), "NaN"),
        (("cost", "usd"), "-1"),
        (("cost", "usd"), "1E+999999"),
        (("cost", "source"), "stolen"),
    ],
)
def test_answer_with_a_wrong_field_is_a_miss(place: tuple[str, ...], value: object) -> None:
    """No value is bent into its type."""
    changed = envelope()
    at = changed["answer"]
    for name in place[:-1]:
        at = at[name]
    at[place[-1]] = value
    assert decoded(b"j" + json.dumps(changed).encode()) is None


@pytest.mark.parametrize("data", [b"j" + b"[" * 100_000, b"j" + b"9" * 5000, b"j\xff", b"z", b"z\x00", b"", b"x{}"])
def test_answer_of_unreadable_bytes_is_a_miss(data: bytes) -> None:
    """Nested without end, a number without end, no text, no packing."""
    assert decoded(data) is None


def test_answer_is_never_unpickled() -> None:
    """What could run is a miss."""
    assert decoded(pickle.dumps(answer())) is None


def packed(data: bytes, said: int | None = None) -> bytes:
    return b"z" + (len(data) if said is None else said).to_bytes(4, "big") + zlib.compress(data, 9)


def with_text(text: str) -> bytes:
    return encoded(answer("TEXT")).removeprefix(b"j").replace(b"TEXT", text.encode())


def test_answer_that_would_fill_the_memory_is_a_miss() -> None:
    """A few kilobytes that unpack into more than any answer, or than they say, are not unpacked."""
    fits, bomb = with_text("q" * (LARGEST_BYTES - 1000)), with_text("q" * (LARGEST_BYTES + 1000))
    assert decoded(packed(fits)) is not None
    assert len(packed(bomb)) < 20_000
    for said in (len(bomb), len(bomb) - 1, 100, 0, len(bomb) + 1, 2**32 - 1):
        tracemalloc.start()
        try:
            assert decoded(packed(bomb, said)) is None
            assert tracemalloc.get_traced_memory()[1] < 2 * LARGEST_BYTES + 100_000
        finally:
            tracemalloc.stop()
    for said in (len(fits) - 1, len(fits) + 1):
        assert decoded(packed(fits, said)) is None


@pytest.mark.parametrize(
    "data",
    [
        b"[" + b"{}," * 1_000_000 + b"{}]",
        b"[" + b"[]," * 1_000_000 + b"[]]",
        b"[" + b'"",' * 1_000_000 + b'""]',
        b"[" * 1_000_000,
        b"[" * 100_000,
        b'"' + b"\\n" * 1_000_000 + b'"',
        b"{" + b",".join(b'"%d":1' % number for number in range(200_000)) + b"}",
    ],
    ids=["records", "lists", "words", "deeper", "deep", "escapes", "names"],
)
def test_answer_of_very_many_pieces_is_not_read(data: bytes) -> None:
    """To make millions of objects takes seconds in which nothing else runs: they are counted first, not made."""
    stored = packed(data)
    tracemalloc.start()
    try:
        assert decoded(stored) is None
        assert tracemalloc.get_traced_memory()[1] < 3 * len(data) + 2**21
    finally:
        tracemalloc.stop()


def test_answer_of_very_many_pieces_is_not_kept() -> None:
    """What would not be believed is refused at once; prose of the same size is no trouble."""
    with pytest.raises(ValueError, match="more than 150000 pieces"):
        encoded(answer("[1]," * (MOST_MARKS // 2)))
    prose = answer("a word, " * (MOST_MARKS // 2))
    assert decoded(encoded(prose)) == prose


def test_answer_that_is_not_packed_though_it_is_long_is_a_miss() -> None:
    """Nobody would have kept it so."""
    short, long = with_text("q" * 100), with_text("q" * PACK_FROM_BYTES)
    assert decoded(b"j" + short) is not None
    assert decoded(b"j" + long) is None
    assert decoded(packed(long)) is not None


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999"])
def test_answer_with_an_endless_number_is_a_miss(number: bytes) -> None:
    """Wherever it stands: it would be no JSON for the caller, or would be kept for ever."""
    kept = answer("", RawPart(provider="openai", data={"a": 12.5}))
    assert decoded(encoded(kept)) == kept
    assert decoded(encoded(kept).replace(b"12.5", number)) is None
    assert decoded(encoded(kept).replace(b'"kept_at":100.0', b'"kept_at":' + number)) is None


@pytest.mark.parametrize("after,is_found", [(99.0, True), (100.0, False), (101.0, False)])
def test_answer_kept_too_long_is_a_miss(after: float, is_found: bool) -> None:
    """A shorter time to live holds for what was kept before it, too."""
    assert (decoded(encoded(answer(), at=100.0), after=after) is not None) is is_found


def test_answer_is_packed_when_that_is_worth_it() -> None:
    """Long ones shrink; short ones can be read by eye."""
    assert encoded(answer("short")).startswith(b'j{"version":1,')
    assert encoded(answer(LONG)).startswith(b"z")
    assert len(encoded(answer(LONG))) < len(LONG) / 4


def nested(depth: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for _ in range(depth):
        made = {"in": made}
    return made


@pytest.mark.parametrize("data", [nested(100_000), {"when": object()}, {"many": 10**5000}, {"a": float("nan")}])
def test_answer_that_no_json_can_say_is_refused(data: dict[str, Any]) -> None:
    """It is said at once, not when somebody wants it back."""
    kept = answer("", RawPart(provider="openai", data=data))
    with pytest.raises(ValueError):
        encoded(kept)


def test_answer_larger_than_any_is_refused() -> None:
    """What could not be read back is not kept."""
    with pytest.raises(ValueError, match="larger than"):
        encoded(answer("x" * LARGEST_BYTES))


@pytest.mark.parametrize("count", [-1, 10**9 + 1])
def test_answer_of_impossible_numbers_is_refused(count: int) -> None:
    """What would not be believed is not kept."""
    with pytest.raises(ValueError, match="tokens or its price"):
        encoded(dataclasses.replace(answer(), usage=Usage(input_tokens=count)))


@pytest.mark.parametrize("usd", ["0.1234567890123456789012345678901234567890", "1E+3", "0E-12", "-0"])
def test_answer_keeps_the_last_digit_of_money(usd: str) -> None:
    """A Decimal is its text, not a number of JSON; and no price known is not a price of nothing."""
    exact = dataclasses.replace(answer(), cost=Cost(usd=Decimal(usd), source="vendor"))
    found = decoded(encoded(exact))
    assert str(found and found.cost and found.cost.usd) == usd
    unknown = dataclasses.replace(answer(), cost=None)
    assert decoded(encoded(unknown)) == unknown
