"""How is an object of pydantic made of values that are all ours? Without looking at each of them once more.

Looking takes 8 µs for an answer of 18 fields, and this takes 2; for a small one 1.3 and 0.8. `model_construct`, which
looks for aliases, takes 200 µs for one of 26 fields.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)
# The slots of every model, which refuse nothing: a model that is frozen has a `__setattr__` that does.
_put_values, _put_given, _put_extra, _put_private = (
    BaseModel.__dict__[name].__set__
    for name in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)


def vouched(model: type[M], values: dict[str, Any]) -> M:
    """An object of `model`, which is frozen, with `values`: all its fields in their order, each of its very type."""
    made = object.__new__(model)
    _put_values(made, values)
    _put_given(made, _fields_of(model))
    _put_extra(made, None)
    _put_private(made, None)
    return made


@cache
def _fields_of(model: type[BaseModel]) -> set[str]:
    """One for all objects: none of them can be written to, and a copy gets one of its own."""
    return set(model.model_fields)
