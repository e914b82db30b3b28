"""Are the vectors of a vendor's answer what was asked for: one for each text, all alike, and nothing but numbers?"""

from __future__ import annotations

import base64
import json
import math
import sys
from array import array
from collections.abc import Sequence
from typing import Any

from app.wires.answer_json import unreadable

Vector = tuple[float, ...]

_BYTES_PER_FLOAT = 4
_NUMBERS = frozenset({int, float})


def load_vectors(body: bytes, *, provider: str, model: str) -> Any:
    """The JSON value of `body`, with plain floats: a Decimal for each of a million numbers would take seconds.

    Raises ProviderProtocolError for a body that is none.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        # Without the cause: it holds the body.
        raise unreadable("answered with a body that is not JSON", provider=provider, model=model) from None


def read_vectors(rows: Any, *, count: int, provider: str, model: str) -> tuple[Vector, ...]:
    """`rows`, each a list of numbers or base64 of little-endian 32-bit floats, as vectors.

    Raises ProviderProtocolError unless there are `count` of them, of one length, and every number is finite.
    """
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise unreadable("answered without a list of vectors", provider=provider, model=model)
    if len(rows) != count:
        raise unreadable(f"answered {len(rows)} vectors to {count} texts", provider=provider, model=model)
    try:
        vectors = tuple(_read(row) for row in rows)
    except (ValueError, OverflowError):
        # Without the cause: it may hold a piece of the body.
        raise unreadable(
            "answered a vector that is no list of finite numbers", provider=provider, model=model
        ) from None
    if len(set(map(len, vectors))) > 1:
        raise unreadable("answered vectors of different lengths", provider=provider, model=model)
    return vectors


def dimension_warnings(vectors: Sequence[Vector], wanted: int | None, *, provider: str) -> tuple[str, ...]:
    """A sentence when the vectors have another length than was asked for: a server may pass over `dimensions`."""
    return length_warnings(len(vectors[0]), wanted, provider=provider)


def length_warnings(length: int, wanted: int | None, *, provider: str) -> tuple[str, ...]:
    """The same for vectors of `length` numbers."""
    if wanted is None or length == wanted:
        return ()
    return (f"{provider} answered vectors of {length} numbers, and {wanted} were asked for",)


def _read(row: Any) -> Vector:
    if isinstance(row, str):
        vector = _from_base64(row)
    elif isinstance(row, list) and set(map(type, row)) <= _NUMBERS:
        vector = tuple(map(float, row))
    else:
        vector = ()
    if not vector or not all(map(math.isfinite, vector)):
        msg = "no vector"
        raise ValueError(msg)
    return vector


def _from_base64(text: str) -> Vector:
    packed = base64.b64decode(text, validate=True)
    if len(packed) % _BYTES_PER_FLOAT:
        return ()
    numbers = array("f", packed)
    if sys.byteorder == "big":  # pragma: no cover - no such machine in CI
        numbers.byteswap()
    return tuple(numbers)
