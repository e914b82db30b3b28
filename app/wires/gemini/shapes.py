"""How are tools and the wanted shape of an answer written?"""

from __future__ import annotations

import json
from typing import Any

from app.wires.gemini.schema import fitted_schema
from app.wires.gemini.traits import ModelTraits
from app.wires.notes import Notes
from contracts.chat import Conversation, ResponseFormat, Tool
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError

_MODES = {"auto": "AUTO", "none": "NONE", "required": "ANY", "tool": "ANY"}
_NO_PARAMETERS = {"type": "object", "properties": {}}


def encode_tools(conversation: Conversation, *, provider: str, traits: ModelTraits, notes: Notes) -> dict[str, Any]:
    """The fields `tools` and, where there is something to say, `toolConfig`."""
    declarations = [_declaration(tool, provider) for tool in conversation.tools]
    body: dict[str, Any] = {"tools": [{"functionDeclarations": declarations}]}
    calling = _calling(conversation, provider, traits, notes)
    if calling:
        body["toolConfig"] = {"functionCallingConfig": calling}
    if conversation.parallel_tool_calls is False:
        notes.leave_out("parallel_tool_calls", f"parallel_tool_calls was not sent: {provider} does not know it")
    return body


def encode_format(
    body: dict[str, Any],
    config: dict[str, Any],
    conversation: Conversation,
    *,
    provider: str,
    traits: ModelTraits,
    notes: Notes,
) -> None:
    """Sets the wanted shape in `config`, or, for a model that takes none beside functions, as an instruction."""
    shape = conversation.response_format
    if shape is None or shape.type == "text":
        return
    if conversation.tools and not traits.is_third_generation:
        _instruct(body, shape)
        notes.say(
            f"response_format {shape.type} was sent as an instruction: this model of {provider} enforces none beside "
            "tools",
        )
        return
    config["responseMimeType"] = "application/json"
    if shape.type == "json_schema":
        config["responseJsonSchema"], ignored = _fitted(shape.json_schema, provider, "response_format")
        if not shape.strict:
            notes.say(f"response_format strict false was not sent: {provider} always enforces a schema")
        if ignored:
            notes.say(
                f"response_format is not enforced in all: {provider} passes over {', '.join(ignored)}",
            )


def _declaration(tool: Tool, provider: str) -> dict[str, Any]:
    declaration: dict[str, Any] = {"name": tool.name}
    if tool.description is not None:
        declaration["description"] = tool.description
    if tool.parameters != _NO_PARAMETERS:
        declaration["parametersJsonSchema"], _ = _fitted(tool.parameters, provider, "tools")
    return declaration


def _calling(conversation: Conversation, provider: str, traits: ModelTraits, notes: Notes) -> dict[str, Any] | None:
    choice = conversation.tool_choice
    calling: dict[str, Any] | None = None
    if choice is not None:
        calling = {"mode": _MODES[choice.mode]}
        if choice.mode == "tool":
            calling["allowedFunctionNames"] = [choice.name]
    # ANY holds to the functions' schemas by itself; VALIDATED is AUTO that does.
    if any(tool.strict for tool in conversation.tools) and (choice is None or choice.mode == "auto"):
        if traits.is_third_generation:
            return {"mode": "VALIDATED"}
        notes.leave_out("tools.strict", f"strict of a tool was not sent: this model of {provider} does not know it")
    return calling


def _fitted(schema: Any, provider: str, field: str) -> tuple[Any, list[str]]:
    try:
        return fitted_schema(schema)
    except ValueError as exc:
        fact = f"takes no schema that is {exc}"
        raise InvalidRequestError(
            f"{provider} {fact}", provider=provider, errors=[FieldError(field=field, message=fact)]
        ) from None


def _instruct(body: dict[str, Any], shape: ResponseFormat) -> None:
    instruction = "Answer with one JSON object only."
    if shape.type == "json_schema":
        schema_text = json.dumps(shape.json_schema, ensure_ascii=False)
        instruction += f" It must be valid under this JSON Schema:\n{schema_text}"
    system = body.setdefault("systemInstruction", {"parts": []})
    system["parts"].append({"text": instruction})
