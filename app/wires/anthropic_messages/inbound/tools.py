"""Which tools does a request offer, and must one be used?

The vendor's own tools (its web search) have no place in a conversation: with one of them only a vendor of this dialect
can be asked, and the whole list goes to `extras` as it came, beside the tools that we understood.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from app.wires.cache_marks import read_mark
from app.wires.demands import STRANGE
from app.wires.free_json import read_schema
from app.wires.place import Place
from app.wires.request_fields import MOST_TOOLS, refuse_same_names
from contracts.chat import Tool, ToolChoice

_FIELDS = frozenset({"type", "name", "description", "input_schema", "strict", "cache_control"})
# Longer than elsewhere; another vendor says it itself where it takes no such name.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_MODES = {"auto": "auto", "any": "required", "tool": "tool", "none": "none"}


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
    if not place.is_object():
        return Toolbox(tools=tools, extras=extras)
    mode = place.need("type").word(*_MODES)
    place.ignore_others({"type", "name", "disable_parallel_tool_use"})
    is_single = place.at("disable_parallel_tool_use").flag()
    choice = None
    if mode is None and place.at("type").is_given:
        place.demand(STRANGE)
        extras["tool_choice"] = place.value
    elif mode == "tool" and place.at("name").value in foreign:
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
    entries = [entry for entry in place.entries(most=MOST_TOOLS) if entry.is_object(required=True)]
    foreign = [entry for entry in entries if _is_foreign(entry.value)]
    for entry in foreign:
        entry.demand(STRANGE)
    if foreign:
        extras["tools"] = place.value
    own = [entry for entry in entries if not _is_foreign(entry.value)]
    refuse_same_names(own)
    return tuple(map(_tool, own)), [entry.value.get("name") for entry in foreign]


def _is_foreign(tool: Mapping[str, Any]) -> bool:
    kind = tool.get("type")
    return isinstance(kind, str) and kind != "custom"


def _tool(place: Place) -> Tool:
    place.at("type").word("custom")
    place.ignore_others(_FIELDS)
    return Tool(
        name=place.need("name").text(pattern=_NAME) or "",
        description=place.text_at("description"),
        parameters=read_schema(place.need("input_schema")),
        strict=place.flag_at("strict"),
        cache_control=read_mark(place),
    )


def _choice(place: Place, mode: str, tools: tuple[Tool, ...]) -> ToolChoice:
    name = place.need("name").name() if mode == "tool" else None
    if name and name not in [tool.name for tool in tools]:
        place.at("name").wrong("must be that of a tool that is given")
    return ToolChoice(mode=cast(Literal["auto", "none", "required", "tool"], mode), name=name)
