"""What stands in an event of a vendor's stream that is relayed?"""

from __future__ import annotations

from typing import Any

from app.wires.json_text import load_json
from contracts.deltas import RelayedEvent


def document_of(event: RelayedEvent) -> dict[str, Any]:
    """Its JSON object; empty where it is none: the vendor's own decoder has judged that."""
    try:
        document = load_json(event.data)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
