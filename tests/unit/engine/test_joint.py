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
        ("日本の首都は東京です。人口", "日本の首都は東京です。人口"),
        ("日本の city", "日本の"),
        ("首都は Tok", "首都は"),
        ("see " + "x" * 80, "see " + "x" * 80),
        ("x" * 80, "x" * 80),
        ("مرحبا بالع", "مرحبا"),
        ("cafe\u0301 au la", "cafe\u0301 au"),
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
        ("word. ", ["\n\n", "Next"], "word. \n\nNext"),
        ("word.\n\n", ["\n", "Next"], "word.\n\nNext"),
        ("word.\n", [" Next"], "word.\nNext"),
        ("def f():\n    x = 1\n", ["    return x"], "def f():\n    x = 1\n    return x"),
        ("def f():\n    x = 1\n", ["\n    ", "return x"], "def f():\n    x = 1\n    return x"),
        ("def f():\n    x = 1\n  ", ["    return x"], "def f():\n    x = 1\n    return x"),
        ("def f():\n    ret", ["return x"], "def f():\n    return x"),
        ("|a|b|\n|-|-|\n| 1 | 2", [" 2 |\n| 3 | 4 |"], "|a|b|\n|-|-|\n| 1 | 2 |\n| 3 | 4 |"),
        ("首都は東京です。人口", ["は約", "1400万人"], "首都は東京です。人口は約1400万人"),
        ("首都は東京です。人口", ["首都は東京です。人口は", "約1400万人"], "首都は東京です。人口は約1400万人"),
        ("首都は東京です。人口", ["人口は", "約1400万人"], "首都は東京です。人口は約1400万人"),
        ("日", ["日本の首都"], "日本の首都"),
        ("東京です。人口は多い", ["。"], "東京です。人口は多い。"),
        ("首都は Tok", ["東京"], "首都は Tok東京"),
        ("مرحبا بالع", [" بالعالم"], "مرحبا بالعالم"),
        ("cafe\u0301 au la", [" lait"], "cafe\u0301 au lait"),
        ("see " + "x" * 80, ["x" * 4, " there"], "see " + "x" * 84 + " there"),
    ],
)
def test_joint_swallows_what_was_sent(sent: str, pieces: list[str], whole: str) -> None:
    """Going on at the cut, repeating some words, or beginning again: the caller reads it once."""
    assert joined(sent, pieces) == whole


@pytest.mark.parametrize(
    "sent,came",
    [
        ("The quick brown fox jumps over the lazy dog", "The quick brown fox jumps high into the air"),
        ("The quick brown fox jumps over the dog. ", "The quick brown fox jumps high into the air"),
        ("The quick brown fox jumps over the dog.\n\n", "The quick brown fox jumps high into the air"),
        ("日本の首都である東京の人口は約", "日本の首都である東京の人口については"),
    ],
)
def test_joint_that_cannot_be_is_refused(sent: str, came: str) -> None:
    """A second answer in other words is no continuation, wherever the first was cut."""
    joint = Joint(sent, cut_back(sent))
    assert joint.feed(came[:12]) == ""
    with pytest.raises(StartedAnewError):
        joint.feed(came[12:])


TABLE = "| a |\n|---|\n| 1 |\n| 1 |\n| 1 |\n| 2 |\n"


@pytest.mark.parametrize("cut", range(3, len(TABLE)))
def test_joint_of_a_prefilled_table_keeps_rows_that_are_alike(cut: int) -> None:
    """Who goes on with his own answer says nothing again; who begins it anew, all."""
    sent = TABLE[:cut]
    shown = cut_back(sent)
    for rest in (TABLE[len(shown) :], TABLE):
        joint = Joint(sent, shown, is_prefilled=True)
        assert sent + joint.feed(rest) + joint.end() == TABLE


@given(cut=st.integers(0, len(TEXT)), back=st.integers(0, 6), size=st.integers(1, 30), begins_again=st.booleans())
def test_joint_of_a_cut_anywhere_is_the_whole(cut: int, back: int, size: int, begins_again: bool) -> None:
    """Wherever the first stream was cut, and however far back the second begins: every word once."""
    sent = TEXT[:cut]
    shown = cut_back(sent)
    words = len(shown.split())
    rest = TEXT if begins_again else " ".join(WORDS[max(0, words - back) :])
    pieces = [rest[at : at + size] for at in range(0, len(rest), size)]
    assert joined(sent, pieces) == TEXT
