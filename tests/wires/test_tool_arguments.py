"""Do malformed arguments of an earlier call reach every dialect that takes objects, wrapped alike?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.wires.notes import Notes
from app.wires.tool_arguments import arguments_object, object_of
from contracts.calls import ModelCall
from contracts.chat import Message, Role, TextPart, ToolCallPart, ToolResultPart
from tests.referees.feature import said, user
from tests.referees.our_side import exchange_of
from tests.wires.vendor_cases import model_of

MALFORMED = ["[1]", "{", '"a"', "null", "1e999", "NaN{", '{"a": NaN}', '{"a": [-Infinity]}']


@pytest.mark.parametrize("text", MALFORMED)
def test_arguments_that_are_no_object_are_wrapped_and_named(text: str) -> None:
    """The vendor gets the text as the model wrote it, and the caller a warning."""
    notes = Notes()
    assert arguments_object(ToolCallPart(id="c", name="look", arguments=text), notes) == {"INVALID_JSON": text}
    assert notes.warnings == ("the arguments of an earlier call of look are no JSON object: sent as text",)


@pytest.mark.parametrize(
    "text,value",
    [("", {}), (" ", {}), ("{}", {}), ('{"a":[1.50]}', {"a": [Decimal("1.50")]})],
)
def test_arguments_that_are_an_object_are_that_object(text: str, value: dict[str, Any]) -> None:
    """With every digit; no text at all is a call without arguments."""
    notes = Notes()
    assert arguments_object(ToolCallPart(id="c", name="look", arguments=text), notes) == value
    assert (object_of(text), notes.warnings) == ((value, True), ())


@pytest.mark.parametrize("name", ["anthropic", "gemini", "ollama"])
def test_conversation_with_a_cut_call_goes_on(name: str) -> None:
    """No dialect refuses the turn, and all say the same of it."""
    call = ToolCallPart(id="c1", name="look", arguments='{"at":')
    turns = (
        Message(role=Role.ASSISTANT, content=(call,)),
        Message(role=Role.TOOL, content=(ToolResultPart(tool_call_id="c1", content=(TextPart(text="no JSON"),)),)),
    )
    asked: ModelCall = said("", "", user("Look."), *turns).call(name)
    encoded = exchange_of(asked, name=name, model=model_of(name), stream=False).encoded
    assert encoded.warnings == ("the arguments of an earlier call of look are no JSON object: sent as text",)
    assert "'INVALID_JSON': '{\"at\":'" in str(encoded.body)
