"""Which tools may be called, which must be, and in which shape is the answer due?

Tools and choices of kinds that only OpenAI has are kept beside the conversation, for a vendor of this dialect.
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


def read_tools(body: Place, extras: dict[str, Any]) -> tuple[Tool, ...]:
    """The functions of `tools`, or of the older `functions`. Custom tools put the whole list into `extras` too."""
    entries, older = body.at("tools").entries(most=MOST_TOOLS), body.at("functions").entries(most=MOST_TOOLS)
    if entries and older:
        body.at("functions").wrong("must be left out where tools are given")
    if any(_is_custom(entry) for entry in entries):
        extras["tools"] = body.value["tools"]
    tools = [_tool(entry) for entry in entries if not _is_custom(entry)]
    tools += [_function(entry, entry) for entry in older]
    _no_name_twice(tools, body.at("functions" if older else "tools"))
    return tuple(tools)


def read_choice(body: Place, tools: tuple[Tool, ...], extras: dict[str, Any]) -> ToolChoice | None:
    """What `tool_choice`, or the older `function_call`, asks. A choice among custom tools goes into `extras`."""
    place = body.at("tool_choice")
    if place.is_given:
        choice = _choice(place, extras)
    else:
        place = body.at("function_call")
        choice = _named(place) if isinstance(place.value, dict) else _mode(place, "auto", "none")
    has_others = "tools" in extras or "tool_choice" in extras
    if choice is None or has_others:
        return choice
    if choice.mode in ("required", "tool") and not tools:
        place.wrong("must be left out, auto or none where no tools are given")
    elif choice.name is not None and choice.name not in [tool.name for tool in tools]:
        place.wrong("must name one of the tools that are given")
    return choice


def read_format(place: Place) -> ResponseFormat | None:
    """What `response_format` asks; `text` is what an answer is anyway."""
    if not place.is_object():
        return None
    kind = place.need("type").one_of("text", "json_object", "json_schema")
    if kind == "json_object":
        return ResponseFormat(type="json_object")
    if kind != "json_schema":
        return None
    shape = place.need("json_schema")
    if not shape.is_object():
        return None
    schema = read_schema(shape.need("schema"))
    about = shape.at("description").text()
    if about and "description" not in schema:
        schema = {"description": about, **schema}
    name = shape.need("name").text(pattern=_NAME) or "answer"
    # OpenAI is not strict unless it is told so.
    return ResponseFormat(type="json_schema", json_schema=schema, name=name, strict=shape.at("strict").flag() or False)


def _is_custom(entry: Place) -> bool:
    return isinstance(entry.value, dict) and entry.value.get("type") == "custom"


def _tool(entry: Place) -> Tool:
    if not entry.is_object(required=True):
        return Tool(name="")
    entry.at("type").one_of("function", "custom")
    return _function(entry, entry.need("function"))


def _function(entry: Place, function: Place) -> Tool:
    if not function.is_object(required=entry is function):
        return Tool(name="")
    parameters = function.at("parameters")
    tool = Tool(
        name=function.need("name").text(pattern=_NAME) or "",
        description=function.at("description").text(),
        strict=function.at("strict").flag(),
        cache_control=read_mark(entry) or read_mark(function),
    )
    if not parameters.is_given:
        return tool
    schema = read_schema(parameters)
    return Tool(
        name=tool.name,
        description=tool.description,
        parameters=schema,
        strict=tool.strict,
        cache_control=tool.cache_control,
    )


def _no_name_twice(tools: list[Tool], place: Place) -> None:
    names = [tool.name for tool in tools if tool.name]
    if len(set(names)) != len(names):
        place.wrong("must not have two tools of the same name")


def _choice(place: Place, extras: dict[str, Any]) -> ToolChoice | None:
    if not isinstance(place.value, dict):
        return _mode(place, "auto", "none", "required")
    kind = place.need("type").one_of("function", "custom", "allowed_tools")
    if kind == "function":
        function = place.need("function")
        return _named(function) if function.is_object() else None
    if kind is None:
        return None
    extras["tool_choice"] = place.value
    allowed = place.at("allowed_tools")
    return _mode(allowed.at("mode"), "auto", "required") if kind == "allowed_tools" and allowed.is_object() else None


def _mode(place: Place, *words: str) -> ToolChoice | None:
    word = place.one_of(*words)
    return ToolChoice(mode=cast("Literal['auto', 'none', 'required']", word)) if word else None


def _named(function: Place) -> ToolChoice:
    return ToolChoice(mode="tool", name=function.need("name").name())
