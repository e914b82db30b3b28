"""Is a second model's text joined so that nothing is said twice, and nothing is lost?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.joint import Joint, StartedAnewError, cut_back

WORDS = [f"w{number}" for number in range(1, 61)]
TEXT = " ".join(WORDS)


def joined(sent: str, pieces: list[str]) -> str:
    """All that a caller reads."""
    joint = Joint(sent, cut_back(sent))
    return sent + "".join(joint.feed(piece) for piece in pieces) + joint.end()


@pytest.mark.parametrize(
    "text,kept",
    [
        ("Hello wor", "Hello"),
        ("Hello ", "Hello"),
        ("Hello\n\n", "Hello"),
        ("Hello", ""),
        ("", ""),
        ("One. Two,\tthr", "One. Two,"),
    ],
)
def test_cut_back_to_a_whole_word(text: str, kept: str) -> None:
    """The last word may be half of one, and no vendor takes a trailing space."""
    assert cut_back(text) == kept


@pytest.mark.parametrize(
    "sent,pieces,whole",
    [
        ("Hello wor", [" wor", "ld today"], "Hello world today"),
        ("Hello wor", ["world", " today"], "Hello world today"),
        ("Hello ", ["world"], "Hello world"),
        ("Hello ", [" wor", "ld"], "Hello world"),
        ("Hello\n", ["\n\nNext"], "Hello\n\nNext"),
        ("Hello world", ["Hello ", "world, ", "again"], "Hello world, again"),
        ("Hello world", ["Hello"], "Hello world"),
        ("one two three", ["two three", " four"], "one two three four"),
        ("one two three", ["three four"], "one two three four"),
        ("Hello", ["Hello there"], "Hello there"),
        ("Hello wor", ["there"], "Hello wor there"),
        ("Hello wor", [", there"], "Hello wor, there"),
        ("Hello wor", [], "Hello wor"),
        ("Hello wor", [" ", ""], "Hello wor"),
        ("and I", ["I think"], "and I think"),
        ("The cat sat", ["The dog"], "The cat sat The dog"),
    ],
)
def test_joint_swallows_what_was_sent(sent: str, pieces: list[str], whole: str) -> None:
    """Going on at the cut, repeating some words, or beginning again: the caller reads it once."""
    assert joined(sent, pieces) == whole


def test_joint_that_cannot_be_is_refused() -> None:
    """A second answer in other words is no continuation."""
    joint = Joint("The quick brown fox jumps over the lazy dog", "The quick brown fox jumps over the lazy")
    assert joint.feed("The quick brown fox jumps") == ""
    with pytest.raises(StartedAnewError):
        joint.feed(" high into the air")


@given(cut=st.integers(0, len(TEXT)), back=st.integers(0, 6), size=st.integers(1, 30), begins_again=st.booleans())
def test_joint_of_a_cut_anywhere_is_the_whole(cut: int, back: int, size: int, begins_again: bool) -> None:
    """Wherever the first stream was cut, and however far back the second begins: every word once."""
    sent = TEXT[:cut]
    shown = cut_back(sent)
    words = len(shown.split())
    rest = TEXT if begins_again else " ".join(WORDS[max(0, words - back) :])
    pieces = [rest[at : at + size] for at in range(0, len(rest), size)]
    assert joined(sent, pieces) == TEXT
