"""How is free JSON of a body (a schema, a part of the vendor's own shape) kept, so that all can write it again?"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from app.wires.openai_chat.inbound.place import Place
from contracts.broken_rule import BrokenRuleError
from contracts.json_schema import check_schema


def read_object(place: Place) -> dict[str, Any]:
    """The object at `place`, its numbers as int and float; empty when it is none."""
    if not place.is_object():
        return {}
    try:
        plain: dict[str, Any] = _plain(place.value)
    except RecursionError:
        place.wrong("must be nested less deeply")
        return {}
    except ValueError as error:
        place.wrong(str(error))
        return {}
    return plain


def read_schema(place: Place) -> dict[str, Any]:
    """The JSON Schema at `place`, as large and deep as the contract allows, and pointing nowhere outside itself."""
    schema = read_object(place)
    try:
        check_schema(schema)
    except BrokenRuleError as error:
        place.breaks(error)
    return schema


def _plain(value: Any) -> Any:
    # A Decimal is what our reader makes of a fraction; `json` itself, which others use on schemas, cannot write it.
    if isinstance(value, dict):
        return {name: _plain(below) for name, below in value.items()}
    if isinstance(value, list):
        return [_plain(below) for below in value]
    if isinstance(value, Decimal | float):
        number = float(value)
        if not math.isfinite(number):
            msg = "must hold only numbers that a computer can hold"
            raise ValueError(msg)
        return number
    return value
