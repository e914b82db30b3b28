"""How does the object that this dialect sends as a tool's arguments become our JSON text, or plain JSON?"""

from __future__ import annotations

import json
from typing import Any

from app.wires.json_text import dump_json, mended_text


def written(value: Any) -> str:
    """`value`, read from a vendor, as compact JSON text with every digit. Raises ValueError."""
    return dump_json(value).decode()


def plain(value: dict[str, Any]) -> dict[str, Any]:
    """`value`, read from a vendor, as plain JSON without half characters. Raises ValueError."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=float)
        copied: dict[str, Any] = json.loads(mended_text(text))
    except RecursionError:
        msg = "nested too deeply"
        raise ValueError(msg) from None
    return copied
