"""Is free JSON that is too large refused before it is walked through?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.broken_rule import BrokenRuleError
from contracts.json_size import check_least_size
from tests.kit.unwalked import Unwalked

_LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
_JSON = st.recursive(_LEAVES, lambda below: st.lists(below) | st.dictionaries(st.text(), below), max_leaves=20)


@given(st.dictionaries(st.text(), _JSON))
def test_least_size_is_never_above_the_size(value: dict[str, Any]) -> None:
    """However tightly it is written: what is refused by it would be refused by the exact size too."""
    size = len(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    check_least_size(value, most_bytes=size)


@pytest.mark.parametrize(
    "value",
    [
        {"a": "x" * 100},
        {"x" * 100: 1},
        {str(number): None for number in range(20)},
        {"a": [1] * 100},
        {"a": {"b": [{"c": ["x" * 50, "x" * 50]}]}},
        {"a": [[[]] * 50] * 2},
    ],
)
def test_least_size_above_the_limit_is_refused(value: dict[str, Any]) -> None:
    """By a long text, a long name, many names or many items, however deep; with the place in the words."""
    with pytest.raises(BrokenRuleError, match="is larger than 100 bytes") as refused:
        check_least_size(value, "schema", most_bytes=100)
    assert refused.value.path == ("schema",)
    check_least_size(value, most_bytes=1000)


def test_least_size_looks_no_further_than_to_the_limit() -> None:
    """Beyond it nothing is looked at; below it everything is."""
    rest = Unwalked(a=1)
    with pytest.raises(BrokenRuleError):
        check_least_size({"rest": rest, "text": "x" * 100}, most_bytes=100)
    with pytest.raises(AssertionError, match="walked"):
        check_least_size({"rest": rest}, most_bytes=100)
