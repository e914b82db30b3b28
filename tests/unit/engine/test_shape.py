"""Is an answer of the shape that was asked for, and is a schema refused that could not be checked?"""

from __future__ import annotations

import time
from typing import Any

import pytest

from app.engine.schema_cost import MAX_PATTERNS, excess
from app.engine.shape import is_judged, shape_of, unfenced
from contracts.calls import Reply
from contracts.chat import FinishReason, Message, ResponseFormat, Role, TextPart, ToolCallPart
from contracts.errors import InvalidRequestError

VERDICT = {
    "type": "object",
    "properties": {
        "winner": {"enum": ["A", "B"]},
        "confidence": {"type": "number", "minimum": 1, "maximum": 5},
        "notes": {"type": "array", "items": {"type": "string", "pattern": "^[a-z ]+$"}},
    },
    "required": ["winner"],
    "additionalProperties": False,
}


def faults(schema: dict[str, Any], text: str) -> tuple[str, ...]:
    """What is wrong with `text` under `schema`."""
    shape = shape_of(ResponseFormat(type="json_schema", json_schema=schema))
    assert shape is not None
    return shape.faults(text)


@pytest.mark.parametrize(
    "text,wanted",
    [
        ('{"winner": "A", "confidence": 4.5, "notes": ["well put"]}', ()),
        ("A", ("the answer is not JSON",)),
        ("", ("the answer is not JSON",)),
        ('{"winner": "A"} and so on', ("the answer is not JSON",)),
        ('{"winner": "A", "confidence": NaN}', ("the answer is not JSON",)),
        ("[" * 100_000, ("the answer is not JSON",)),
        ('"A"', ("the answer breaks the schema's type",)),
        ("{}", ("the answer breaks the schema's required",)),
        ('{"winner": "Secret"}', ("winner breaks the schema's enum",)),
        ('{"winner": "B", "confidence": 9}', ("confidence breaks the schema's maximum",)),
        ('{"winner": "B", "notes": ["ok", "NO"]}', ("notes.1 breaks the schema's pattern",)),
        ('{"winner": "B", "Secret": 1}', ("the answer breaks the schema's additionalProperties",)),
    ],
)
def test_shape_names_what_is_wrong_and_quotes_nothing(text: str, wanted: tuple[str, ...]) -> None:
    """Each fault says where it is and which rule is broken, in the words of the schema alone."""
    assert faults(VERDICT, text) == wanted


def test_shape_hides_names_that_only_the_answer_holds() -> None:
    """A key that the model made up may be anything, so its place is a star."""
    schema = {"type": "object", "additionalProperties": {"type": "integer"}}
    assert faults(schema, '{"my secret": "x"}') == ("* breaks the schema's type",)


def test_shape_lists_a_few_faults_only() -> None:
    """A hopeless answer is not described to its end."""
    schema = {"type": "array", "items": {"type": "integer"}}
    assert len(faults(schema, str(["x"] * 50).replace("'", '"'))) == 8


def test_shape_of_any_object() -> None:
    """`json_object` asks for an object and no more; a text asks for nothing."""
    shape = shape_of(ResponseFormat(type="json_object"))
    assert shape is not None
    assert shape.faults('{"a": 1}') == ()
    assert shape.faults("[1]") == ("the answer is no JSON object",)
    assert shape_of(ResponseFormat(type="text")) is None
    assert shape_of(None) is None


@pytest.mark.parametrize(
    "schema,field",
    [
        ({"type": "nonsense"}, "response_format.json_schema.type"),
        ({"properties": {"a": {"pattern": "("}}}, "response_format.json_schema.properties.a.pattern"),
        ({"properties": {"a": {"pattern": "(a{1,900}){1,900}"}}}, "response_format.json_schema.properties.a.pattern"),
        ({"$ref": "#/$defs/nowhere"}, "response_format.json_schema"),
        ({"$schema": "https://example.com/own"}, "response_format.json_schema"),
    ],
)
def test_shape_refuses_what_is_no_schema(schema: dict[str, Any], field: str) -> None:
    """The error names the place in the schema, and nothing is fetched to find out."""
    with pytest.raises(InvalidRequestError) as caught:
        shape_of(ResponseFormat(type="json_schema", json_schema=schema))
    assert [one.field for one in caught.value.errors] == [field]


def test_shape_pattern_cannot_explode() -> None:
    """Patterns that take others years are judged at once, with and without lookarounds."""
    began = time.process_time()
    for pattern in (r"^(a+)+$", r"^(?=(a+)+$)\w+$", r"^(?:(a|aa)+)+\1$"):
        assert faults({"type": "string", "pattern": pattern}, '"' + "a" * 5_000 + '!"') != ()
    assert time.process_time() - began < 5


