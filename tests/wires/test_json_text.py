"""Is JSON written for a vendor without changing a number?"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from app.wires.json_text import dump_json, load_json, plain_json


def test_exact_json_is_still_json() -> None:
    """Names, texts, nulls and nesting survive beside a number that a float cannot hold."""
    value = {"a": Decimal("0.1000000000000000055511"), "\u2602": [True, None, 'q"', {"x": 1.5}], 3: Decimal("1E+400")}
    text = dump_json(value).decode()
    assert text == '{"a":0.1000000000000000055511,"\u2602":[true,null,"q\\"",{"x":1.5}],"3":1E+400}'
    assert json.loads(text)["3"] == float("inf")
    with pytest.raises(ValueError, match="JSON"):
        dump_json([Decimal("1E+400"), Decimal("NaN")])


def test_value_nested_too_deeply_is_no_json() -> None:
    """It is refused as unreadable, not as a failure of ours."""
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"x": deep}
    with pytest.raises(ValueError, match="nested too deeply"):
        plain_json(deep)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_json_is_read_in_every_encoding_that_it_may_have(encoding: str) -> None:
    """As text and as bytes, with every digit of a number; NaN only where it is allowed."""
    text = '{"n": 0.10, "t": "\u2602", "x": NaN}'
    read = load_json(text.encode(encoding))
    assert (str(read["n"]), read["t"], str(read["x"])) == ("0.10", "\u2602", "nan")
    assert str(load_json(text)) == str(read)
    with pytest.raises(ValueError, match="NaN is no JSON"):
        load_json(text, allow_nan=False)


@pytest.mark.parametrize("text", ["", "nul", "{} {}", "\ufeff{}", b"", b"\xff", b"{" * 100_000, "[" * 100_000])
def test_text_that_is_no_json_is_a_value_error(text: str | bytes) -> None:
    """Whatever is wrong with it, and however deep it goes."""
    with pytest.raises(ValueError, match=r"Expecting value|Extra data|decode byte|too deeply|property name"):
        load_json(text)
