"""How does a frozen record become JSON and come back exactly as it was? By its type hints, and strictly.

Every field stands in the JSON, and nothing else does: what another version of a record wrote is not read by guessing.
The rules of the edge (lengths, patterns, NUL) are not asked for: a vendor's answer is kept as the vendor wrote it.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

Load = Callable[[Any], Any]


def to_json(value: object) -> bytes:
    """The JSON of a record, or of what holds records. Raises ValueError for what no JSON can say."""
    try:
        # Half of a surrogate pair is no UTF-8, but a vendor's JSON can escape one.
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)
        return text.encode("utf-8", "surrogatepass")
    except (TypeError, ValueError, RecursionError) as error:
        msg = "it holds what JSON cannot say"
        raise ValueError(msg) from error


def from_json(data: bytes) -> Any:
    """What `data` says. Raises ValueError when it is no JSON, or says infinity or NaN in whatever way."""
    try:
        return _DECODER.decode(data.decode("utf-8", "surrogatepass"))
    except RecursionError as error:
        msg = "it is nested too deeply"
        raise ValueError(msg) from error


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _unlike(float)
    return number


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)


@cache
def loader(hint: Any) -> Load:
    """Makes a value of the type `hint` out of its JSON; raises ValueError for anything else.

    Knows what records are made of: text, numbers, Decimal, enumerations, literals, tuples, free JSON, other records,
    and a choice of records that is told by their field `type`.
    """
    if hint is Decimal:
        return _decimal
    origin = get_origin(hint)
    if origin in {Union, UnionType}:
        return _choice(get_args(hint))
    if origin is Literal:
        return _one_of({value: value for value in get_args(hint)})
    if origin is tuple:
        return _tuple_of(loader(get_args(hint)[0]))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _one_of({member.value: member for member in hint})
    return _record(hint) if _is_record(hint) else _exactly(origin or hint)


def _plain(value: Any) -> object:
    if isinstance(value, Decimal):
        return str(value)
    kind: Any = type(value)
    if not _is_record(kind):
        msg = "no record"
        raise TypeError(msg)
    return {name: getattr(value, name) for name in _names(kind)}


def _is_record(kind: Any) -> bool:
    return dataclasses.is_dataclass(kind) or hasattr(kind, "model_fields")


@cache
def _names(kind: Any) -> tuple[str, ...]:
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind))
    return tuple(kind.model_fields)


def _record(kind: Any) -> Load:
    hints = get_type_hints(kind)
    loads = {name: loader(hints[name]) for name in _names(kind)}

    def load(value: Any) -> Any:
        if type(value) is not dict or value.keys() != loads.keys():
            raise _unlike(kind)
        return kind(**{name: load_field(value[name]) for name, load_field in loads.items()})

    return load


def _choice(hints: tuple[Any, ...]) -> Load:
    """One of several records, or a value that may be None."""
    rest = [hint for hint in hints if hint is not NoneType]
    load = loader(rest[0]) if len(rest) == 1 else _tagged(rest)
    if len(rest) == len(hints):
        return load
    return lambda value: None if value is None else load(value)


def _tagged(kinds: list[Any]) -> Load:
    loads = {get_args(get_type_hints(kind)["type"])[0]: loader(kind) for kind in kinds}

    def load(value: Any) -> Any:
        tag = value.get("type") if type(value) is dict else None
        if type(tag) is not str or tag not in loads:
            raise _unlike("a tagged record")
        return loads[tag](value)

    return load


def _one_of(known: dict[Any, Any]) -> Load:
    def load(value: Any) -> Any:
        if type(value) is not str or value not in known:
            raise _unlike("one of a fixed set")
        return known[value]

    return load


def _tuple_of(load_item: Load) -> Load:
    def load(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise _unlike(tuple)
        return tuple([load_item(item) for item in value])

    return load


def _exactly(kind: type) -> Load:
    def load(value: Any) -> Any:
        if type(value) is not kind:
            raise _unlike(kind)
        return value

    return load


def _decimal(value: Any) -> Decimal:
    if type(value) is not str:
        raise _unlike(Decimal)
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise _unlike(Decimal) from None
    if not number.is_finite():
        raise _unlike(Decimal)
    return number


def _unlike(kind: object) -> ValueError:
    return ValueError(f"it is not {kind}")
