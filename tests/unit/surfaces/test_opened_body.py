"""Is a body that is opened for later read as every body is, and known by its places?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.http.json_text import MAX_VALUES, parse_json
from app.surfaces.opened_body import MOST_KEPT_BYTES, open_body
from app.wires.splice import JsonObject
from contracts import LLMProviderError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
SCRAPS = ['"', ",", ":", "{", "}", "]", "\\", "\n", "\t", "\x01", "NaN", "1e999", '"a":1,', '{"b":1,"b":2}', "\\u0061"]


def told(body: bytes, *, is_opened: bool) -> Any:
    """What is read in `body`, or the error that it is."""
    try:
        return open_body(body, most_values=MAX_VALUES)[0] if is_opened else parse_json(body)
    except LLMProviderError as error:
        return type(error), str(error)


@given(
    st.dictionaries(st.text(max_size=3), VALUES, max_size=4),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 80), st.sampled_from(SCRAPS), st.integers(0, 2)), max_size=2),
)
def test_open_body_reads_and_refuses_what_the_usual_reader_does(
    data: dict[str, Any], is_ascii: bool, damages: list[tuple[int, str, int]]
) -> None:
    """The same data, or the same words about the same place, for whatever is sent."""
    text = json.dumps(data, ensure_ascii=is_ascii, indent=1)
    for at, scrap, size in damages:
        text = text[:at] + scrap + text[at + size :]
    body = text.encode()
    assert told(body, is_opened=True) == told(body, is_opened=False)


@given(st.dictionaries(st.text(max_size=3), VALUES, max_size=4))
def test_open_body_knows_where_to_change_it(data: dict[str, Any]) -> None:
    """As if it were read for that alone."""
    body = json.dumps(data).encode()
    _, opened = open_body(body, most_values=MAX_VALUES)
    assert opened is not None
    assert opened.spliced({"model": b'"x"', "a": None}) == JsonObject.of(body).spliced({"model": b'"x"', "a": None})


@pytest.mark.parametrize("body", [b"[1]", b'"text"', b" 1 "])
def test_open_body_of_what_is_no_object_is_its_data_alone(body: bytes) -> None:
    """It is for the caller to refuse."""
    assert open_body(body, most_values=MAX_VALUES) == (json.loads(body), None)


def test_open_body_keeps_no_copy_of_a_large_one() -> None:
    """Its text would be held twice for as long as a vendor thinks."""
    body = json.dumps({"a": "x" * MOST_KEPT_BYTES}).encode()
    data, opened = open_body(body, most_values=MAX_VALUES)
    assert (data, opened) == (json.loads(body), None)
