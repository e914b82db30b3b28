"""Does a body that was read keep what it says, and its text when it is changed?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.http.json_text import parse_json
from app.surfaces.opened_body import OpenedBody
from app.wires.splice import Change, JsonObject

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["a", "b", "model", "}", "\u00e9"])
CHANGES = st.dictionaries(NAMES, st.sampled_from([None, b'"x"', {"deep": b"1"}, {"deep": None}, {}]), max_size=3)


@given(st.dictionaries(NAMES | st.text(max_size=3), VALUES, max_size=4), CHANGES, st.none() | st.integers(0, 2))
def test_opened_body_is_changed_as_one_that_is_read_for_it(
    data: dict[str, Any], changes: dict[str, Change], indent: int | None
) -> None:
    """Letter by letter: what is changed, taken away or added, and where nothing is."""
    body = json.dumps(data, indent=indent, ensure_ascii=False).encode() + b" \n"
    opened = OpenedBody(body, parse_json(body))
    assert opened.values == data
    assert opened.spliced(changes) == JsonObject.of(body).spliced(changes)


@pytest.mark.parametrize("body", [b'{"a": "}" }\n', b'\t{"a":{} \r\n}', b"{ }"])
def test_opened_body_gets_more_behind_its_last_member(body: bytes) -> None:
    """Whatever brackets its texts hold, and however its end is written."""
    opened = OpenedBody(body, json.loads(body))
    assert json.loads(opened.spliced({"b": b"1", "c": None})) == {**json.loads(body), "b": 1}
    assert opened.spliced({"c": None}) == opened.spliced({}) == body.decode()


def test_opened_body_leaves_a_byte_order_mark_behind() -> None:
    """Readers skip it, but a vendor who gets it in front of what was added may refuse the body."""
    body = b'\xef\xbb\xbf{"a": 1}'
    opened = OpenedBody(body, parse_json(body))
    assert opened.spliced({"b": b"2"}) == JsonObject.of(body).spliced({"b": b"2"}) == '{"a": 1,"b":2}'
    assert opened.spliced({"a": b"2"}) == '{"a": 2}'
