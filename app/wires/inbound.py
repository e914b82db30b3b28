"""What a door that speaks a vendor's dialect makes of a body: the conversation, and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from contracts.calls import Reply
from contracts.chat import Conversation
from contracts.deltas import Delta, RelayedEvent
from contracts.embeddings import EmbeddingInput
from contracts.errors import LLMProviderError
from contracts.quick_making import maker_of
from contracts.responses import FieldError


# These three may be written to, and nobody does: they are read once, and one that is frozen takes three times as long.
@dataclass(slots=True, kw_only=True)
class InboundBody:
    """One request in a vendor's dialect, understood: `read_as` is what it asks, the others stand beside it.

    `extras` are the fields that the conversation has no place for, as they came: a vendor of the same dialect gets
    them, for others the request's warnings name them. `demands` name what only a vendor of this dialect can do, in the
    dialect's own paths: no other may be asked. `choices`: how many answers are asked at once. `may_pass` false:
    something in the body is of our making, and no vendor would understand it. `wants_usage`: a stream shall end with
    its usage. `warnings`: a sentence for each field inside the messages and objects of the body that was not taken,
    without its value.
    """

    read_as: Conversation | EmbeddingInput
    model: str
    is_stream: bool = False
    wants_usage: bool = True
    user_id: str | None = None
    extras: Mapping[str, Any] = field(default_factory=dict, repr=False)
    demands: tuple[FieldError, ...] = ()
    choices: int = 1
    may_pass: bool = True
    warnings: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Inbound(InboundBody):
    """One that asks for an answer to a conversation."""

    read_as: Conversation

    @property
    def conversation(self) -> Conversation:
        """What it asks."""
        return self.read_as


@dataclass(slots=True, kw_only=True)
class InboundTexts(InboundBody):
    """One that asks for vectors."""

    read_as: EmbeddingInput

    @property
    def texts(self) -> EmbeddingInput:
        """What it asks."""
        return self.read_as


new_inbound = maker_of(Inbound)

# What is ours in a document of another's dialect stands in this one field; SDKs leave it alone.
OWN_FIELD = "llm_service"


# Not frozen for the same reason: there is one for every event.
@dataclass(slots=True)
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
    """Writes one streamed reply. It holds the stream's state; every method gives the events to send now.

    An answer is written (`begin`, then `feed`, then `end`), or relayed from a vendor of the same dialect (`follow` for
    each of its events, then `closing`), or first relayed and, when that vendor broke off, written to its end (`follow`,
    then `feed`, then `end`, without `begin`): under the ids and numbers of what was relayed, as one answer.
    """

    def begin(self) -> list[ServerEvent]:
        """What goes before the first content; only where nothing was relayed."""
        ...

    def feed(self, delta: Delta) -> list[ServerEvent]:
        """One piece of the answer."""
        ...

    def follow(self, event: RelayedEvent) -> None:
        """Take note of an event of the vendor, as it comes.

        One with `is_end` is told as well while the door holds it back. When the answer goes on by another vendor
        after all, what is held is never sent, and the next `feed` or `end` writes what it had said of the answer.
        """
        ...

    def passes(self, event: RelayedEvent) -> bool:
        """Whether the caller is sent `event` at all: false for a usage that he did not ask for."""
        ...

    def end(self, reply: Reply, extras: Mapping[str, Any] | None = None) -> list[ServerEvent]:
        """The answer is whole: its finish reason, its usage, and what closes the dialect's stream.

        `extras` is our own namespaced object, `llm_service`, in the last event that has a place for it.
        """
        ...

    def closing(self) -> list[ServerEvent]:
        """What a relayed stream still lacks behind its last event."""
        ...

    def fail(self, error: LLMProviderError) -> list[ServerEvent]:
        """The answer will not become whole: the dialect's in-band error."""
        ...
