"""What does a body build on that its vendor keeps, and will its answer be kept there as well?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.deltas import RelayedEvent

# Goes on after the name of the field. The same for what is nobody's and what is another tenant's: nobody learns which.
NOT_KNOWN = "names an answer that is not known here: send the conversation as input"

_THREAD = "thread"
# The fields that name what is kept: by text, or by this member of an object.
_NAMING = {"previous_response_id": "id", "conversation": "id", _THREAD: "previous_message_id"}
_INPUT = "input"
# Who sends none of these builds on nothing; only on /responses is his answer kept all the same.
STATEFUL = frozenset({*_NAMING, _INPUT})
# Items of an earlier answer that stand for themselves by their id; of an image only while what was made is not said.
_REFERENCE = "item_reference"
_IMAGE = "image_generation_call"
# The events that begin an answer, and where in them it is named.
_BEGINNINGS = {"response.created": "response", "message_start": "message"}


@dataclass(frozen=True, slots=True)
class KeptState:
    """What a vendor keeps under `id`, as the field at `path` of a body names it."""

    path: str
    id: str = field(repr=False)


def states_in(body: Mapping[str, Any]) -> tuple[KeptState, ...]:
    """All that `body` builds on, in either dialect that has words for it; names in any case, as some servers do."""
    # Most bodies have none of the fields.
    return () if STATEFUL.isdisjoint(map(str.casefold, body)) else tuple(_states(body))


def is_kept(wire: str, body: Mapping[str, Any]) -> bool:
    """Whether the answer to `body` can be built on: on /responses unless that is declined, else in a thread only."""
    if wire == "openai_responses":
        return body.get("store") is not False
    return wire == "anthropic_messages" and isinstance(body.get(_THREAD), dict)


def answer_id_in(event: RelayedEvent) -> str | None:
    """What the vendor calls its answer, where `event` begins one."""
    if event.event not in _BEGINNINGS:
        return None
    try:
        document = json.loads(event.data)
    except (ValueError, RecursionError):
        # Nobody reads an event of this name in another dialect.
        return None
    begun = document.get(_BEGINNINGS[event.event]) if isinstance(document, dict) else None
    answer_id = begun.get("id") if isinstance(begun, dict) else None
    return answer_id if isinstance(answer_id, str) else None


def _states(body: Mapping[str, Any]) -> Iterator[KeptState]:
    for name, value in body.items():
        folded = name.casefold()
        if folded in _NAMING:
            yield from _named(folded, value)
        elif folded == _INPUT and isinstance(value, list | tuple):
            yield from _referred_to(value)


def _named(name: str, value: Any) -> Iterator[KeptState]:
    members = {_NAMING[name]: value} if isinstance(value, str) and name != _THREAD else value
    for member, below in members.items() if isinstance(members, Mapping) else ():
        if member.casefold() == _NAMING[name] and isinstance(below, str) and below:
            yield KeptState(name if below is value else f"{name}.{member}", below)


def _referred_to(items: list[Any] | tuple[Any, ...]) -> Iterator[KeptState]:
    for number, item in enumerate(items):
        if isinstance(item, Mapping) and _stands_for_another(item):
            kept = item.get("id")
            if isinstance(kept, str) and kept:
                yield KeptState(f"{_INPUT}.{number}.id", kept)


def _stands_for_another(item: Mapping[str, Any]) -> bool:
    # One without a type is a message, or the name of an item.
    kind = item.get("type") or ("message" if item.get("role") else _REFERENCE)
    if not isinstance(kind, str):
        return False
    return kind.casefold() == _REFERENCE or (kind.casefold() == _IMAGE and not item.get("result"))
