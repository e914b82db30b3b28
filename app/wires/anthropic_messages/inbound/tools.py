"""Which tools does a request offer, and must one be used?

The vendor's own tools (its web search) have no place in a conversation: with one of them, or with fields of a tool that
we do not know, the whole list goes to `extras` as it came, beside the tools that we understood.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from app.wires.anthropic_messages.inbound.marks import decode_mark
from app.wires.anthropic_messages.inbound.place import Place
from app.wires.anthropic_messages.inbound.shapes import says_more
from contracts.broken_rule import BrokenRuleError
from contracts.chat import Tool, ToolChoice
from contracts.json_schema import check_schema

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FIELDS = frozenset({"type", "name", "description", "input_schema", "strict", "cache_control"})
_MODES = {"auto": "auto", "any": "required", "tool": "tool", "none": "none"}
_MOST_TOOLS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolbox:
    """The tools, whether one must be used, and what of both has no place in a conversation."""

    tools: tuple[Tool, ...] = ()
    choice: ToolChoice | None = None
    may_be_parallel: bool | None = None
    extras: dict[str, Any] = field(default_factory=dict)


def decode_tools(body: Place) -> Toolbox:
    """`tools` and `tool_choice`."""
    extras: dict[str, Any] = {}
    tools, foreign = _tools(body.at("tools"), extras)
    place = body.at("tool_choice")
    if not place.is_given or not place.is_object():
        return Toolbox(tools=tools, extras=extras)
    mode = place.at("type").needed().one_of(_MODES)
    is_single = place.at("disable_parallel_tool_use").truth()
    choice = None
    if mode == "tool" and place.at("name").value in foreign:
        extras["tool_choice"] = place.value
    elif mode is not None:
        choice = _choice(place, _MODES[mode], tools)
        if mode == "any" and not (tools or foreign):
            place.wrong("must not be any without tools")
    return Toolbox(
        tools=tools, choice=choice, may_be_parallel=None if is_single is None else not is_single, extras=extras
    )


def _tools(place: Place, extras: dict[str, Any]) -> tuple[tuple[Tool, ...], list[Any]]:
    """The tools we understand, and the names of the vendor's own."""
    tools: list[Tool] = []
    foreign: list[Any] = []
    for one in place.items(most=_MOST_TOOLS):
        if not one.needed().is_object():
            continue
        is_foreign = _is_foreign(one.value)
        if is_foreign or says_more(one.value, _FIELDS):
            extras["tools"] = place.value
        if is_foreign:
            foreign.append(one.value.get("name"))
        else:
            tools.append(_tool(one, [tool.name for tool in tools]))
    return tuple(tools), foreign


def _is_foreign(tool: Mapping[str, Any]) -> bool:
    kind = tool.get("type")
    return isinstance(kind, str) and kind != "custom"


def _tool(place: Place, before: list[str]) -> Tool:
    place.at("type").one_of(["custom"])
    name = place.at("name").needed()
    called = name.matching(_NAME, "must have 1 to 64 letters, digits, _ and - only") or ""
    if called and called in before:
        name.wrong("must not be that of another tool")
    return Tool(
        name=called,
        description=place.at("description").text(),
        parameters=decode_schema(place.at("input_schema").needed()),
        strict=place.at("strict").truth(),
        cache_control=decode_mark(place),
    )


def decode_schema(place: Place) -> dict[str, Any]:
    """A JSON Schema of at most 64 KB that points nowhere outside."""
    schema = place.json_object()
    if schema is None:
        return {}
    try:
        check_schema(schema)
    except BrokenRuleError as error:
        place.breaks(error)
    return schema


def _choice(place: Place, mode: str, tools: tuple[Tool, ...]) -> ToolChoice:
    name = place.at("name").needed().name() if mode == "tool" else None
    if name is not None and name not in [tool.name for tool in tools]:
        place.at("name").wrong("must be that of a tool that is given")
    return ToolChoice(mode=cast(Literal["auto", "none", "required", "tool"], mode), name=name)
