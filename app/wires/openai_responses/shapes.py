"""How are tools and the wanted shape of an answer written?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contracts.chat import ResponseFormat, Tool, ToolChoice


def encode_tools(tools: Sequence[Tool]) -> list[dict[str, Any]]:
    """The `tools` field; schemas go through untouched."""
    return [_function(tool) for tool in tools]


def encode_tool_choice(choice: ToolChoice) -> Any:
    """The `tool_choice` field."""
    return {"type": "function", "name": choice.name} if choice.mode == "tool" else choice.mode


def encode_format(shape: ResponseFormat) -> dict[str, Any] | None:
    """The `text` field; None for plain text, which is what comes without it."""
    if shape.type == "text":
        return None
    if shape.type == "json_object":
        return {"format": {"type": "json_object"}}
    return {
        "format": {"type": "json_schema", "name": shape.name, "schema": shape.json_schema, "strict": shape.strict},
    }


def _function(tool: Tool) -> dict[str, Any]:
    # Left out, `strict` is taken as true here (function calling, "Strict mode"), as false by every other vendor.
    function = {"type": "function", "name": tool.name, "parameters": tool.parameters, "strict": bool(tool.strict)}
    return function if tool.description is None else {**function, "description": tool.description}
