"""Which JSON Schemas may a request hold?

A schema is read, never run: a `pattern` of the caller's goes to the vendor as text, because Python's engine backtracks
and one pattern could hold the whole service. A reference is never followed out of the schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.broken_rule import BrokenRuleError
from contracts.json_size import check_size

MAX_SCHEMA_BYTES = 64 * 1024
MAX_SCHEMA_DEPTH = 64
_REFERENCES = ("$ref", "$dynamicRef")


def check_schema(schema: dict[str, Any], *at: str | int) -> None:
    """Refuses a JSON Schema over 64 KB, nested deeper than 64 objects and lists, or that points outside itself.

    `at` is its path in the request. Raises BrokenRuleError.
    """
    check_size(schema, *at, most_bytes=MAX_SCHEMA_BYTES)
    _check_depth(schema, *at)
    stack: list[Any] = [schema]
    while stack:
        node = stack.pop()
        if isinstance(node, dict) and any(_is_remote(node.get(key)) for key in _REFERENCES):
            raise BrokenRuleError(at, "holds a remote $ref: only references inside the schema (#/...) are allowed")
        stack.extend(_below(node))


def _check_depth(schema: dict[str, Any], *at: str | int) -> None:
    """By levels, and no further than the limit."""
    level: list[Any] = [schema]
    for _ in range(MAX_SCHEMA_DEPTH):
        level = [inner for node in level for inner in _below(node) if isinstance(inner, dict | list)]
        if not level:
            return
    raise BrokenRuleError(at, f"is nested deeper than {MAX_SCHEMA_DEPTH} levels")


def _is_remote(reference: Any) -> bool:
    return isinstance(reference, str) and not reference.startswith("#")


def _below(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        yield from node.values()
    elif isinstance(node, list):
        yield from node
