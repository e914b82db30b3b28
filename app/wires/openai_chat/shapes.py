"""How are tools and the wanted shape of an answer written?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from app.wires.cache_marks import written_mark
from app.wires.notes import Notes
from app.wires.openai_chat.grammar_cost import MAX_CHOICES, choices, without_patterns
from app.wires.openai_chat.quirks import Quirks
from contracts.chat import ResponseFormat, Tool, ToolChoice


def encode_tools(tools: Sequence[Tool], *, quirks: Quirks) -> list[dict[str, Any]]:
    """The `tools` field; schemas go through untouched."""
    return [_tool(tool, quirks) for tool in tools]


def encode_tool_choice(choice: ToolChoice) -> Any:
    """The `tool_choice` field."""
    if choice.mode == "tool":
        return {"type": "function", "function": {"name": choice.name}}
    return choice.mode


def encode_format(body: dict[str, Any], shape: ResponseFormat, *, provider: str, quirks: Quirks, notes: Notes) -> None:
    """Sets `response_format`. A vendor without JSON Schema gets its JSON mode and the schema as an instruction."""
    if shape.type == "text":
        return
    if shape.type == "json_schema" and _is_taken(shape, quirks):
        schema = {"name": shape.name, "schema": _sent(shape, provider, quirks, notes), "strict": shape.strict}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return
    body["response_format"] = {"type": "json_object"}
    if shape.type == "json_schema":
        schema_text = json.dumps(shape.json_schema, ensure_ascii=False)
        instruction = f"Answer with one JSON object only. It must be valid under this JSON Schema:\n{schema_text}"
        body["messages"] = [{"role": "system", "content": instruction}, *body["messages"]]
        obstacle = "none of so many choices" if quirks.takes_json_schema else "no schema"
        notes.say(
            f"response_format json_schema was sent as an instruction: {provider} enforces JSON, but {obstacle}",
        )


def _is_taken(shape: ResponseFormat, quirks: Quirks) -> bool:
    if quirks.compiles_schemas and choices(shape.json_schema or {}) > MAX_CHOICES:
        return False
    return quirks.takes_json_schema


def _sent(shape: ResponseFormat, provider: str, quirks: Quirks, notes: Notes) -> Any:
    if not quirks.compiles_schemas:
        return shape.json_schema
    sent = without_patterns(shape.json_schema)
    if sent != shape.json_schema:
        notes.say(f"response_format: patterns were not sent, {provider} does not enforce them")
    return sent


def _tool(tool: Tool, quirks: Quirks) -> dict[str, Any]:
    written: dict[str, Any] = {"type": "function", "function": _function(tool)}
    if tool.cache_control is not None and quirks.takes_cache_marks:
        written["cache_control"] = written_mark(tool.cache_control)
    return written


def _function(tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name, "parameters": tool.parameters}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.strict is not None:
        function["strict"] = tool.strict
    return function
