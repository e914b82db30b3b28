"""How do a tool call's arguments, which Ollama sends as an object, become the JSON text that they are with us?"""

from __future__ import annotations

from typing import Any

from app.wires.json_text import dump_json, mended_text


def arguments_text(value: Any) -> str:
    """The JSON text of what came; some compatible servers send text. Raises ValueError for anything else."""
    if isinstance(value, dict):
        return dump_json(value).decode()
    if value is None:
        return "{}"
    if isinstance(value, str):
        return mended_text(value)
    msg = "arguments are neither an object nor text"
    raise ValueError(msg)
