"""What is the whole answer, as far as it is here?

One object for both ways: a plain reply's blocks and the events of a stream go through the same methods, so both decode
alike. They return what is new as deltas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.wires.answer_json import unreadable
from app.wires.anthropic_messages.blocks import Block, RawBlock, TextBlock, ThinkingBlock, ToolUseBlock, text_of
from app.wires.anthropic_messages.finish import FINISH_REASONS
from app.wires.anthropic_messages.usage import read_usage
from app.wires.token_counts import take_counts
from contracts.calls import Reply, new_reply
from contracts.chat import FinishReason, Message, Part, RefusalPart, Role, Usage, UsageSource
from contracts.deltas import Delta, TextDelta
from contracts.errors import ProviderProtocolError


class ReplyAssembly:
    """One answer of `provider`, put together piece by piece."""

    def __init__(self, *, provider: str, model: str) -> None:
        self._provider = provider
        self._model = model
        self._served_model: str | None = None
        self._reply_id = ""
        self._blocks: list[Block] = []
        self._by_index: dict[Any, Block] = {}
        self._refusal = ""
        self._finish: FinishReason | None = None
        self._usage: dict[str, Any] = {}
        self._is_counted = False
        self._has_false_counts = False
        self._warnings: list[str] = []

    @property
    def is_finished(self) -> bool:
        """Whether a stop reason was seen."""
        return self._finish is not None

    @property
    def usage_so_far(self) -> Usage | None:
        """What the vendor has said of it by now: its input from the beginning, and an output that may still grow."""
        return read_usage(self._usage) if self._usage else None

    def note(self, document: Mapping[str, Any], *, is_beginning: bool = False) -> None:
        """Take model, id and usage from a message or event; at its beginning the output cannot be counted yet."""
        self._served_model = text_of(document, "model") or self._served_model
        self._reply_id = text_of(document, "id") or self._reply_id
        usage = document.get("usage")
        if isinstance(usage, dict):
            if not take_counts(self._usage, usage, provisional={"output_tokens"}):
                self._is_counted, self._has_false_counts = False, True
            elif not is_beginning and usage.get("output_tokens") is not None:
                self._is_counted = True

    def begin(self, index: Any, block: Any) -> list[Delta]:
        """Take the beginning of a block, or the whole of it. Raises ProviderProtocolError."""
        if not isinstance(block, dict) or isinstance(index, dict | list):
            raise self.unreadable("answered with a content block that is none")
        try:
            begun = self._block(block)
        except ValueError:
            # Without the cause: it may hold the answer's text.
            raise self.unreadable("answered with a content block that cannot be read") from None
        self._blocks.append(begun)
        self._by_index[index] = begun
        return begun.begin()

    def grow(self, index: Any, delta: Any) -> list[Delta]:
        """Take more of a block. Raises ProviderProtocolError."""
        if not isinstance(delta, dict):
            raise self.unreadable("sent a piece of a content block that is none")
        return self._known(index).grow(delta)

    def end(self, index: Any) -> list[Delta]:
        """Take the end of a block. Raises ProviderProtocolError."""
        try:
            return self._known(index).end()
        except ValueError:
            raise self.unreadable("answered with a content block that cannot be read") from None

    def finish(self, message: Mapping[str, Any]) -> list[Delta]:
        """Take the stop reason in `message`, and what it says of a refusal; none changes nothing."""
        reason = message.get("stop_reason")
        if reason is None:
            return []
        known = FINISH_REASONS.get(reason) if isinstance(reason, str) else None
        if known is None:
            self.warn(f"{self._provider} gave a stop reason that is not known: taken as stop")
        if reason == "pause_turn":
            self.warn(f"{self._provider} paused its turn: send the answer back, and it goes on")
        self._finish = known or FinishReason.STOP
        details = message.get("stop_details")
        self._refusal = text_of(details, "explanation") if reason == "refusal" and isinstance(details, dict) else ""
        return [TextDelta(text=self._refusal, is_refusal=True)] if self._refusal else []

    def warn(self, sentence: str) -> None:
        """Add a warning, once."""
        if sentence not in self._warnings:
            self._warnings.append(sentence)

    def reply(self) -> Reply:
        """The whole answer. Raises ProviderProtocolError when no stop reason was seen."""
        if self._finish is None:
            raise self.unreadable("ended its answer without a stop reason")
        usage = self.usage_so_far
        if self._has_false_counts or (self._usage and usage is None):
            self.warn(f"the token counts of {self._provider} cannot be true and were not taken")
        if usage is not None and not self._is_counted:
            usage = replace(usage, source=UsageSource.ESTIMATED)
        if any(isinstance(block, TextBlock) and block.has_citations for block in self._blocks):
            self.warn(f"citations of {self._provider} were not taken")
        return new_reply(
            message=Message(role=Role.ASSISTANT, content=self._parts()),
            finish_reason=self._finish_reason(self._finish),
            model=self._served_model,
            usage=usage,
            warnings=tuple(self._warnings),
            id=self._reply_id or None,
        )

    def unreadable(self, fact: str) -> ProviderProtocolError:
        """The error for a reply of which `fact` is true."""
        return unreadable(fact, provider=self._provider, model=self._model)

    def _block(self, block: dict[str, Any]) -> Block:
        match block.get("type"):
            case "text":
                return TextBlock(block)
            case "thinking":
                return ThinkingBlock(block)
            case "tool_use":
                number = sum(isinstance(one, ToolUseBlock) for one in self._blocks)
                return ToolUseBlock(block, number=number, reply_id=self._reply_id)
            case _:
                return RawBlock(block)

    def _known(self, index: Any) -> Block:
        block = None if isinstance(index, dict | list) else self._by_index.get(index)
        if block is None:
            raise self.unreadable("sent more of a content block that was not begun")
        return block

    def _parts(self) -> tuple[Part, ...]:
        found = [block.part(self._provider) for block in self._blocks]
        parts = [part for part in found if part is not None]
        return (*parts, RefusalPart(text=self._refusal)) if self._refusal else tuple(parts)

    def _finish_reason(self, finish: FinishReason) -> FinishReason:
        """What it was in truth: some servers end with `end_turn` whatever came before."""
        has_calls = any(isinstance(block, ToolUseBlock) for block in self._blocks)
        if finish is FinishReason.STOP and has_calls:
            return FinishReason.TOOL_CALLS
        if finish is FinishReason.TOOL_CALLS and not has_calls:
            return FinishReason.STOP
        return finish
