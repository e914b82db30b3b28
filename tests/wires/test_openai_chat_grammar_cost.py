"""What may a server that makes grammars of schemas be sent?"""

from __future__ import annotations

from typing import Any

import pytest

from app.wires.encoded import Encoded
from app.wires.openai_chat import Quirks, encode_request
from contracts.chat import Conversation, Message, ResponseFormat, Role, TextPart
from contracts.errors import InvalidRequestError

COMPILING = Quirks(compiles_schemas=True, options=frozenset({"top_k"}))


def encoded(schema: dict[str, Any], quirks: Quirks = COMPILING, options: dict[str, Any] | None = None) -> Encoded:
    """A request for an answer under `schema`."""
    turns = (Message(role=Role.USER, content=(TextPart(text="Hello"),)),)
    shape = ResponseFormat(type="json_schema", json_schema=schema)
    conversation = Conversation(messages=turns, response_format=shape)
    return encode_request(conversation, provider="p", model="m", stream=False, quirks=quirks, options=options)


def sent(request: Encoded) -> Any:
    """The schema in the body."""
    return request.body["response_format"]["json_schema"]["schema"]


def test_patterns_are_not_sent_wherever_they_stand() -> None:
    """In properties, items, variants and definitions; the request keeps its own schema, and is told."""
    text = {"type": "string", "pattern": "^" + "a?" * 300 + "$"}
    schema = {
        "type": "object",
        "properties": {"a": text, "b": {"type": "array", "items": text}, "c": {"anyOf": [text, {"type": "null"}]}},
        "patternProperties": {"^x": text},
        "$defs": {"d": text},
    }
    request = encoded(schema)
    bare = {"type": "string"}
    assert sent(request) == {
        "type": "object",
        "properties": {"a": bare, "b": {"type": "array", "items": bare}, "c": {"anyOf": [bare, {"type": "null"}]}},
        "$defs": {"d": bare},
    }
    assert request.warnings == ("response_format: patterns were not sent, p does not enforce them",)
    assert text["pattern"].startswith("^a?")


def test_what_is_only_called_a_pattern_is_sent() -> None:
    """A property of that name, and a value that looks like a schema."""
    schema = {"properties": {"pattern": {"enum": ["x", {"pattern": "y"}]}}, "required": ["pattern"]}
    request = encoded(schema)
    assert sent(request) == schema
    assert request.warnings == ()


@pytest.mark.parametrize(
    "schema",
    [
        {"enum": list(range(301))},
        {"items": {"anyOf": [{"const": number} for number in range(301)]}},
        {"properties": {f"p{number}": {"type": "string"} for number in range(301)}},
        {"allOf": [{"enum": list(range(200))}, {"oneOf": [{"const": number} for number in range(101)]}]},
    ],
    ids=["values", "variants", "properties", "all together"],
)
def test_schema_of_very_many_choices_becomes_an_instruction(schema: dict[str, Any]) -> None:
    """JSON is enforced, the schema is read, and the caller is told."""
    request = encoded(schema)
    assert request.body["response_format"] == {"type": "json_object"}
    assert request.body["messages"][0]["role"] == "system"
    assert "JSON Schema" in request.body["messages"][0]["content"]
    assert "enforces JSON, but none of so many choices" in request.warnings[0]


def test_schema_goes_untouched_to_whoever_makes_no_grammar() -> None:
    """Patterns, and any number of choices."""
    schema = {"pattern": "^a$", "enum": list(range(301))}
    assert sent(encoded(schema, Quirks())) == schema


def test_options_that_are_not_listed_are_the_callers_error() -> None:
    """By their path; what is listed is sent."""
    assert encoded({}, options={"top_k": 5}).body["top_k"] == 5
    with pytest.raises(InvalidRequestError) as raised:
        encoded({}, options={"grammar": "root ::= root"})
    assert [one.field for one in raised.value.errors] == ["vendor_options.p.grammar"]
    assert encoded({}, Quirks(), options={"grammar": "x"}).body["grammar"] == "x"
