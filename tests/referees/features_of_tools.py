"""Which features are of tools: what is offered, whether one must be used, and what calls and answers look like?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contracts.chat import ImagePart, Message, TextPart, Tool, ToolCallPart, ToolChoice, ToolResultPart
from tests.referees.feature import Feature, assistant, owned, said, tool, user
from tests.referees.features_of_turns import PIXEL, thought_of

CITY_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "Its name."}},
    "required": ["city"],
    "additionalProperties": False,
}
WEATHER = Tool(name="weather", description="Weather of a city.", parameters=CITY_SCHEMA)
NOW = Tool(name="now")
QUESTION = user("Weather in Bonn?")


def _offered(name: str, row: str, **asked: Any) -> Feature:
    return said(name, row, QUESTION, tools=(WEATHER, NOW), **asked)


def _chosen(name: str, row: str, choice: ToolChoice) -> Feature:
    return _offered(name, row, tool_choice=choice)


def _answered(name: str, row: str, *turns: Message) -> Feature:
    return said(name, row, QUESTION, *turns, tools=(WEATHER, NOW))


def _call(number: int, arguments: str = '{"city":"Bonn"}', name: str = "weather") -> ToolCallPart:
    return ToolCallPart(id=f"call_{number}", name=name, arguments=arguments)


def _result(number: int, text: str, *, is_error: bool = False) -> ToolResultPart:
    return ToolResultPart(tool_call_id=f"call_{number}", content=(TextPart(text=text),), is_error=is_error)


_SEEN = ToolResultPart(
    tool_call_id="call_1", content=(TextPart(text="As seen:"), ImagePart(data=PIXEL, media_type="image/png"))
)

_FAILED = _result(1, "No answer.", is_error=True)
_RESULTS = "tool calls and results, parallel ones"

TOOL_FEATURES = (
    _offered("tools", "tools"),
    said("strict tool", "`strict` tools", QUESTION, tools=(replace(WEATHER, strict=True),)),
    _chosen("choice auto", "tool choice `auto`, `none`", ToolChoice(mode="auto")),
    _chosen("choice none", "tool choice `auto`, `none`", ToolChoice(mode="none")),
    _chosen("choice required", "tool choice `required`, by name", ToolChoice(mode="required")),
    _chosen("choice by name", "tool choice `required`, by name", ToolChoice(mode="tool", name="weather")),
    _offered("no parallel calls", "`parallel_tool_calls: false`", parallel_tool_calls=False),
    _answered("call and result", _RESULTS, assistant(_call(1)), tool(_result(1, "Rain."))),
    _answered(
        "parallel calls",
        _RESULTS,
        assistant("I look.", _call(1), _call(2, "", "now")),
        tool(_result(1, "Rain."), _result(2, "12:00")),
        assistant("Rain at noon."),
        user("Thanks."),
    ),
    _answered("failed result", "failed tool result", assistant(_call(1)), tool(_FAILED)),
    _answered("image in a result", "image in a tool result", assistant(_call(1)), tool(_SEEN)),
    _answered(
        "malformed arguments",
        "malformed arguments of an earlier call",
        assistant(_call(1, '{"city":')),
        tool(_result(1, "No JSON.")),
    ),
)

# Where vendors insist on it: between a call and its answer.
OWN_REASONING = owned(
    "own reasoning",
    "its own reasoning goes back, signed",
    lambda provider: (QUESTION, assistant(thought_of(provider), _call(1)), tool(_result(1, "Rain."))),
    tools=(WEATHER, NOW),
)
