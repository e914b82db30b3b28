"""Which answers are worth a thread?"""

from __future__ import annotations

import pytest

from app.stores.answer_weight import HEAVY_CHARACTERS, HEAVY_STORED_BYTES, is_heavy, is_heavy_to_read
from contracts.chat import FilePart, Part, RawPart, RefusalPart, ToolCallPart
from tests.kit.answers import answer

LONG = "x" * HEAVY_CHARACTERS


@pytest.mark.parametrize(
    "part",
    [RefusalPart(text=LONG), ToolCallPart(id="1", name="f", arguments=LONG), FilePart(data=LONG)],
)
def test_weight_counts_all_text(part: Part) -> None:
    """Of every part that holds some."""
    assert is_heavy(answer("", part))
    assert is_heavy(answer(LONG))


def test_weight_of_an_ordinary_answer_is_light() -> None:
    """A page of text, and what a vendor put beside it."""
    assert not is_heavy(answer("x" * 4000, RawPart(provider="openai", data={"a": 1}), FilePart(file_id="f")))


def test_weight_of_what_is_stored_is_its_size() -> None:
    """A byte decides."""
    assert [is_heavy_to_read(b"x" * size) for size in (HEAVY_STORED_BYTES - 1, HEAVY_STORED_BYTES)] == [False, True]
