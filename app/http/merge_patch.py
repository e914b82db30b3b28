"""What does a JSON merge patch (RFC 7396) on a model look like as JSON Schema? Every field optional, and nullable."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

_SUFFIX = "Update"


def merge_patch_schemas(definitions: dict[str, Any], root: str) -> dict[str, Any]:
    """`definitions` for a patch: objects that a patch may reach into are renamed `…Update`, the rest stays."""
    patched = _reachable(definitions, root)
    schemas = {name: schema for name, schema in deepcopy(definitions).items() if name not in patched}
    for name in patched:
        schema = deepcopy(definitions[name])
        schema.pop("required", None)
        schema["title"] = name + _SUFFIX
        schema["properties"] = {key: _optional(value, patched) for key, value in schema["properties"].items()}
        schemas[name + _SUFFIX] = schema
    schemas[root + _SUFFIX]["description"] = (
        "A JSON merge patch (RFC 7396) on the changes made at run time: only what changes; null takes a change back, "
        "so that the field is again what file and environment say, or its default. A masked secret that is sent back "
        "leaves the secret as it is."
    )
    return schemas


def _reachable(definitions: dict[str, Any], root: str) -> list[str]:
    """Objects that are merged into, not replaced: those behind a property or a key, not those in a list."""
    found, rest = [root], [root]
    while rest:
        for value in definitions[rest.pop()]["properties"].values():
            for node in (value, value.get("additionalProperties")):
                name = _referred(node)
                if name and "properties" in definitions[name] and name not in found:
                    found.append(name)
                    rest.append(name)
    return found


def _optional(schema: dict[str, Any], patched: list[str]) -> dict[str, Any]:
    schema = {key: value for key, value in schema.items() if key != "default"}
    described: dict[str, Any] = {key: schema.pop(key) for key in ("title", "description") if key in schema}
    if isinstance(schema.get("additionalProperties"), dict):
        schema["additionalProperties"] = _optional(schema["additionalProperties"], patched)
    name = _referred(schema)
    if name in patched:
        schema = {"$ref": schema["$ref"] + _SUFFIX}
    branches = schema.get("anyOf", [schema])
    if {"type": "null"} not in branches:
        branches = [*branches, {"type": "null"}]
    return {"anyOf": branches, **described}


def _referred(node: Any) -> str | None:
    reference = node.get("$ref") if isinstance(node, dict) else None
    return reference.rpartition("/")[2] if isinstance(reference, str) else None
