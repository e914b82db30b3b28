"""How are tools, and whether one must be used, written?"""

from __future__ import annotations

from typing import Any

from app.wires.anthropic_messages.abilities import Abilities
from app.wires.cache_marks import written_mark
from app.wires.notes import Notes
from contracts.chat import Conversation, Tool, ToolChoice
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError

_MODES = {"auto": "auto", "none": "none", "required": "any"}


def encode_tools(
    conversation: Conversation, *, provider: str, model: str, abilities: Abilities, notes: Notes
) -> dict[str, Any]:
    """`tools` and `tool_choice`. Raises InvalidRequestError when a model that cannot be forced must use a tool."""
    if not conversation.tools:
        return {}
    body: dict[str, Any] = {"tools": [_tool(tool, model, abilities, notes) for tool in conversation.tools]}
    choice = _choice(conversation.tool_choice, conversation.parallel_tool_calls)
    if choice is None:
        return body
    if choice["type"] in ("any", "tool") and not abilities.takes_forced_tools:
        # Fable 5.1 and the 5.5 models but Haiku: "type tool and any are not supported for this model".
        fact = f"{model} cannot be made to use a tool: send tool_choice auto and say it in words"
        raise InvalidRequestError(fact, provider=provider, errors=[FieldError(field="tool_choice", message=fact)])
    return {**body, "tool_choice": choice}


def _tool(tool: Tool, model: str, abilities: Abilities, notes: Notes) -> dict[str, Any]:
    written: dict[str, Any] = {"name": tool.name, "input_schema": {"type": "object", **tool.parameters}}
    if tool.description is not None:
        written["description"] = tool.description
    if tool.strict and not abilities.takes_json_schema:
        notes.leave_out("tools.strict", f"strict was not sent with tool {tool.name}: {model} does not know it")
    elif tool.strict is not None and abilities.takes_json_schema:
        written["strict"] = tool.strict
    if tool.cache_control is not None:
        written["cache_control"] = written_mark(tool.cache_control)
    return written


def _choice(choice: ToolChoice | None, parallel: bool | None) -> dict[str, Any] | None:
    if choice is None and parallel is not False:
        return None
    mode = choice.mode if choice is not None else "auto"
    if choice is not None and mode == "tool":
        written: dict[str, Any] = {"type": "tool", "name": choice.name}
    else:
        written = {"type": _MODES[mode]}
    if parallel is False and mode != "none":
        written["disable_parallel_tool_use"] = True
    return written
