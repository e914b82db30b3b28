"""Which items are the parts of an answer of ours?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from app.wires.openai_responses.foreign_reasoning import wrapped
from app.wires.openai_responses.parts import is_content
from app.wires.openai_responses.reasoning_items import reasoning_item
from contracts.chat import Part, RawPart, ReasoningPart, RefusalPart, TextPart, ToolCallPart

Kind = Literal["message", "reasoning", "function_call", "raw"]
_OUR_ID = re.compile(r"(?:msg|rs|fc)_.+_[0-9]+", re.DOTALL)
_LONGEST_ID = 64
_PREFIXES: dict[Kind, str] = {"message": "msg", "reasoning": "rs", "function_call": "fc", "raw": "item"}


@dataclass(slots=True, kw_only=True)
class PlannedItem:
    """An item before it has its id. `is_streamed`: deltas told of it. `thought`: the reasoning that it is of."""

    kind: Kind
    fields: dict[str, Any]
    is_streamed: bool
    thought: ReasoningPart | None = None

    def written(self, item_id: str, *, status: str) -> dict[str, Any]:
        """The item. The vendor's own ones and reasoning that it signed keep the id that they have."""
        if self.kind == "raw" or "id" in self.fields:
            return self.fields
        state = {} if self.kind == "reasoning" else {"status": status}
        return {"id": item_id, "type": self.kind, **state, **self.fields}

    def named(self, item_id: str, *, status: str) -> dict[str, Any]:
        """The item under an id that was streamed already; a signature is only good under its own, so it is wrapped."""
        if self.thought is not None and "id" in self.fields:
            return {"id": item_id, "type": self.kind, **_wrapped_fields(self.thought)}
        return self.written(item_id, status=status)


def planned_items(parts: Iterable[Part], *, provider: str) -> list[PlannedItem]:
    """The items of an answer, in order; raw parts of another vendor than `provider` have no place here."""
    items: list[PlannedItem] = []
    for part in parts:
        content = _content(part, provider)
        if content is not None and items and items[-1].kind == "message":
            items[-1].fields["content"].append(content)
            items[-1].is_streamed |= part.type != "raw"
        elif content is not None:
            fields = {"role": "assistant", "content": [content]}
            items.append(PlannedItem(kind="message", fields=fields, is_streamed=part.type != "raw"))
        else:
            items += _item(part, provider)
    return items


def item_id(kind: Kind, request_id: str, number: int) -> str:
    """The id of the item number `number` of an answer."""
    return f"{_PREFIXES[kind]}_{request_id}_{number}"


def is_refused_elsewhere(item: str, item_id: str) -> bool:
    """Whether an id that was made here is one that no vendor takes back.

    They look reasoning up by its id, and take no id above 64 characters: a caller's own request id may be longer.
    """
    is_ours = _OUR_ID.fullmatch(item_id) is not None
    return is_ours and (item == "reasoning" or len(item_id) > _LONGEST_ID)


def _content(part: Part, provider: str) -> dict[str, Any] | None:
    match part:
        case TextPart() if part.text:
            return {"type": "output_text", "text": part.text, "annotations": [], "logprobs": []}
        case RefusalPart() if part.text:
            return {"type": "refusal", "refusal": part.text}
        case RawPart() if part.provider == provider and is_content(part):
            return dict(part.data)
    return None


def _item(part: Part, provider: str) -> list[PlannedItem]:
    match part:
        case ToolCallPart():
            # A tool without parameters may have been called with no text at all, which is no JSON.
            call = {"call_id": part.id, "name": part.name, "arguments": part.arguments or "{}"}
            return [PlannedItem(kind="function_call", fields=call, is_streamed=True)]
        case ReasoningPart():
            fields = reasoning_item(part) or _wrapped_fields(part)
            return [PlannedItem(kind="reasoning", fields=fields, is_streamed=bool(part.text), thought=part)]
        case RawPart() if part.provider == provider and isinstance(part.data.get("type"), str):
            return [PlannedItem(kind="raw", fields=dict(part.data), is_streamed=False)]
    return []


def _wrapped_fields(part: ReasoningPart) -> dict[str, Any]:
    summary = [{"type": "summary_text", "text": part.text}] if part.text else []
    encrypted = wrapped(part)
    return {"summary": summary} if encrypted is None else {"summary": summary, "encrypted_content": encrypted}
