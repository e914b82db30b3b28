"""Is a schema in a caller's body read as the contract allows it, and one that is too large at no cost?"""

from __future__ import annotations

from typing import Any

import pytest

from app.wires.findings import Findings
from app.wires.free_json import read_schema
from app.wires.place import Place
from contracts.json_schema import MAX_SCHEMA_BYTES
from tests.kit.unwalked import Unwalked


def read(value: Any) -> tuple[dict[str, Any], Findings]:
    """The schema that stands at `s`, and what was found."""
    findings = Findings()
    return read_schema(Place(value, "s", findings)), findings


def test_schema_is_read() -> None:
    """As it stands there; where nothing does, there is none."""
    assert read({"type": "object"})[0] == {"type": "object"}
    schema, findings = read(None)
    assert (schema, findings.has_faults) == ({}, False)


@pytest.mark.parametrize("value", ["x", [1], {"$ref": "https://a/b.json"}, {"x": "y" * MAX_SCHEMA_BYTES}])
def test_schema_that_is_none_is_a_fault(value: Any) -> None:
    """Nothing of it is taken."""
    schema, findings = read(value)
    assert (schema, findings.has_faults) == ({}, True)


def test_schema_that_is_too_large_is_refused_before_it_is_walked_through() -> None:
    """Who sends megabytes of it is told so at once; what is not too large by its texts is read through."""
    rest = Unwalked(a=1)
    schema, findings = read({"rest": rest, "text": "x" * MAX_SCHEMA_BYTES})
    assert (schema, findings.has_faults) == ({}, True)
    with pytest.raises(AssertionError, match="walked"):
        read({"rest": rest})
