"""Which tools may be called, which must be, and in which shape is the answer due?

Tools and choices of kinds that only OpenAI has are kept beside the conversation, for a vendor of this dialect.
"""

from __future__ import annotations

from typing import Any, Literal, cast

from app.wires.demands import STRANGE
from app.wires.free_json import read_schema
from app.wires.openai_chat.inbound.parts import MARK_FIELDS, read_mark
from app.wires.place import Place
from app.wires.request_fields import MOST_TOOLS, TOOL_NAME, refuse_same_names
from contracts.chat import CacheControl, ResponseFormat, Tool, ToolChoice

_TOOL_FIELDS = frozenset({"tools", "functions"})
_CHOICE_FIELDS = frozenset({"tool_choice", "function_call"})
_KINDS = ("text", "json_object", "json_schema")
_SHAPE_FIELDS = frozenset({"name", "description", "schema", "strict"})
_ENTRY_FIELDS = frozenset({"type", "function", *MARK_FIELDS})
_FUNCTION_FIELDS = frozenset({"name", "description", "parameters", "strict", *MARK_FIELDS})


def read_tools(body: Place, extras: dict[str, Any]) -> tuple[Tool, ...]:
    """The functions of `tools`, or of the older `functions`. Tools of another type put the whole list into `extras`."""
    if not body.says_any(_TOOL_FIELDS):
        return ()
    entries, older = body.at("tools").entries(most=MOST_TOOLS), body.at("functions").entries(most=MOST_TOOLS)
    if entries and older:
        body.at("functions").wrong("must be left out where tools are given")
    strange = [entry for entry in entries if _is_strange(entry)]
    for entry in strange:
        entry.demand(STRANGE)
    if strange:
        extras["tools"] = body.value["tools"]
    newer = [entry for entry in entries if not _is_strange(entry)]
    refuse_same_names([*(entry.at("function") for entry in newer), *older])
    return (*map(_tool, newer), *(_function(entry, entry) for entry in older))


def read_choice(body: Place, tools: tuple[Tool, ...], extras: dict[str, Any]) -> ToolChoice | None:
    """What `tool_choice`, or the older `function_call`, asks. A choice that is not ours goes into `extras`."""
    if not body.says_any(_CHOICE_FIELDS):
        return None
    place = body.at("tool_choice")
    if place.is_given:
        choice = _choice(place, extras)
    else:
        place = body.at("function_call")
        choice = _named(place) if isinstance(place.value, dict) else read_mode(place, extras, "auto", "none")
    check_choice(choice, tools, place, extras)
    return choice


def check_choice(choice: ToolChoice | None, tools: tuple[Tool, ...], place: Place, extras: dict[str, Any]) -> None:
    """A choice must be one of `tools`, unless tools that only the vendor knows are in `extras`."""
    if choice is None or "tools" in extras or "tool_choice" in extras:
        return
    if choice.mode in ("required", "tool") and not tools:
        place.wrong("must be left out, auto or none where no tools are given")
    elif choice.name is not None and choice.name not in [tool.name for tool in tools]:
        place.wrong("must name one of the tools that are given")


def read_format(place: Place, extras: dict[str, Any]) -> ResponseFormat | None:
    """What `response_format` asks; `text` is what an answer is anyway. One that is not ours goes into `extras`."""
    if not place.is_object():
        return None
    if is_strange_format(place):
        extras["response_format"] = place.value
        return None
    place.ignore_others({"type", "json_schema"})
    kind = read_kind(place)
    if kind != "json_schema":
        return kind
    shape = place.need("json_schema")
    shape.ignore_others(_SHAPE_FIELDS)
    return read_shape(shape) if shape.is_object() else None


def is_strange_format(place: Place) -> bool:
    """Whether the shape at `place` is of a type that is not ours, which is a demand."""
    kind = place.at("type")
    is_strange = isinstance(kind.value, str) and kind.word(*_KINDS) is None
    if is_strange:
        kind.demand(STRANGE)
    return is_strange


def read_kind(place: Place) -> ResponseFormat | Literal["json_schema"] | None:
    """The shape that the `type` at `place` says by itself; `text` says nothing."""
    match place.need("type").word(*_KINDS):
        case "json_object":
            return ResponseFormat(type="json_object")
        case "json_schema":
            return "json_schema"
        case _:
            return None


def read_shape(shape: Place) -> ResponseFormat:
    """The schema at `shape`, with its name and what is said of it."""
    schema = read_schema(shape.need("schema"))
    about = shape.text_at("description")
    if about and "description" not in schema:
        schema = {"description": about, **schema}
    name = shape.need("name").text(pattern=TOOL_NAME) or "answer"
    # OpenAI is not strict unless it is told so.
    return ResponseFormat(type="json_schema", json_schema=schema, name=name, strict=shape.flag_at("strict") or False)


def _is_strange(entry: Place) -> bool:
    kind = entry.value.get("type") if isinstance(entry.value, dict) else None
    return isinstance(kind, str) and kind != "function"


def _tool(entry: Place) -> Tool:
    if not entry.is_object(required=True):
        return Tool(name="")
    if entry.value.get("type") != "function":
        entry.at("type").word()
    entry.ignore_others(_ENTRY_FIELDS)
    return _function(entry, entry.need("function"))


def _function(entry: Place, function: Place) -> Tool:
    if not function.is_object(required=entry is function):
        return Tool(name="")
    function.ignore_others(_FUNCTION_FIELDS)
    return read_function(function, mark=read_mark(entry) or read_mark(function))


def read_function(function: Place, *, mark: CacheControl | None) -> Tool:
    """The tool that the object at `function` describes."""
    fields: dict[str, Any] = {
        "name": function.need("name").text(pattern=TOOL_NAME) or "",
        "description": function.text_at("description"),
        "strict": function.flag_at("strict"),
        "cache_control": mark,
    }
    parameters = function.at("parameters")
    if parameters.is_given:
        fields["parameters"] = read_schema(parameters)
    return Tool(**fields)


def _choice(place: Place, extras: dict[str, Any]) -> ToolChoice | None:
    if not isinstance(place.value, dict):
        return read_mode(place, extras, "auto", "none", "required")
    kind = place.need("type").name()
    if kind == "function":
        function = place.need("function")
        place.ignore_others({"type", "function"})
        return _named(function) if function.is_object() else None
    return strange_choice(place, place.at("allowed_tools"), extras) if kind else None


def strange_choice(place: Place, allowed: Place, extras: dict[str, Any]) -> ToolChoice | None:
    """What is ours of a choice among tools that are not, or of one that allows some: the `mode` at `allowed`."""
    place.demand(STRANGE)
    extras["tool_choice"] = place.value
    mode = allowed.at("mode").word("auto", "required")
    return ToolChoice(mode=cast("Literal['auto', 'required']", mode)) if mode else None


def read_mode(place: Place, extras: dict[str, Any], *words: str) -> ToolChoice | None:
    """The choice that one of `words` says; another word is a demand, and goes into `extras`."""
    word = place.word(*words)
    if word is None and isinstance(place.value, str):
        place.demand(STRANGE)
        extras[place.path] = place.value
    return ToolChoice(mode=cast("Literal['auto', 'none', 'required']", word)) if word else None


def _named(function: Place) -> ToolChoice:
    function.ignore_others({"name"})
    return ToolChoice(mode="tool", name=function.need("name").name())
