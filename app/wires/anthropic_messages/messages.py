"""How does each turn of a conversation become messages of this dialect?

There are turns of the user and of the assistant, in alternation: what a tool answered stands at the head of a user's
turn, and neighbours of one role are one turn. Instructions stand beside the messages. Newer models take later ones amid
them, which keeps what was cached before: right behind a user's turn, and with nobody but the assistant to follow
(mid-conversation-system-messages, "Placement rules").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.wires.anthropic_messages.parts import PartEncoder
from app.wires.empty_turns import is_empty
from app.wires.notes import Notes
from contracts.chat import Message, Role

Block = dict[str, Any]


def encode_messages(
    messages: Sequence[Message], *, provider: str, takes_late_system: bool, notes: Notes
) -> tuple[list[Block], list[dict[str, Any]]]:
    """The blocks of `system`, and `messages`. Raises InvalidRequestError for parts that cannot be taken."""
    encoder = PartEncoder(provider, notes)
    writer = _Writer(notes, takes_late_system=takes_late_system)
    for message in messages:
        blocks = encoder.blocks(message)
        if message.role is Role.SYSTEM:
            writer.instruct(blocks)
        elif blocks:
            writer.add("assistant" if message.role is Role.ASSISTANT else "user", blocks)
        elif is_empty(message):
            notes.say(f"a message without words was not sent: {provider} takes none")
    return writer.finish()


class _Writer:
    """The turns so far, and the later instructions that wait for the end of the user's turn."""

    def __init__(self, notes: Notes, *, takes_late_system: bool) -> None:
        self._notes = notes
        self._takes_late_system = takes_late_system
        self._system: list[Block] = []
        self._turns: list[dict[str, Any]] = []
        self._waiting: list[Block] = []

    def instruct(self, blocks: list[Block]) -> None:
        if not self._turns:
            self._system += blocks
        elif self._takes_late_system:
            self._waiting += blocks
        else:
            self._move_ahead(blocks)

    def add(self, role: str, blocks: list[Block]) -> None:
        if role == "assistant":
            self._place()
        elif self._waiting:
            self._notes.say("a system message was sent behind the user's words that followed it")
        if self._turns and self._turns[-1]["role"] == role:
            self._turns[-1]["content"].extend(blocks)
        else:
            self._turns.append({"role": role, "content": blocks})

    def finish(self) -> tuple[list[Block], list[dict[str, Any]]]:
        self._place()
        for turn in self._turns:
            if turn["role"] == "user":
                turn["content"].sort(key=lambda block: block.get("type") != "tool_result")
        return self._system, self._turns

    def _place(self) -> None:
        if self._waiting and self._turns[-1]["role"] == "user":
            self._turns.append({"role": "system", "content": self._waiting})
        elif self._waiting:
            self._move_ahead(self._waiting)
        self._waiting = []

    def _move_ahead(self, blocks: list[Block]) -> None:
        self._notes.say("a system message was moved before the conversation")
        self._system += blocks
