"""Does the check of an answer end in time, whatever schema and answer are?"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from app.engine.check_budget import Extent
from app.engine.shape import shape_of
from contracts.chat import ResponseFormat

TOO_LARGE = ("the answer is too large to be checked under its schema",)
UNEXPLAINED = ("the answer breaks the schema",)
AGAIN = {"$ref": "#"}
EMAIL = r"^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$"


def faults(schema: dict[str, Any], text: str) -> tuple[str, ...]:
    """What is wrong with `text` under `schema`."""
    shape = shape_of(ResponseFormat(type="json_schema", json_schema=schema))
    assert shape is not None
    return shape.faults(text)


def nested(depth: int, inmost: Any) -> Any:
    """`inmost` in as many lists."""
    for _ in range(depth):
        inmost = [inmost]
    return inmost


@pytest.mark.parametrize(
    "schema,answer,wanted",
    [
        ({"anyOf": [{"type": "array", "items": AGAIN}] * 2}, nested(40, {}), UNEXPLAINED),
        ({"allOf": [{"items": AGAIN}] * 2}, nested(40, 1), ()),
        ({"items": {"anyOf": [{"const": f"x{number}"} for number in range(2500)]}}, ["y"] * 500, UNEXPLAINED),
        ({"items": {"anyOf": [{"const": f"x{number}"} for number in range(2500)]}}, ["y"] * 20_000, TOO_LARGE),
        ({"items": {"pattern": r"(?=(a+))\1*b"}}, ["a" * 2_000] * 2_000, TOO_LARGE),
        (
            {"items": {"allOf": [{"pattern": f"[a-z]{{1,200}}{n}$"} for n in range(90)]}},
            ["abc" * 80] * 2_000,
            TOO_LARGE,
        ),
        ({"items": {"type": "object"}}, [{}] * 600_000, TOO_LARGE),
    ],
)
def test_check_holds_nobody_up(schema: dict[str, Any], answer: Any, wanted: tuple[str, ...]) -> None:
    """The validator cannot be stopped, so what would take it seconds, or years, is not begun."""
    text = json.dumps(answer)
    began = time.process_time()
    assert faults(schema, text) == wanted
    assert time.process_time() - began < 2


@pytest.mark.parametrize("digits,wanted", [(100, ()), (101, ("the answer holds a number of more than 100 digits",))])
def test_check_takes_no_endless_numbers(digits: int, wanted: tuple[str, ...]) -> None:
    """A thousand numbers of four thousand digits take the validator fifteen seconds."""
    assert faults({"items": {"type": "integer"}}, f"[{'9' * digits}]") == wanted


@pytest.mark.parametrize("answer", ['"\\ud800"', '{"\\uD800": 1}', '{"a": ["\\udfff\\ud83d"]}'])
def test_check_takes_no_half_of_a_surrogate_pair(answer: str) -> None:
    """JSON can write it, and it is no text; a whole pair is."""
    (fault,) = faults({"minLength": 1}, answer)
    assert "surrogate" in fault
    assert faults({"minLength": 1}, '"\\ud83d\\ude00"') == ()


@pytest.mark.parametrize("count", [1, 20, 200, 1_000])
def test_check_follows_lookarounds_in_answers_of_any_usual_size(count: int) -> None:
    """A list of addresses is checked as one address is."""
    schema = {"type": "array", "items": {"type": "string", "pattern": EMAIL}}
    good = ["some.long-name.of+someone@mail.example-company.co.uk"] * count
    assert faults(schema, json.dumps(good)) == ()
    assert faults(schema, json.dumps([*good[1:], "no..one@example.com"])) == (
        f"{count - 1} breaks the schema's pattern",
    )


def test_check_explains_what_is_wrong_in_a_tree() -> None:
    """A schema that refers to itself once at each level is explained to its leaves."""
    tree = {"type": "object", "properties": {"name": {"type": "string"}, "below": {"items": AGAIN}}}
    answer = {"name": "a", "below": [{"name": "b", "below": [{"name": 3}]}]}
    assert faults(tree, json.dumps(answer)) == ("below.0.below.0.name breaks the schema's type",)


def test_extent_counts_values_names_and_depth() -> None:
    """Names are searched by patterns as values are."""
    assert Extent.of({"a": [1, {"b": "c"}]}, characters=17) == Extent(values=7, depth=4, characters=17)
