"""Is JSON written for a vendor without changing a number?"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from app.wires.json_text import dump_json, plain_json


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
