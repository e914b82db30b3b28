"""Which tools may be called, which must be, and in which shape is the answer due?

The vendor's own tools, and what is said of a function beyond our fields, are kept beside the conversation, for a
vendor of this dialect.
"""

from __future__ import annotations

from typing import Any

from app.wires.demands import STRANGE
from app.wires.openai_chat.inbound.parts import MARK_FIELDS, read_mark
from app.wires.openai_chat.inbound.shapes import (
    check_choice,
    is_strange_format,
    read_function,
    read_kind,
    read_mode,
    read_shape,
    strange_choice,
)
from app.wires.place import Place
from app.wires.request_fields import MOST_TOOLS, refuse_same_names
from contracts.chat import ResponseFormat, Tool, ToolChoice

_MODES = ("auto", "none", "required")
_FUNCTION = "function"
_FUNCTION_FIELDS = ("type", "name", "description", "parameters", "strict", *MARK_FIELDS)
_FORMAT_FIELDS = frozenset({"type", "name", "description", "schema", "strict"})


def read_tools(body: Place, extras: dict[str, Any]) -> tuple[Tool, ...]:
    """The functions of `tools`. Where there is more than our fields hold, the whole list goes into `extras` too."""
    place = body.at("tools")
    if not place.is_given:
        return ()
    entries = [entry for entry in place.entries(most=MOST_TOOLS) if entry.is_object(required=True)]
    functions = [entry for entry in entries if entry.need("type").name() == _FUNCTION]
    for entry in entries:
        if entry.value.get("type") != _FUNCTION:
            entry.demand(STRANGE)
    if len(functions) < len(entries) or any(function.has_others(_FUNCTION_FIELDS) for function in functions):
        extras["tools"] = place.value
    refuse_same_names(functions)
    return tuple(read_function(function, mark=read_mark(function)) for function in functions)


def read_choice(body: Place, tools: tuple[Tool, ...], extras: dict[str, Any]) -> ToolChoice | None:
    """What `tool_choice` asks. A choice among the vendor's own tools goes into `extras`."""
    place = body.at("tool_choice")
    if not place.is_given:
        return None
    choice = _choice(place, extras) if isinstance(place.value, dict) else read_mode(place, extras, *_MODES)
    check_choice(choice, tools, place, extras)
    return choice


def read_format(text: Place, extras: dict[str, Any]) -> ResponseFormat | None:
    """What `text.format` asks; plain text is what an answer is anyway. Other wishes for the text go into `extras`."""
    if not text.is_object():
        return None
    more = {name: value for name, value in text.value.items() if name != "format" and value is not None}
    if more:
        extras["text"] = more
    shape = text.at("format")
    if shape.is_object() and is_strange_format(shape):
        extras["text"] = text.value
        return None
    kind = read_kind(shape) if shape.is_object() else None
    shape.ignore_others(_FORMAT_FIELDS)
    return read_shape(shape) if kind == "json_schema" else kind


def _choice(place: Place, extras: dict[str, Any]) -> ToolChoice | None:
    kind = place.need("type").name()
    if kind == _FUNCTION:
        place.ignore_others({"type", "name"})
        return ToolChoice(mode="tool", name=place.need("name").name())
    return strange_choice(place, place, extras) if kind else None
