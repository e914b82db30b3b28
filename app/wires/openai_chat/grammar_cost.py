"""What of a JSON Schema may be given to a server that makes a grammar of it?

Measured with llama.cpp (xllamacpp 2026.10.11549): a pattern of 300 optional letters, 600 bytes, stops the whole server
for minutes, and nobody's leaving ends that; so does an `enum` of 5000 values. Patterns are not sent therefore, and a
schema of very many choices is not enforced there. The answer is checked by the engine in every case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# An enum of as many takes half a second.
MAX_CHOICES = 300

_PATTERNS = ("pattern", "patternProperties")
_NAMED_SCHEMAS = ("properties", "$defs", "definitions", "dependentSchemas")
_VALUES = ("enum", "const", "default", "examples")
_CHOICES = ("enum", "anyOf", "oneOf", "type", "properties")


def without_patterns(schema: Any) -> Any:
    """A copy of `schema` that demands no pattern anywhere; a property may still be called so."""
    if isinstance(schema, list):
        return [without_patterns(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: value for name, value in schema.items() if name not in _PATTERNS}
    return {name: _below(name, value) for name, value in kept.items()}


def _below(name: str, value: Any) -> Any:
    if name in _NAMED_SCHEMAS and isinstance(value, dict):
        return {key: without_patterns(one) for key, one in value.items()}
    return value if name in _VALUES else without_patterns(value)


def choices(schema: Mapping[str, Any]) -> int:
    """How many ways to go on `schema` offers in all: values, variants, and properties."""
    found = 0
    stack: list[Any] = [schema]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            found += sum(len(node[name]) for name in _CHOICES if isinstance(node.get(name), dict | list))
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return found
