"""How is free JSON of a caller's body (a schema, a vendor's own part) kept, so that all can write it again?"""

from __future__ import annotations

from typing import Any

from app.wires.json_text import plain_json
from app.wires.place import Place
from contracts.broken_rule import BrokenRuleError
from contracts.json_schema import MAX_SCHEMA_BYTES, check_schema
from contracts.json_size import check_least_size


def read_object(place: Place) -> dict[str, Any]:
    """The object at `place`, its numbers as int and float; empty when it is none."""
    if not place.is_object():
        return {}
    try:
        plain: dict[str, Any] = plain_json(place.value)
    except ValueError:
        # Without the cause: it may hold the value.
        place.wrong("must hold nothing but what JSON can say")
        return {}
    return plain


def read_schema(place: Place) -> dict[str, Any]:
    """The JSON Schema at `place`, as large and deep as the contract allows, and pointing nowhere outside itself."""
    if not place.is_object():
        return {}
    try:
        check_least_size(place.value, most_bytes=MAX_SCHEMA_BYTES)
        schema = read_object(place)
        check_schema(schema)
    except BrokenRuleError as error:
        place.breaks(error)
        return {}
    return schema
