"""Is an excerpt bounded, free of keys, and else what it was made of?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.excerpt import EXCERPT_BYTES, excerpt
from contracts import ImagePart, Message, Role, TextPart

KEY = "sk-proj-abcDEF0123456789abcDEF0123456789"
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def test_excerpt_of_json_is_that_json() -> None:
    """Nothing of what is small and clean is changed, empty values too."""
    told = {"a": None, "b": [1, 2.5, True, "x"], "c": {"d": [], "e": ""}}
    assert excerpt(told) == told


def test_excerpt_of_a_dataclass_leaves_out_what_is_empty() -> None:
    """Its kind stays."""
    message = Message(role=Role.USER, content=(TextPart(text="hello"), ImagePart(url="https://x.example/a.png")))
    assert excerpt({"message": message}) == {
        "message": {
            "role": "user",
            "content": [
                {"text": "hello", "type": "text"},
                {"url": "https://x.example/a.png", "type": "image"},
            ],
        }
    }


def test_excerpt_says_what_json_cannot() -> None:
    """As text."""
    at = datetime(2026, 11, 21, tzinfo=UTC)
    told = excerpt({"infinite": float("inf"), "at": at})
    assert told == {"infinite": "inf", "at": "2026-11-21 00:00:00+00:00"}


@pytest.mark.parametrize("told", [{"a": f"my key: {KEY}."}, {KEY: 1}, {"a": [{"b": f"Bearer {KEY}"}]}])
def test_excerpt_holds_no_key(told: dict[str, Any]) -> None:
    """Neither in values nor in names, however deep."""
    shown = json.dumps(excerpt(told))
    assert KEY not in shown
    assert "[redacted]" in shown


@pytest.mark.parametrize("key", [KEY, "0123456789abcdef0123456789ABCDEF"])
@pytest.mark.parametrize("limit", range(75, 115))
def test_excerpt_cuts_no_key_in_halves(key: str, limit: int) -> None:
    """Half of a key is no longer shaped like one, and still most of a secret."""
    shown = excerpt({"a": f"{'word ' * 10}{key} and more"}, limit=limit)
    assert "0123" not in shown["a"]
    assert shown["a"].startswith("word word word")


@pytest.mark.parametrize("character", ["a ", "ä ", "\N{GRINNING FACE} ", '"', "\\", "\x01"])
def test_excerpt_tells_that_it_is_cut(character: str) -> None:
    """At its size in the row, where letters and signs are escaped."""
    shown = excerpt({"text": character * 100_000})
    assert shown["cut"] is True
    assert EXCERPT_BYTES - 100 < len(json.dumps(shown)) <= EXCERPT_BYTES + 30


@pytest.mark.parametrize("data", ["aGVs" * 150_000, "aGVs" * 150_000 + "bA==", "-_9A" * 150_000])
def test_excerpt_of_an_image_is_its_kind_and_size(data: str) -> None:
    """So that there is room for what is said after it; in whatever place and dialect it stands."""
    size = 450_000 + data.count("=") // 2
    image = ImagePart(data=data, media_type="image/png")
    url = {"image_url": {"url": f"data:image/png;base64,{data}"}}
    shown = excerpt({"content": [image, url, {"data": data}, TextPart(text="what is it?")]})
    assert shown == {
        "content": [
            {"data": f"[base64 of {size} bytes]", "media_type": "image/png", "type": "image"},
            {"image_url": {"url": f"data:image/png;base64,[base64 of {size} bytes]"}},
            {"data": f"[base64 of {size} bytes]"},
            {"text": "what is it?", "type": "text"},
        ]
    }


def test_excerpt_cuts_what_is_too_deep() -> None:
    """Whoever nests without end gets the outermost of it."""
    told: dict[str, Any] = {}
    for _ in range(1000):
        told = {"a": told}
    assert excerpt(told)["cut"] is True


@pytest.mark.parametrize("made", [list, lambda numbers: {str(number): number for number in numbers}])
def test_excerpt_counts_what_is_small_but_many(made: Any) -> None:
    """A million numbers are not sixteen thousand bytes."""
    shown = excerpt({"a": made(range(1_000_000))})
    assert shown["cut"] is True
    assert EXCERPT_BYTES - 100 < len(json.dumps(shown)) <= EXCERPT_BYTES + 30


def test_excerpt_never_looks_at_what_is_left_out() -> None:
    """So that a large request costs no more than a small one."""

    class Endless(Mapping[str, Any]):
        def __getitem__(self, name: str) -> Any:
            return "x" * 100

        def __iter__(self) -> Iterator[str]:
            number = 0
            while True:
                number += 1
                yield f"name {number}"

        def __len__(self) -> int:
            return 1

    assert excerpt(Endless())["cut"] is True


def test_excerpt_tells_when_two_names_become_one() -> None:
    """Of two keys in the place of names only one `[redacted]` can be kept."""
    assert excerpt({KEY: 1, f"{KEY}1": 2}) == {"[redacted]": 2, "cut": True}


@given(told=st.dictionaries(st.text(), _JSON), limit=st.integers(min_value=0, max_value=200))
def test_excerpt_is_always_json_of_its_size(told: dict[str, Any], limit: int) -> None:
    """Whatever it is made of, half characters too: it can be written, and is not larger than what is told and cut."""
    shown = excerpt(told, str, limit=limit)
    written = json.dumps(shown, allow_nan=False)
    assert len(written) <= limit + _LAST_WORDS


# The name that is written when one byte is left, the brackets of what it holds, and that it is cut.
_LAST_WORDS = 60
