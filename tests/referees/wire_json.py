"""What does a body look like once it went over the wire?"""

from __future__ import annotations

import json
from typing import Any

from app.wires.json_text import dump_json


def plain_json(body: dict[str, Any]) -> dict[str, Any]:
    """`body` as its reader sees it: JSON that was written and read again."""
    read: dict[str, Any] = json.loads(dump_json(body))
    return read
