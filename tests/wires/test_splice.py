"""Is a caller's JSON changed where it should be, and byte by byte as it was written everywhere else?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wires.splice import Change, JsonObject, spliced

GAPS = st.sampled_from(["", " ", "\n  ", "\t", "\r\n", " \n\t "])
NUMBERS = st.sampled_from(
    ["0", "-0", "1.0", "1.10", "1e5", "1E+05", "-0.70", "12345678901234567890", "1.7976931348623157"]
)
TEXTS = st.text(max_size=8).map(json.dumps) | st.sampled_from(
    ['"é"', '"\\u00e9"', '"\\/"', '"\\ud83d\\ude00"', '"{,}"']
)
SCALARS = NUMBERS | TEXTS | st.sampled_from(["true", "false", "null"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.builds(
            lambda gap, entries, ends: ends[0] + gap + f"{gap},{gap}".join(entries) + gap + ends[1],
            GAPS,
            st.lists(inner, max_size=3),
            st.just("[]"),
        )
        | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3).map(
            lambda members: "{" + " , ".join(f'"{name}" :{value}' for name, value in members.items()) + "}"
        )
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(["model", "stream", "x", "é", 'q"', "back\\slash", "", "{", "a,b"])
# How a name may be spelled: as json writes it, with the characters themselves, or escaped to the last one.
SPELLINGS = st.sampled_from(
    [
        json.dumps,
        lambda name: json.dumps(name, ensure_ascii=False),
        lambda name: '"' + "".join(f"\\u{ord(sign):04x}" for sign in name) + '"',
    ]
)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """A JSON object as somebody may write it, and the text of each member by its name."""
    members = draw(st.dictionaries(NAMES, VALUES, max_size=6))
    texts = {name: f"{draw(SPELLINGS)(name)}{draw(GAPS)}:{draw(GAPS)}{value}" for name, value in members.items()}
    inside = ",".join(f"{draw(GAPS)}{text}{draw(GAPS)}" for text in texts.values())
    return f"{draw(GAPS)}{{{inside}}}{draw(GAPS)}", texts


CHANGES = st.dictionaries(
    NAMES,
    st.none() | SCALARS.map(str.encode) | st.dictionaries(st.sampled_from(["a", "b"]), SCALARS.map(str.encode)),
    max_size=4,
)


def applied(data: Mapping[str, Any], changes: Mapping[str, Change]) -> dict[str, Any]:
    """What `changes` make of parsed JSON."""
    changed = dict(data)
    for name, change in changes.items():
        if change is None:
            changed.pop(name, None)
        elif isinstance(change, bytes):
            changed[name] = json.loads(change)
        else:
            below = changed.get(name)
            changed[name] = applied(below if isinstance(below, dict) else {}, change)
    return changed


@given(written(), CHANGES)
def test_splice_changes_what_it_should(given: tuple[str, dict[str, str]], changes: dict[str, Change]) -> None:
    """The new body reads as the old one with the changes, and its members stand in the same order."""
    text, _ = given
    read = json.loads(spliced(text.encode(), changes))
    wanted = applied(json.loads(text), changes)
    assert read == wanted
    assert list(read) == list(wanted)


@given(written(), CHANGES)
def test_splice_leaves_every_other_member_as_it_was_written(
    given: tuple[str, dict[str, str]], changes: dict[str, Change]
) -> None:
    """The text of a member that is not changed stands in the new body, and no two of them have changed places."""
    text, members = given
    after, at = spliced(text.encode(), changes).decode(), 0
    for name, member in members.items():
        if name not in changes:
            found = after.find(member, at)
            assert found >= 0, member
            at = found + len(member)


@given(written())
def test_splice_without_changes_is_the_body_itself(given: tuple[str, dict[str, str]]) -> None:
    """Byte by byte; and names that are not there change nothing when they are taken away."""
    body = given[0].encode()
    assert spliced(body, {}) == body
    assert spliced(body, {"nowhere": None}) == body


@given(written())
def test_splice_reads_the_values_by_name(given: tuple[str, dict[str, str]]) -> None:
    """What the caller said of each member is at hand, and need not be read twice."""
    assert JsonObject.of(given[0].encode()).values == json.loads(given[0])


def test_splice_knows_of_names_that_stand_there_twice() -> None:
    """However they are spelled; the last of them is the value."""
    assert (JsonObject('{"a":1,"b":2}').has_doubles, JsonObject('{"a":1,"\\u0061":2}').has_doubles) == (False, True)
    assert JsonObject('{"a":1,"a":2}').values == {"a": 2}


def test_splice_reads_values_as_it_is_told() -> None:
    """By another reader, which may refuse them."""
    assert JsonObject('{"a":1.5}', read=json.JSONDecoder(parse_float=str).raw_decode).values == {"a": "1.5"}


@pytest.mark.parametrize(
    "body,changes,after",
    [
        ('{"a":1}', {"a": b"2"}, '{"a":2}'),
        ('{ "a" : 1.0 , "b":[ ] }', {"b": b"true"}, '{ "a" : 1.0 , "b":true }'),
        ('{"a":1, "b":2, "c":3}', {"a": None}, '{"b":2, "c":3}'),
        ('{"a":1, "b":2, "c":3}', {"b": None}, '{"a":1, "c":3}'),
        ('{"a":1, "b":2, "c":3\n}', {"c": None}, '{"a":1, "b":2\n}'),
        ('{"a":1, "b":2, "c":3}', {"a": None, "b": None}, '{"c":3}'),
        ('{ "a":1, "b":2 }', {"a": None, "b": None}, "{  }"),
        ('{ "a":1 }', {"a": None, "b": b"2"}, '{ "b":2 }'),
        ("{}", {"a": b"1", "b": {"c": b"2"}}, '{"a":1,"b":{"c":2}}'),
        ('{"a":{"x": 1.50, "y":2}}', {"a": {"y": b"3", "z": b"4"}}, '{"a":{"x": 1.50, "y":3,"z":4}}'),
        ('{"a":null}', {"a": {"y": b"3"}}, '{"a":{"y":3}}'),
        ('{"a":{"b":{"c":1, "d":1e2}}}', {"a": {"b": {"c": None}}}, '{"a":{"b":{"d":1e2}}}'),
        ('{"a":[1]}', {"a": {}}, '{"a":{}}'),
        ('{"a":1,"a":2}', {"a": b"3"}, '{"a":3,"a":3}'),
        ('{"\\u0061":1}', {"a": b"2"}, '{"\\u0061":2}'),
        ('{"a":1}', {"é": '"ü"'.encode()}, '{"a":1,"\\u00e9":"ü"}'),
    ],
)
def test_splice_writes_what_is_meant(body: str, changes: dict[str, Change], after: str) -> None:
    """Commas and spaces go with the member that goes; what is added stands at the end."""
    assert spliced(body.encode(), changes).decode() == after


def test_splice_leaves_a_byte_order_mark_out() -> None:
    """It is no part of the JSON, and not every vendor passes over it."""
    assert spliced(b'\xef\xbb\xbf{"a":1}', {"a": b"2"}) == b'{"a":2}'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"1",
        b'"a"',
        b"{",
        b"{}}",
        b'{"a"}',
        b'{"a":}',
        b'{"a":1',
        b'{"a":1,}',
        b'{,"a":1}',
        b'{"a":1 "b":2}',
        b"{a:1}",
        b'{"a\nb":1}',
        b'{"a":1}x',
        b'{"\\q":1}',
        b'{"a":"\xff"}',
    ],
)
def test_splice_refuses_what_is_no_object(body: bytes) -> None:
    """It says so, and changes nothing that it cannot read."""
    with pytest.raises(ValueError, match=r"not a JSON object|Expecting|Invalid|decode"):
        spliced(body, {"a": b"1"})
