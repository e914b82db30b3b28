"""What a door that speaks a vendor's dialect makes of a body: the conversation, and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from contracts.calls import Reply
from contracts.chat import Conversation
from contracts.deltas import Delta
from contracts.errors import LLMProviderError


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """One request in a vendor's dialect, understood.

    `extras` are the fields that the conversation has no place for, as they came: a vendor of the same dialect gets
    them, for others the request's warnings name them. `wants_usage`: a stream shall end with its usage. `warnings`: a
    sentence for each field inside the messages and objects of the body that was not taken, without its value.
    """

    conversation: Conversation
    model: str
    is_stream: bool = False
    wants_usage: bool = True
    user_id: str | None = None
    extras: Mapping[str, Any] = field(default_factory=dict, repr=False)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One server-sent event of our own reply; `event` None: it has no name."""

    data: str = field(repr=False)
    event: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyNames:
    """What a reply is called by: its id (each dialect lays its own prefix before it), model, and unix time."""

    request_id: str
    model: str
    created: int


class StreamEncoder(Protocol):
    """Writes one streamed reply. It holds the stream's state; every method gives the events to send now."""

    def begin(self) -> list[ServerEvent]:
        """What goes before the first content."""
        ...

    def feed(self, delta: Delta) -> list[ServerEvent]:
        """One piece of the answer."""
        ...

    def end(self, reply: Reply) -> list[ServerEvent]:
        """The answer is whole: its finish reason, its usage, and what closes the dialect's stream."""
        ...

    def fail(self, error: LLMProviderError) -> list[ServerEvent]:
        """The answer will not become whole: the dialect's in-band error."""
        ...
