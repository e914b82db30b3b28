"""Which JSON Schemas may a request hold?

A schema is read, never run: a `pattern` of the caller's goes to the vendor as text, because Python's engine backtracks
and one pattern could hold the whole service. A reference is never followed out of the schema.
"""

from __future__ import annotations

from typing import Any

from contracts.broken_rule import BrokenRuleError, Path
from contracts.json_size import check_size

MAX_SCHEMA_BYTES = 64 * 1024
MAX_SCHEMA_DEPTH = 64
_REFERENCES = ("$ref", "$dynamicRef")
_NESTED = (dict, list)


def check_schema(schema: dict[str, Any], *at: str | int) -> None:
    """Refuses a JSON Schema over 64 KB, nested deeper than 64 objects and lists, or that points outside itself.

    `at` is its path in the request. Raises BrokenRuleError.
    """
    check_size(schema, *at, most_bytes=MAX_SCHEMA_BYTES)
    if _is_far_pointing(schema, at):
        raise BrokenRuleError(at, "holds a remote $ref: only references inside the schema (#/...) are allowed")


def _is_far_pointing(schema: dict[str, Any], at: Path) -> bool:
    """Whether it points outside itself. By levels, and no further than the limit: each object is looked at once."""
    is_so = False
    level: list[Any] = [schema]
    for _ in range(MAX_SCHEMA_DEPTH):
        below: list[Any] = []
        for node in level:
            inside = node
            if isinstance(node, dict):
                is_so = is_so or any(_is_remote(node[name]) for name in _REFERENCES if name in node)
                inside = node.values()
            below += [inner for inner in inside if isinstance(inner, _NESTED)]
        if not below:
            return is_so
        level = below
    raise BrokenRuleError(at, f"is nested deeper than {MAX_SCHEMA_DEPTH} levels")


def _is_remote(reference: Any) -> bool:
    return isinstance(reference, str) and not reference.startswith("#")
