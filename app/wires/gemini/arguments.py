"""How do a call's arguments, an object in this dialect, become the JSON text that they are with us?"""

from __future__ import annotations

from typing import Any

from app.wires.json_text import dump_json


def arguments_text(value: dict[str, Any]) -> str:
    """The JSON text of an object as `load_json` gives it. Raises ValueError for NaN and infinity."""
    return dump_json(value).decode()
