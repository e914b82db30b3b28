"""Do the schemas of `openapi.yaml` say what the validators do?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from app.http.components import component_schemas
from contracts import LLMProviderConfig, LLMRequest

# Made once: it takes a twentieth of a second, and the tests only read it.
SCHEMAS = component_schemas()
_KINDS: dict[str, type[Any]] = {"null": type(None), "string": str, "array": list, "object": dict}


def _fits(value: Any, schema: dict[str, Any]) -> bool:
    """The few words of JSON Schema that the added rules are written in."""
    checks = [
        "type" not in schema or isinstance(value, _KINDS[schema["type"]]),
        "const" not in schema or value == schema["const"],
        "not" not in schema or not _fits(value, schema["not"]),
        "anyOf" not in schema or any(_fits(value, one) for one in schema["anyOf"]),
        all(_fits(value, one) for one in schema.get("allOf", [])),
        all(name in value for name in schema.get("required", [])),
        all(_fits(value[name], one) for name, one in schema.get("properties", {}).items() if name in value),
    ]
    return all(checks)


def _rule(name: str) -> dict[str, Any]:
    return {"not": SCHEMAS[name]["not"]}


def _is_accepted(data: Any) -> bool:
    try:
        LLMRequest.model_validate_json(json.dumps(data), strict=True)
    except ValidationError:
        return False
    return True


def _with_part(part: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [part]}]}


_MESSAGES = [{"role": "user", "content": "x"}]
_SCHEMA = {"type": "object"}
_TOOLS = [{"name": "f"}]


@pytest.mark.parametrize(
    "data",
    [
        {"prompt": "x"},
        {"prompt": None, "messages": _MESSAGES},
        {"messages": _MESSAGES},
        {},
        {"prompt": None},
        {"prompt": "x", "messages": _MESSAGES},
        {"prompt": "x", "provider": "a"},
        {"prompt": "x", "provider": "a", "preferred_provider": "b"},
    ],
)
def test_schemas_of_requests_agree_with_the_model(data: dict[str, Any]) -> None:
    """Exactly one of prompt and messages, and one name for the provider."""
    assert _fits(data, _rule("LLMRequest")) == _is_accepted(data)


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image", "url": "https://example.com/a.png"},
        {"type": "image", "url": "https://example.com/a.png", "data": None},
        {"type": "image", "data": "iVBORw0KGgo=", "media_type": "image/png"},
        {"type": "image", "data": "iVBORw0KGgo="},
        {"type": "image", "data": "iVBORw0KGgo=", "media_type": None},
        {"type": "image"},
        {"type": "image", "url": "https://example.com/a.png", "data": "iVBORw0KGgo=", "media_type": "image/png"},
        {"type": "file", "file_id": "f"},
        {"type": "file", "data": "aGk=", "media_type": "text/plain"},
        {"type": "file"},
        {"type": "file", "file_id": "f", "url": "https://example.com/a.pdf"},
        {"type": "file", "data": "aGk=", "url": "https://example.com/a.pdf"},
    ],
)
def test_schemas_of_parts_agree_with_the_model(part: dict[str, Any]) -> None:
    """An image or a file comes from one place."""
    name = {"image": "ImagePart", "file": "FilePart"}[part["type"]]
    assert _fits(part, _rule(name)) == _is_accepted(_with_part(part))


@pytest.mark.parametrize(
    "choice",
    [{"mode": "auto"}, {"mode": "tool", "name": "f"}, {"mode": "tool"}, {"mode": "auto", "name": "f"}],
)
def test_schemas_of_tool_choice_agree_with_the_model(choice: dict[str, Any]) -> None:
    """A name goes with mode tool, and only with it."""
    data = {"prompt": "x", "tools": _TOOLS, "tool_choice": choice}
    assert _fits(choice, _rule("ToolChoice")) == _is_accepted(data)


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "text"},
        {"type": "json_schema", "json_schema": _SCHEMA},
        {"type": "json_schema"},
        {"type": "json_schema", "json_schema": None},
        {"type": "json_object", "json_schema": _SCHEMA},
    ],
)
def test_schemas_of_response_format_agree_with_the_model(shape: dict[str, Any]) -> None:
    """A schema goes with type json_schema, and only with it."""
    assert _fits(shape, _rule("ResponseFormat")) == _is_accepted({"prompt": "x", "response_format": shape})


def test_schemas_of_messages_need_content() -> None:
    """A message without content is refused by the model, so the schema asks for it."""
    message = SCHEMAS["Message"]
    assert message["required"] == ["role", "content"]
    assert not _is_accepted({"messages": [{"role": "user"}]})
    assert not _is_accepted({"messages": [{"role": "user", "content": []}]})
    assert message["properties"]["content"]["anyOf"][0]["pattern"] == r"\S"
    assert not _is_accepted({"messages": [{"role": "user", "content": " "}]})


def test_schemas_of_answers_differ_in_name_where_they_differ() -> None:
    """An answer's message holds a list only; what callers write keeps the plain name; no name has a dash."""
    schemas = SCHEMAS
    answered = schemas["LLMResponse"]["properties"]["message"]["$ref"]
    assert answered.endswith("/AnswerMessage")
    assert schemas["AnswerMessage"]["properties"]["content"]["type"] == "array"
    assert "anyOf" in schemas["Message"]["properties"]["content"]
    assert all(name.isalnum() for name in schemas)
    assert all(schema["title"] == name for name, schema in schemas.items())


def test_schemas_of_answers_require_every_field() -> None:
    """What is always there is required, and a masked secret is not called write-only."""
    schemas = SCHEMAS
    for name in ("LLMResponse", "Problem", "ProviderInfo", "ConfigView", "ProviderConfig"):
        assert set(schemas[name]["required"]) == set(schemas[name]["properties"])
    assert "writeOnly" not in json.dumps(schemas["ProviderConfig"])


def test_schemas_of_a_patch_need_nothing_and_take_null() -> None:
    """Every setting is in the patch, optional and nullable, as deep as a patch reaches."""
    schemas = SCHEMAS
    patch = schemas["LLMProviderConfigUpdate"]
    assert set(patch["properties"]) == set(LLMProviderConfig.model_fields)
    for name in ("LLMProviderConfigUpdate", "ProviderConfigUpdate", "CircuitBreakerConfigUpdate"):
        assert "required" not in schemas[name]
        assert all({"type": "null"} in field["anyOf"] for field in schemas[name]["properties"].values())
    rows = patch["properties"]["providers"]["anyOf"][0]["additionalProperties"]
    assert rows == {"anyOf": [{"$ref": "#/components/schemas/ProviderConfigUpdate"}, {"type": "null"}]}


def test_schemas_name_the_long_form_of_a_shorthand() -> None:
    """A candidate is a component, wherever it may be written as a string too."""
    schemas = SCHEMAS
    items = schemas["LLMRequest"]["properties"]["fallback_providers"]["anyOf"][0]["items"]["anyOf"]
    assert {"$ref": "#/components/schemas/Candidate"} in items
    assert schemas["Candidate"]["required"] == ["provider"]
