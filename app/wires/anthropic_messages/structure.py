"""How is the wanted shape of an answer written?

`output_config.format` where the model and the schema allow it; else the schema as an instruction. There is no mode for
"some JSON object".
"""

from __future__ import annotations

import json
from typing import Any

from app.wires.anthropic_messages.abilities import Abilities
from app.wires.anthropic_messages.schema import InexpressibleError, translate
from app.wires.notes import Notes
from contracts.chat import ResponseFormat


def encode_format(
    body: dict[str, Any],
    system: list[dict[str, Any]],
    shape: ResponseFormat,
    *,
    provider: str,
    abilities: Abilities,
    notes: Notes,
) -> None:
    """Sets `output_config.format` in `body`, or adds an instruction to `system` and says so in `notes`."""
    if shape.type == "text":
        return
    if shape.type == "json_object":
        _instruct(system, "Answer with one JSON object only.")
        notes.say(f"response_format json_object was sent as an instruction: {provider} enforces none without a schema")
        return
    schema = shape.json_schema or {}
    obstacle = "it enforces no schema on this model"
    if abilities.takes_json_schema:
        try:
            translated, described = translate(schema)
        except InexpressibleError as error:
            obstacle = f"it does not enforce {error}"
        else:
            body["output_config"] = {
                **body.get("output_config", {}),
                "format": {"type": "json_schema", "schema": translated},
            }
            if not shape.strict:
                notes.say(f"response_format strict false was not sent: {provider} always enforces a schema")
            if described:
                notes.say(f"response_format: {provider} reads, but does not enforce {', '.join(described)}")
            return
    text = json.dumps(schema, ensure_ascii=False)
    _instruct(system, f"Answer with one JSON value only. It must be valid under this JSON Schema:\n{text}")
    notes.say(f"response_format json_schema was sent as an instruction to {provider}: {obstacle}")


def _instruct(system: list[dict[str, Any]], instruction: str) -> None:
    system.append({"type": "text", "text": instruction})
