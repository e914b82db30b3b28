"""What does a body build on that its vendor keeps, and will its answer be kept there as well?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.deltas import RelayedEvent

# Goes on after the name of the field. The same for what is nobody's and what is another tenant's: nobody learns which.
NOT_KNOWN = "names an answer that is not known here: send the conversation as input"

_PREVIOUS = "previous_response_id"
_CONVERSATION = "conversation"
_THREAD = "thread"
# The events that begin an answer, and where in them it is named.
_BEGINNINGS = {"response.created": "response", "message_start": "message"}


@dataclass(frozen=True, slots=True)
class KeptState:
    """What a vendor keeps under `id`, as the field at `path` of a body names it."""

    path: str
    id: str = field(repr=False)


def states_in(body: Mapping[str, Any]) -> Iterator[KeptState]:
    """All that `body` builds on, in either dialect that has words for it."""
    conversation, thread = body.get(_CONVERSATION), body.get(_THREAD)
    named = {
        _PREVIOUS: body.get(_PREVIOUS),
        _CONVERSATION: conversation.get("id") if isinstance(conversation, dict) else conversation,
        f"{_THREAD}.previous_message_id": thread.get("previous_message_id") if isinstance(thread, dict) else None,
    }
    return (KeptState(name, value) for name, value in named.items() if isinstance(value, str) and value)


def is_kept(wire: str, body: Mapping[str, Any]) -> bool:
    """Whether the answer to `body` can be built on: on /responses unless that is declined, else in a thread only."""
    if wire == "openai_responses":
        return body.get("store") is not False
    return wire == "anthropic_messages" and isinstance(body.get(_THREAD), dict)


def answer_id_in(event: RelayedEvent) -> str | None:
    """What the vendor calls its answer, where `event` begins one."""
    if event.event not in _BEGINNINGS:
        return None
    begun = json.loads(event.data).get(_BEGINNINGS[event.event])
    answer_id = begun.get("id") if isinstance(begun, dict) else None
    return answer_id if isinstance(answer_id, str) else None