def test_schema_that_multiplies_is_refused() -> None:
    """References that double at each step would take for ever, and so would thousands of patterns."""
    doubling: dict[str, Any] = {
        f"d{step}": {"allOf": [{"$ref": f"#/$defs/d{step + 1}"}, {"$ref": f"#/$defs/d{step + 1}"}]}
        for step in range(40)
    }
    schema = {"$defs": {**doubling, "d40": {"type": "integer"}}, "$ref": "#/$defs/d0"}
    assert "too long" in (excess(schema) or "")
    many = {"properties": {f"p{number}": {"pattern": "a"} for number in range(MAX_PATTERNS + 1)}}
    assert "101 patterns" in (excess(many) or "")
    keyed = {"patternProperties": {f"^a{number}$": {} for number in range(MAX_PATTERNS + 1)}}
    assert "101 patterns" in (excess(keyed) or "")
    with pytest.raises(InvalidRequestError, match="too long"):
        shape_of(ResponseFormat(type="json_schema", json_schema=schema))


@pytest.mark.parametrize("spelling", ["#d{}", "#/$defs/%64{}"])
def test_schema_that_multiplies_by_another_spelling_is_refused(spelling: str) -> None:
    """An anchor, or an escaped pointer, leads to the same place as the plain pointer."""
    steps = {
        f"d{step}": {"$anchor": f"d{step}", "allOf": [{"$ref": spelling.format(step + 1)}] * 2} for step in range(40)
    }
    schema = {"$defs": {**steps, "d40": {"$anchor": "d40"}}, "$ref": spelling.format(0)}
    assert "too long" in (excess(schema) or "")


def test_schema_whose_references_start_elsewhere_is_refused() -> None:
    """Below an inner `$id` a pointer means another place; without references it means nothing."""
    inner = {"$id": "https://example.com/inner", "properties": {"a": {"type": "integer"}}}
    assert "$id" in (excess({"properties": {"x": inner, "y": {"$ref": "#/properties/x"}}}) or "")
    assert excess({"properties": {"x": inner}}) is None


def test_schema_of_nested_unevaluated_is_refused() -> None:
    """Each level looks at all that is below it once more, and so once more again."""
    schema: dict[str, Any] = {"properties": {f"p{number}": {} for number in range(100)}}
    for _ in range(20):
        schema = {"allOf": [schema], "unevaluatedProperties": False}
    assert "too long" in (excess(schema) or "")


def test_schema_may_have_many_properties_called_pattern() -> None:
    """A property's name is no pattern."""
    assert (
        excess({"properties": {f"p{n}": {"properties": {"pattern": {"type": "string"}}} for n in range(150)}}) is None
    )


def test_schema_may_refer_into_a_list() -> None:
    """A pointer may count."""
    assert excess({"$ref": "#/allOf/0", "allOf": [{"type": "integer"}]}) is None
    assert excess({"$ref": "#/allOf/7", "allOf": [{"type": "integer"}]}) is None


def test_schema_that_is_deep_is_refused() -> None:
    """Depth is no reason for a crash."""
    deep: dict[str, Any] = {}
    for _ in range(3_000):
        deep = {"allOf": [deep]}
    assert excess(deep) == "is nested too deeply to be checked"


@pytest.mark.parametrize(
    "schema",
    [
        {"$defs": {"n": {"properties": {"next": {"$ref": "#/$defs/n"}}}}, "$ref": "#/$defs/n"},
        {"properties": {"a/b": {"type": "integer"}}, "items": {"$ref": "#/properties/a~1b"}},
        {"$ref": "#"},
        {"$ref": "#/nowhere/else"},
        VERDICT,
    ],
)
def test_schema_of_ordinary_size_is_taken(schema: dict[str, Any]) -> None:
    """A schema may refer to itself, as trees do."""
    assert excess(schema) is None


@pytest.mark.parametrize(
    "text,inside",
    [
        ('```json\n{"a": 1}\n```', '{"a": 1}'),
        ("  ```\n[1]\n``` \n", "[1]"),
        ('Here it is: ```json\n{"a": 1}\n```', None),
        ('{"a": 1}', None),
    ],
)
def test_fence_is_taken_off_only_when_it_holds_all(text: str, inside: str | None) -> None:
    """What stands outside the fence may change what is inside."""
    assert unfenced(text) == inside


@pytest.mark.parametrize("reason", list(FinishReason))
def test_judged_is_only_what_claims_to_be_whole(reason: FinishReason) -> None:
    """An answer that was cut, refused, or asks for tools, is returned as such."""
    text = Message(role=Role.ASSISTANT, content=(TextPart(text="x"),))
    assert is_judged(Reply(message=text, finish_reason=reason)) == (reason is FinishReason.STOP)
    calls = Message(role=Role.ASSISTANT, content=(ToolCallPart(id="1", name="n", arguments="{}"),))
    assert not is_judged(Reply(message=calls, finish_reason=FinishReason.STOP))
