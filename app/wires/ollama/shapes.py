"""How are tools, the wanted shape of an answer and the wish to think written?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.wires.notes import Notes
from contracts.chat import ReasoningEffort, ResponseFormat, Tool

_OF_THE_CLOUD = ("-cloud", ":cloud")
_NEAREST = {
    ReasoningEffort.NONE: "low",
    ReasoningEffort.MINIMAL: "low",
    ReasoningEffort.XHIGH: "high",
    ReasoningEffort.MAX: "high",
}


def encode_tools(tools: Sequence[Tool], *, provider: str, notes: Notes) -> list[dict[str, Any]]:
    """The `tools` field; schemas go through untouched."""
    if any(tool.strict for tool in tools):
        notes.leave_out("tools.strict", f"strict of a tool was not sent: {provider} does not know it")
    return [{"type": "function", "function": _function(tool)} for tool in tools]


def encode_format(shape: ResponseFormat | None, *, provider: str, model: str, notes: Notes) -> dict[str, Any]:
    """The `format` field: `json`, or the schema itself, by which decoding is constrained. A schema has no name here."""
    if shape is None or shape.type == "text":
        return {}
    if model.endswith(_OF_THE_CLOUD):
        # docs.ollama.com/capabilities/structured-outputs: its cloud does not support them.
        notes.say(
            f"response_format {shape.type} was sent, but Ollama's cloud, where {model} runs, enforces none",
        )
    elif shape.type == "json_schema" and not shape.strict:
        notes.say(f"response_format strict false was not sent: {provider} always enforces a schema")
    return {"format": "json" if shape.type == "json_object" else shape.json_schema}


def encode_think(
    effort: ReasoningEffort | None, levels: tuple[str, ...] | None, *, model: str, notes: Notes
) -> dict[str, Any]:
    """The `think` field.

    `levels` are those that `model` knows; empty: on and off only; None: it cannot think, and would answer 400 to true.
    """
    if effort is None:
        return {}
    if levels is None:
        if effort is not ReasoningEffort.NONE:
            notes.leave_out("reasoning_effort", f"reasoning_effort was not sent: {model} does not reason")
        return {}
    if levels:
        level = effort.value if effort.value in levels else _NEAREST.get(effort, "medium")
        if level != effort.value:
            notes.leave_out(
                "reasoning_effort", f"reasoning_effort {effort} was sent as {level}: {model} knows {', '.join(levels)}"
            )
        return {"think": level}
    if effort is not ReasoningEffort.NONE:
        notes.leave_out(
            "reasoning_effort", f"reasoning_effort {effort} was sent as think true: no levels are known of {model}"
        )
    return {"think": effort is not ReasoningEffort.NONE}


def _function(tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name, "parameters": tool.parameters}
    if tool.description is not None:
        function["description"] = tool.description
    return function
