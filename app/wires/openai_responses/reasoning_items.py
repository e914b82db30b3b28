"""How does a reasoning item become a part of ours, and go back as it came?

The vendor keeps nothing (`store` is false), so an item goes back whole: its id, its summary and its encrypted content,
as JSON in `ReasoningPart.signature`. An item without content of either kind is only a name that the vendor would look
up and not find, so it is not sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.wires.json_text import dump_json, load_json, mended_text, plain_json
from app.wires.openai_responses.foreign_reasoning import unwrapped
from contracts.chat import ReasoningPart


def reasoning_part(item: Mapping[str, Any], *, provider: str) -> ReasoningPart | None:
    """The part for an item; None for one that holds nothing. Raises ValueError for what JSON cannot say again."""
    text = "\n\n".join(text for text in reasoning_texts(item) if text)
    foreign = unwrapped(item.get("encrypted_content"), text=text)
    if foreign is not None:
        return foreign
    signature = _signature(item) if _can_go_back(item) else None
    if not text and signature is None:
        return None
    return ReasoningPart(text=text, signature=signature, provider=provider)


def reasoning_item(part: ReasoningPart) -> dict[str, Any] | None:
    """The item in the signature of a part; None when there is none that the vendor could read."""
    try:
        item = load_json(part.signature or "null")
    except ValueError:
        return None
    is_item = isinstance(item, dict) and item.get("type") == "reasoning"
    return item if is_item and _can_go_back(item) else None


def reasoning_texts(item: Mapping[str, Any]) -> Iterator[str]:
    """The texts of the summary, then those of the content."""
    for name in ("summary", "content"):
        pieces = item.get(name)
        for piece in pieces if isinstance(pieces, list) else ():
            text = piece.get("text") if isinstance(piece, dict) else None
            yield mended_text(text) if isinstance(text, str) else ""


def _signature(item: Mapping[str, Any]) -> str:
    # In one order and without nulls, whoever wrote the item: SDKs change both, and the vendor refuses a null.
    given = {name: item[name] for name in sorted(item) if item[name] is not None}
    return dump_json(plain_json(given)).decode()


def _can_go_back(item: Mapping[str, Any]) -> bool:
    return bool(item.get("encrypted_content") or item.get("content"))
