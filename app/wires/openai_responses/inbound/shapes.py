"""Which tools may be called, which must be, and in which shape is the answer due?

The vendor's own tools, and what is said of a function beyond our fields, are kept beside the conversation, for a
vendor of this dialect.
"""

from __future__ import annotations

import re
from typing import Any, Literal, cast

from app.wires.openai_chat.inbound.json_values import read_schema
from app.wires.openai_chat.inbound.parts import read_mark
from app.wires.openai_chat.inbound.place import Place
from contracts.chat import ResponseFormat, Tool, ToolChoice

MOST_TOOLS = 512
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MODES = ("auto", "none", "required")
_FUNCTION = "function"
_FUNCTION_FIELDS = {
    "type",
    "name",
    "description",
    "parameters",
    "strict",
    "cache_control",
    "prompt_cache_breakpoint",
}


def read_tools(body: Place, extras: dict[str, Any]) -> tuple[Tool, ...]:
    """The functions of `tools`. Where there is more than our fields hold, the whole list goes into `extras` too."""
    place = body.at("tools")
    entries = [entry for entry in place.entries(most=MOST_TOOLS) if entry.is_object(required=True)]
    functions = [entry for entry in entries if entry.need("type").name() == _FUNCTION]
    has_more = any(
        value is not None and name not in _FUNCTION_FIELDS for one in functions for name, value in one.value.items()
    )
    if has_more or len(functions) < len(entries):
        extras["tools"] = place.value
    tools = tuple(_function(entry) for entry in functions)
    names = [tool.name for tool in tools if tool.name]
    if len(set(names)) != len(names):
        place.wrong("must not have two tools of the same name")
    return tools


def read_choice(body: Place, tools: tuple[Tool, ...], extras: dict[str, Any]) -> ToolChoice | None:
    """What `tool_choice` asks. A choice among the vendor's own tools goes into `extras`."""
    place = body.at("tool_choice")
    choice = _choice(place, extras) if isinstance(place.value, dict) else _mode(place, *_MODES)
    if choice is None or "tools" in extras or "tool_choice" in extras:
        return choice
    if choice.mode in ("required", "tool") and not tools:
        place.wrong("must be left out, auto or none where no tools are given")
    elif choice.name is not None and choice.name not in [tool.name for tool in tools]:
        place.wrong("must name one of the tools that are given")
    return choice


def read_format(text: Place, extras: dict[str, Any]) -> ResponseFormat | None:
    """What `text.format` asks; plain text is what an answer is anyway. Other wishes for the text go into `extras`."""
    if not text.is_object():
        return None
    more = {name: value for name, value in text.value.items() if name != "format" and value is not None}
    if more:
        extras["text"] = more
    shape = text.at("format")
    kind = shape.need("type").one_of("text", "json_object", "json_schema") if shape.is_object() else None
    if kind == "json_object":
        return ResponseFormat(type="json_object")
    return _schema(shape) if kind == "json_schema" else None


def _has_more(function: Place) -> bool:
    return any(value is not None and name not in _FUNCTION_FIELDS for name, value in function.value.items())


def _schema(shape: Place) -> ResponseFormat:
    schema = read_schema(shape.need("schema"))
    about = shape.at("description").text()
    if about and "description" not in schema:
        schema = {"description": about, **schema}
    name = shape.need("name").text(pattern=_NAME) or "answer"
    # OpenAI is not strict here unless it is told so.
    return ResponseFormat(type="json_schema", json_schema=schema, name=name, strict=shape.at("strict").flag() or False)


def _function(entry: Place) -> Tool:
    fields: dict[str, Any] = {
        "name": entry.need("name").text(pattern=_NAME) or "",
        "description": entry.at("description").text(),
        "strict": entry.at("strict").flag(),
        "cache_control": read_mark(entry),
    }
    if entry.at("parameters").is_given:
        fields["parameters"] = read_schema(entry.at("parameters"))
    return Tool(**fields)


def _choice(place: Place, extras: dict[str, Any]) -> ToolChoice | None:
    kind = place.need("type").name()
    if kind == _FUNCTION:
        return ToolChoice(mode="tool", name=place.need("name").name())
    if kind:
        extras["tool_choice"] = place.value
    return _mode(place.at("mode"), "auto", "required") if kind == "allowed_tools" else None


def _mode(place: Place, *words: str) -> ToolChoice | None:
    word = place.one_of(*words)
    return ToolChoice(mode=cast("Literal['auto', 'none', 'required']", word)) if word else None
