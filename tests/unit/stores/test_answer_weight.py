"""What does an answer weigh in memory, and which are worth a thread?"""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given

from app.ports import CachedAnswer
from app.stores.answer_weight import HEAVY_BYTES, HEAVY_CHARACTERS, is_heavy, is_heavy_to_read, memory_bytes
from app.stores.kept_bytes import encode_kept
from contracts.chat import FilePart, Part, RawPart, RefusalPart, ToolCallPart
from tests.kit.answers import ANSWERS, answer, key, vectors

LONG = "x" * HEAVY_CHARACTERS


@pytest.mark.parametrize(
    "part",
    [RefusalPart(text=LONG), ToolCallPart(id="1", name="f", arguments=LONG), FilePart(data=LONG)],
)
def test_weight_counts_all_text(part: Part) -> None:
    """Of every part that holds some."""
    assert is_heavy(answer("", part))
    assert is_heavy(answer(LONG))


def test_weight_of_vectors_is_that_of_their_bytes() -> None:
    """Eight for each number, or those of the body that holds them."""
    one, two = (memory_bytes(vectors(*[(0.5,) * 1000] * rows)) for rows in (1, 2))
    assert two - one == 8000
    assert [is_heavy(vectors((0.5,) * (HEAVY_BYTES // 8 - less))) for less in (1, 0)] == [False, True]
    assert [is_heavy(vectors(raw="x" * (HEAVY_CHARACTERS - less))) for less in (1, 0)] == [False, True]
    assert memory_bytes(vectors(raw=LONG)) > len(LONG)
    assert is_heavy_to_read(encode_kept(key(), vectors((0.5,) * HEAVY_BYTES), kept_at=1.0))


def test_weight_of_an_ordinary_answer_is_light() -> None:
    """A page of text, and what a vendor put beside it."""
    assert not is_heavy(answer("x" * 4000, RawPart(provider="openai", data={"a": 1}), FilePart(file_id="f")))


def test_weight_of_what_is_stored_is_what_it_says() -> None:
    """Not how little it is while it is packed."""
    assert [is_heavy_to_read(b"j" + b"x" * size) for size in (HEAVY_BYTES - 2, HEAVY_BYTES - 1)] == [False, True]
    long, short = (encode_kept(key(), answer("x" * size), kept_at=1.0) for size in (HEAVY_BYTES, HEAVY_BYTES // 2))
    assert len(long) < 5000
    assert [is_heavy_to_read(stored) for stored in (short, long, b"z", b"")] == [False, True, False, False]


@given(ANSWERS)
def test_weight_of_every_answer_is_known(kept: CachedAnswer) -> None:
    """Whatever it is made of, and its text is in it."""
    text = sum(sys.getsizeof(part.text) for part in kept.reply.message.content if hasattr(part, "text"))
    assert memory_bytes(kept) >= text


def test_weight_in_memory_is_what_characters_take() -> None:
    """One beyond ASCII makes all of them wider, and they stand there in UTF-8 too once they were sent."""
    lasts = ("x", "ü", "\N{GREEK SMALL LETTER ALPHA}", "\N{GRINNING FACE}")
    plain, latin, greek, emoji = (memory_bytes(answer("x" * 10_000 + last)) for last in lasts)
    assert abs(latin - 2 * plain) < 1000
    assert abs(greek - 3 * plain) < 2000
    assert abs(emoji - 5 * plain) < 3000


def nested(depth: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for _ in range(depth):
        made = {"in": [made]}
    return made


def test_weight_of_deep_data_is_known() -> None:
    """Each level counts, however many there are."""
    one, many = (memory_bytes(answer("", RawPart(provider="p", data=nested(depth)))) for depth in (1, 10_001))
    assert many - one > 10_000 * 200


@pytest.mark.parametrize("data", [{"a": object()}, {"a": b"bytes"}, {("a",): object()}])
def test_weight_of_what_is_no_json_is_none(data: dict[Any, Any]) -> None:
    """It is refused, not guessed."""
    with pytest.raises(ValueError, match="JSON cannot say"):
        memory_bytes(answer("", RawPart(provider="p", data=data)))
