"""Is this JSON that means one thing only?"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.http.json_text import MAX_VALUES, check_characters, parse_json
from contracts import InvalidRequestError, LLMProviderError, MalformedRequestError, RequestTooLargeError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
SCRAPS = ['"', ",", ":", "{", "}", "]", "\\", "\n", "\t", "\x01", "NaN", "1e999", '"a":1,', '{"b":1,"b":2}', "\\u0061"]


@pytest.mark.parametrize(
    "body,says",
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b'{"prompt": "x",\n  nope}', "at line 2, column 3"),
        (b'{"prompt": "\\x"}', "Invalid"),
        (b'{"prompt": "a\nb"}', "control character"),
        (b'{"a": {"b": 1, "c": 2, "b": 3}}', "key `b` twice"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'{"a": 1e999}', "range of a double"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too many digits"),
        (b'{"a": "\xff"}', "not UTF-8: byte 7"),
        (b"[" * 40_000, "nested deeper than 128 levels"),
        (b"[" * 129 + b"]" * 129, "nested deeper than 128 levels"),
        (b'{"a":' * 129 + b"{}" + b"}" * 129, "nested deeper than 128 levels"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
    ],
)
def test_json_ambiguous_or_broken_is_refused(body: bytes, says: str) -> None:
    """Whatever two readers could read in two ways is 400, and the sentence says where."""
    with pytest.raises(MalformedRequestError) as caught:
        parse_json(body)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"[]," * MAX_VALUES + b"1]",
        b'["a{[,\\"",' + b'",",' * MAX_VALUES + b"1]",
        b'""' * 4 * MAX_VALUES + b"," * 2 * MAX_VALUES,
    ],
)
def test_json_of_too_many_values_is_refused_unread(body: bytes) -> None:
    """Ten megabytes of empty lists took four seconds to read, in which nobody else was served."""
    with pytest.raises(RequestTooLargeError, match=f"more than {MAX_VALUES} values"):
        parse_json(body)


def test_json_text_full_of_commas_is_one_value() -> None:
    """Commas and brackets inside a text count for nothing, also after an escaped quote."""
    text = '\\" [{,' * MAX_VALUES
    assert parse_json(json.dumps([text]).encode()) == [text]


def test_json_refusal_never_echoes_values() -> None:
    """A broken body's values stay out of the error."""
    with pytest.raises(MalformedRequestError) as caught:
        parse_json(b'{"prompt": "my secret", "prompt": "other secret"}')
    assert "secret" not in str(caught.value)


def test_json_duplicate_key_is_shown_cut() -> None:
    """A repeated key is named, but not at any length."""
    key = b"k" * 500
    with pytest.raises(MalformedRequestError) as caught:
        parse_json(b'{"%s": 1, "%s": 2}' % (key, key))
    assert len(str(caught.value)) < 160


def test_json_byte_order_mark_is_skipped() -> None:
    """A byte order mark, which some editors write, is no part of the text."""
    assert parse_json(b'\xef\xbb\xbf{"a": [1.5, null]}') == {"a": [1.5, None]}


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 128 + b"]" * 128,
        b'{"a":' * 127 + b"{}" + b"}" * 127,
        b"[" + b"[]," * 200 + b"[]]",
        b'"' + b"[" * 500 + b'"',
    ],
)
def test_json_deep_enough_is_read(body: bytes) -> None:
    """128 levels are read, and brackets beside each other or inside text are no depth."""
    assert parse_json(body) is not None


@pytest.mark.parametrize(
    "body,field,says",
    [
        (b'{"a": [{"b": "x\\u0000"}]}', "a.0.b", "NUL"),
        (b'{"a": "\\ud800"}', "a", "surrogate"),
        (b'{"a\\udfff": 1}', "a\\udfff", "surrogate"),
        (b'"\\u0000"', "", "NUL"),
    ],
)
def test_json_unfit_characters_are_named(body: bytes, field: str, says: str) -> None:
    """NUL and lone surrogates are 422 and name the field, wherever they stand."""
    with pytest.raises(InvalidRequestError) as caught:
        check_characters(body, parse_json(body))
    assert caught.value.status == 422
    assert (caught.value.errors[0].field, says in caught.value.errors[0].message) == (field, True)


def test_json_good_escapes_pass() -> None:
    """Pairs of surrogates and other escapes are good text."""
    body = b'{"a": "\\ud83d\\ude00 \\u00e9 caf\\u00e9"}'
    check_characters(body, parse_json(body))
    assert parse_json(body) == {"a": "😀 é café"}


@given(
    st.dictionaries(st.text(max_size=3), VALUES, max_size=4) | VALUES,
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 80), st.sampled_from(SCRAPS), st.integers(0, 2)), max_size=2),
    st.sampled_from(["", " ", "\t\r\n", "\u00a0", " x"]),
)
def test_json_is_read_and_refused_alike_whatever_spaces_stand_before_it(
    data: Any, is_ascii: bool, damages: list[tuple[int, str, int]], behind: str
) -> None:
    """The same data, or the same words about the same place, for whatever is sent."""
    text = json.dumps(data, ensure_ascii=is_ascii, indent=1)
    for at, scrap, size in damages:
        text = text[:at] + scrap + text[at + size :]
    body = (text + behind).encode()
    assert _told(b"\n" + body) == _one_line_further(_told(body))


def _told(body: bytes) -> Any:
    """What is read in `body`, or the error that it is."""
    try:
        return parse_json(body)
    except LLMProviderError as error:
        return type(error), str(error)


def _one_line_further(told: Any) -> Any:
    if not isinstance(told, tuple):
        return told
    kind, words = told
    return kind, re.sub(r"at line (\d+)", lambda found: f"at line {int(found[1]) + 1}", words)
