"""Is a text that lacks, repeats or breaks a word told from a whole one?"""

from __future__ import annotations

import pytest

from tests.chaos.words import COUNT, TEXT, WORDS, flaws, prefix_flaws, whole_words


def test_words_whole_text_has_no_flaw() -> None:
    """The whole text is whole, and so is each of its beginnings a beginning."""
    assert flaws(TEXT) == []
    assert prefix_flaws(TEXT[:100]) == []


@pytest.mark.parametrize(
    "text,word",
    [
        (TEXT.replace(" w7 ", " "), "1 lost (w7)"),
        (TEXT.replace(" w7 ", " w7 w7 "), "1 repeated (w7)"),
        (TEXT.replace("w40 w41", "w40w41"), "1 broken (w40w41)"),
        (TEXT.replace("w8 w9", "w9 w8"), "out of order"),
        (" ".join(WORDS[:40]), "20 lost"),
        ("", "60 lost"),
    ],
)
def test_words_each_flaw_is_named(text: str, word: str) -> None:
    """A text with one flaw is reported for that flaw."""
    assert word in "; ".join(flaws(text))


def test_words_beginning_that_is_none_is_named() -> None:
    """What was sent before an error must be a beginning."""
    assert prefix_flaws("w1 w3") != []


@pytest.mark.parametrize("text,count", [("", 0), ("w1 w2 w3", 3), ("w1 w2 w", 2), ("w2", 0), (TEXT, COUNT)])
def test_words_whole_ones_are_counted(text: str, count: int) -> None:
    """Half a word at the end is not said."""
    assert whole_words(text) == count
