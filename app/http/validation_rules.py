"""Which rules of the contracts' validators does pydantic not write into their JSON Schemas? Those, as schemas.

Each says what must *not* be: a `oneOf` beside `properties` is taken for a union of models by generators and viewers.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

_Schema = dict[str, Any]


def tell_the_whole_truth(schemas: dict[str, Any]) -> None:
    """Adds the rules to the schemas of what callers send."""
    _tell_of_request(schemas["LLMRequest"])
    _tell_of_message(schemas["Message"])
    data_alone = {**_given("data"), "allOf": [_absent("media_type")]}
    _forbid(schemas["ImagePart"], *_not_one_of("url", "data"), data_alone)
    _forbid(schemas["FilePart"], *_not_one_of("url", "data", "file_id"))
    _forbid(schemas["ToolChoice"], *_apart("mode", "tool", "name"))
    _forbid(schemas["ResponseFormat"], *_apart("type", "json_schema", "json_schema"))


def _tell_of_request(schema: _Schema) -> None:
    properties = schema["properties"]
    properties["provider"] = {
        **properties["preferred_provider"],
        "description": "Another name of `preferred_provider`.",
        "title": "Provider",
    }
    text, null = properties["prompt"]["anyOf"]
    properties["prompt"]["anyOf"] = [{**text, "pattern": r"\S"}, null]
    _forbid(schema, *_not_one_of("prompt", "messages"), {"required": ["provider", "preferred_provider"]})


def _tell_of_message(schema: _Schema) -> None:
    content = schema["properties"]["content"]
    del content["default"]
    text, parts = content["anyOf"]
    content["anyOf"] = [{**text, "minLength": 1, "pattern": r"\S"}, {**parts, "minItems": 1}]
    schema["required"] = ["role", "content"]


def _forbid(schema: _Schema, *cases: _Schema) -> None:
    schema["not"] = {"anyOf": list(cases)}


def _not_one_of(*names: str) -> list[_Schema]:
    """None of `names` is given, or two of them are."""
    return [_absent(*names), *(_given(*pair) for pair in combinations(names, 2))]


def _apart(tag: str, value: str, name: str) -> list[_Schema]:
    """`name` is missing where `tag` has `value`, or is given where it has another."""
    given = _given(name)
    return [
        {"properties": {tag: {"const": value}, **_absent(name)["properties"]}},
        {**given, "properties": {tag: {"not": {"const": value}}, **given["properties"]}},
    ]


def _given(*names: str) -> _Schema:
    return {"required": list(names), "properties": {name: {"not": {"type": "null"}} for name in names}}


def _absent(*names: str) -> _Schema:
    return {"properties": {name: {"type": "null"} for name in names}}
