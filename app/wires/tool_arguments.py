"""How do the arguments of an earlier call, JSON text with us, become the object that some dialects take?

A model may have written what is no JSON object, and the tool's answer may have told it so. The turn goes back all the
same, wrapped as Anthropic's guide does it (tool use, "Eager input streaming"). Numbers keep their digits.
"""

from __future__ import annotations

from typing import Any

from app.wires.json_text import load_json
from app.wires.notes import Notes
from contracts.chat import ToolCallPart

_INVALID = "INVALID_JSON"


def arguments_object(call: ToolCallPart, notes: Notes) -> dict[str, Any]:
    """The object in the arguments of `call`; text that holds none is wrapped, and `notes` say so."""
    value, is_object = object_of(call.arguments)
    if not is_object:
        notes.say(f"the arguments of an earlier call of {call.name} are no JSON object: sent as text")
    return value


def object_of(text: str, *, allow_nan: bool = False) -> tuple[dict[str, Any], bool]:
    """The object in `text` and whether it is one; a tool without parameters may be called with no text at all.

    NaN, which nobody could be sent, is none; with `allow_nan` it is read, for a reader who tells of it himself.
    """
    if not text.strip():
        return {}, True
    try:
        value = load_json(text, allow_nan=allow_nan)
    except ValueError:
        value = None
    return (value, True) if isinstance(value, dict) else ({_INVALID: text}, False)
