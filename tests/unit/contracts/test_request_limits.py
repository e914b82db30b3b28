"""How large may free JSON in a request be, and what may it not hold?"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from pydantic import ValidationError

from contracts import MAX_METADATA_BYTES, MAX_SCHEMA_BYTES, MAX_SCHEMA_DEPTH, LLMRequest, ResponseFormat, check_schema

SURROGATE = "\ud800"


def sized(size: int, key: str = "k", letter: str = "x") -> dict[str, str]:
    """An object whose JSON has `size` bytes."""
    rest = size - len(json.dumps({key: ""}))
    return {key: letter * (rest // len(letter.encode()))}


def test_metadata_of_16_kilobytes_is_taken() -> None:
    """The limit itself is still good."""
    assert len(json.dumps(LLMRequest(prompt="x", metadata=sized(MAX_METADATA_BYTES)).metadata)) == 16 * 1024


def test_metadata_over_16_kilobytes_is_refused() -> None:
    """One byte more is too much."""
    with pytest.raises(ValidationError, match="metadata is larger than 16384 bytes"):
        LLMRequest(prompt="x", metadata=sized(MAX_METADATA_BYTES + 1))


def test_metadata_is_counted_in_bytes_of_utf8() -> None:
    """An accent counts as the two bytes that it is sent as, not as the six of its escape."""
    assert LLMRequest(prompt="x", metadata=sized(MAX_METADATA_BYTES, letter="é")).metadata["k"].startswith("éé")
    with pytest.raises(ValidationError, match="larger"):
        LLMRequest(prompt="x", metadata=sized(MAX_METADATA_BYTES + 2, letter="é"))


def ring() -> dict[str, Any]:
    """An object that holds itself."""
    made: dict[str, Any] = {}
    made["self"] = made
    return made


def tower() -> dict[str, Any]:
    """An object nested deeper than any reader goes."""
    made: dict[str, Any] = {}
    for _ in range(100_000):
        made = {"in": made}
    return made


@pytest.mark.parametrize(
    "value",
    [{"k": {(1, 2): 3}}, {"k": object()}, {"k": float("nan")}, {"k": SURROGATE}, ring(), tower()],
    ids=["key", "object", "nan", "surrogate", "ring", "tower"],
)
def test_metadata_that_is_no_json_is_a_validation_error(value: dict[str, Any]) -> None:
    """What JSON cannot say is refused like any other fault, not by an exception of the JSON library."""
    with pytest.raises(ValidationError, match="metadata holds what JSON cannot say"):
        LLMRequest(prompt="x", metadata=value)


def test_schema_of_64_kilobytes_is_taken() -> None:
    """The limit itself is still good; one byte more is refused."""
    check_schema(sized(MAX_SCHEMA_BYTES, "description"), "it")
    with pytest.raises(ValueError, match="it is larger than 65536 bytes"):
        check_schema(sized(MAX_SCHEMA_BYTES + 1, "description"), "it")


REMOTE: list[dict[str, Any]] = [
    {"$ref": "https://example.org/schema.json"},
    {"properties": {"a": {"$ref": "file:///etc/passwd"}}},
    {"anyOf": [{"type": "string"}, {"$dynamicRef": "other.json#/a"}]},
    {"items": [{"not": {"$ref": ""}}]},
]


@pytest.mark.parametrize("schema", REMOTE)
def test_schema_with_a_remote_reference_is_refused(schema: dict[str, Any]) -> None:
    """Nothing that a request names is fetched, so a reference must stay inside its schema."""
    with pytest.raises(ValidationError, match=r"response_format.json_schema holds a remote \$ref"):
        LLMRequest.model_validate({"prompt": "x", "response_format": {"type": "json_schema", "json_schema": schema}})
    with pytest.raises(ValidationError, match=r"tools\.0\.parameters holds a remote \$ref"):
        LLMRequest.model_validate({"prompt": "x", "tools": [{"name": "look", "parameters": schema}]})


def test_schema_with_a_local_reference_is_taken() -> None:
    """`#/…` stays inside, and a property may be called $ref."""
    schema = {"properties": {"$ref": {"type": "string"}, "a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {}}}
    shape = ResponseFormat(type="json_schema", json_schema=schema)
    assert LLMRequest(prompt="x", response_format=shape).response_format == shape


def nested(levels: int, inner: str = "properties") -> dict[str, Any]:
    """A schema of `levels` objects and lists, each within the one before."""
    schema: Any = {} if levels % 2 else []
    for _ in range(levels - 1):
        schema = [schema] if isinstance(schema, dict) else {inner: schema}
    assert isinstance(schema, dict)
    return schema


def test_schema_nested_deeper_than_64_is_refused() -> None:
    """The limit itself is still good; who reads a deeper one by recursion could not."""
    check_schema(nested(MAX_SCHEMA_DEPTH - 1), "it")
    check_schema({"items": nested(MAX_SCHEMA_DEPTH - 1)}, "it")
    with pytest.raises(ValueError, match="it is nested deeper than 64 levels"):
        check_schema(nested(MAX_SCHEMA_DEPTH + 1), "it")


def test_schema_with_a_pattern_that_explodes_is_only_read() -> None:
    """A backtracking engine would need hours for forty letters: no pattern of a caller's is ever run or compiled."""
    began = time.process_time()
    for pattern in ("(a+)+$", "(" * 50, "^(([a-z])+.)+[A-Z]([a-z])+$"):
        check_schema({"type": "string", "pattern": pattern, "default": "a" * 40, "examples": ["a" * 40 + "!"]}, "it")
    assert time.process_time() - began < 0.1


PLACES: dict[str, Any] = {
    "prompt": lambda text: {"prompt": text},
    "system": lambda text: {"prompt": "x", "system": text},
    "user_id": lambda text: {"prompt": "x", "user_id": text},
    "stop": lambda text: {"prompt": "x", "stop": text},
    "stops": lambda text: {"prompt": "x", "stop": [text]},
    "tags": lambda text: {"prompt": "x", "tags": [text]},
    "content": lambda text: {"messages": [{"role": "user", "content": text}]},
    "part": lambda text: {"messages": [{"role": "user", "content": [{"type": "text", "text": text}]}]},
    "tool": lambda text: {"prompt": "x", "tools": [{"name": "a", "description": text}]},
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("text", ["a\x00b", f"a{SURROGATE}b"], ids=["nul", "surrogate"])
def test_text_with_nul_or_half_a_character_is_refused(place: Any, text: str) -> None:
    """No vendor, database or log can hold it, so it is refused wherever text stands."""
    with pytest.raises(ValidationError):
        LLMRequest.model_validate(place(text))
    assert "\U0001f600" in LLMRequest.model_validate(place("a\U0001f600b")).model_dump_json()
