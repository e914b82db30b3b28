"""Which parts of ours are the items of a whole answer?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.wires.json_text import mended_text, plain_json
from app.wires.openai_responses.reasoning_items import reasoning_part
from contracts.chat import Part, RawPart, RefusalPart, TextPart, ToolCallPart


def answer_parts(items: Sequence[Mapping[str, Any]], *, provider: str) -> tuple[Part, ...]:
    """The parts, in order; items that we have no part for are kept as they are.

    Raises ValueError for an item that JSON cannot say again, or a tool call without a name.
    """
    return tuple(part for item in items for part in _parts(item, provider))


def has_citations(items: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a text of the answer carries annotations, which our parts have no place for."""
    return any(part.get("annotations") for item in items if item["type"] == "message" for part in _content(item))


def _parts(item: Mapping[str, Any], provider: str) -> Iterator[Part]:
    match item["type"]:
        case "message":
            for part in _content(item):
                yield from _content_parts(part, provider)
        case "reasoning":
            reasoning = reasoning_part(item, provider=provider)
            if reasoning is not None:
                yield reasoning
        case "function_call":
            if not item["name"]:
                msg = "a tool call without a name"
                raise ValueError(msg)
            yield ToolCallPart(id=item["call_id"], name=item["name"], arguments=item["arguments"])
        case _:
            yield RawPart(provider=provider, data=plain_json(item))


def _content_parts(part: Mapping[str, Any], provider: str) -> Iterator[Part]:
    match part:
        case {"type": "output_text", "text": str(text)}:
            if text:
                yield TextPart(text=mended_text(text))
        case {"type": "refusal", "refusal": str(text)}:
            if text:
                yield RefusalPart(text=mended_text(text))
        case {"type": str()}:
            yield RawPart(provider=provider, data=plain_json(part))


def _content(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = item.get("content")
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
