"""What is one feature: a call in no vendor's dialect, and the row of the README's table that it counts for?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from contracts.caller import IN_PROCESS_CALLER
from contracts.calls import ModelCall, Operation
from contracts.chat import Conversation, Message, Part, Role, TextPart

HELLO = Message(role=Role.USER, content=(TextPart(text="Hello"),))


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One thing that a caller may ask.

    `ask` makes the conversation and `options` extra JSON of the vendor's own; both are told the provider's name.
    Features of the same `row` share a line of the README's table.
    """

    name: str
    row: str
    ask: Callable[[str], Conversation]
    options: Callable[[str], Mapping[str, Any]] | None = None
    is_stream: bool = False

    def call(self, provider: str) -> ModelCall:
        """The call for the row `provider`."""
        return ModelCall(
            operation=Operation.CHAT,
            conversation=self.ask(provider),
            caller=IN_PROCESS_CALLER,
            request_id="r",
            correlation_id="c",
            vendor_options={provider: self.options(provider)} if self.options else {},
        )


def user(*parts: Part | str) -> Message:
    """A user's turn."""
    return Message(role=Role.USER, content=_parts(parts))


def assistant(*parts: Part | str) -> Message:
    """A model's turn."""
    return Message(role=Role.ASSISTANT, content=_parts(parts))


def system(*parts: Part | str) -> Message:
    """Instructions."""
    return Message(role=Role.SYSTEM, content=_parts(parts))


def tool(*parts: Part) -> Message:
    """What tools answered."""
    return Message(role=Role.TOOL, content=parts)


def said(name: str, row: str, *messages: Message, **asked: Any) -> Feature:
    """A feature of the turns themselves; `asked` are further fields of the conversation."""
    conversation = Conversation(messages=messages, **asked)
    return Feature(name=name, row=row, ask=lambda _: conversation)


def owned(name: str, row: str, turns: Callable[[str], tuple[Message, ...]], **asked: Any) -> Feature:
    """A feature whose turns depend on the provider's name; `asked` are further fields of the conversation."""
    return Feature(name=name, row=row, ask=lambda provider: Conversation(messages=turns(provider), **asked))


def asked(name: str, row: str, **fields: Any) -> Feature:
    """A feature of the fields beside one short user's turn."""
    return said(name, row, HELLO, **fields)


def streamed(feature: Feature, name: str, row: str) -> Feature:
    """`feature`, as a stream."""
    return replace(feature, name=name, row=row, is_stream=True)


def _parts(parts: tuple[Part | str, ...]) -> tuple[Part, ...]:
    return tuple(TextPart(text=part) if isinstance(part, str) else part for part in parts)
