"""Which events does a streamed answer become, from its beginning or behind what a vendor said?

Blocks go out one after the other, as the vendor sends them. A fragment of a tool call waits while the arguments of the
one before it are not whole, so that parallel calls never mix. The signature of a thought is known with the whole answer
only: after a thought no block is ended before that, so that they end in order, and SDKs (they go by `index`) put the
signature where it belongs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.wires.anthropic_messages.inbound.counts import encode_usage
from app.wires.anthropic_messages.inbound.ending import encode_ending
from app.wires.anthropic_messages.inbound.error import encode_error
from app.wires.anthropic_messages.inbound.followed import FollowedMessage
from app.wires.anthropic_messages.inbound.response import encode_block, message_head, own_field
from app.wires.anthropic_messages.inbound.signatures import written_signature
from app.wires.anthropic_messages.inbound.stream_blocks import (
    StreamBlock,
    call_block,
    text_block,
    thinking_block,
    whole_block,
    written,
)
from app.wires.inbound import ReplyNames, ServerEvent
from contracts.calls import Reply, Wire
from contracts.chat import Part, RawPart, ReasoningPart, ToolCallPart
from contracts.deltas import Delta, RelayedEvent, TextDelta, ToolCallDelta
from contracts.errors import LLMProviderError

_NOTHING_USED = encode_usage(None)


class StreamEncoder:
    """The events of one answer; `provider` as in `encode_response`."""

    __slots__ = ("_blocks", "_calls", "_followed", "_foreign", "_growing_text", "_live", "_names", "_provider")

    def __init__(self, names: ReplyNames, *, provider: str = Wire.ANTHROPIC_MESSAGES.value) -> None:
        self._names = names
        self._provider = provider
        self._blocks: list[StreamBlock] = []
        self._calls: dict[int, StreamBlock] = {}
        self._live = 0
        # The text that grows, while nothing else waits: the next piece is most often one of it.
        self._growing_text: StreamBlock | None = None
        self._followed = FollowedMessage()
        self._foreign: set[int] = set()

    def begin(self) -> list[ServerEvent]:
        """The message without content; its counts come with its end."""
        return [self._start()]

    def feed(self, delta: Delta) -> list[ServerEvent]:
        """One piece of the answer; a refusal's words wait for the end, where they have their place."""
        before = self._taken_over() if self._followed.is_new else []
        return before + self._piece(delta)

    def follow(self, event: RelayedEvent) -> None:
        """Take note of a vendor's event."""
        self._followed.take(event)

    def passes(self, event: RelayedEvent) -> bool:
        """Whether the caller is sent `event`: always, for in this dialect nobody asks for the usage, and all get it."""
        return True

    def closing(self) -> list[ServerEvent]:
        """`message_stop`, without which the SDK's helpers wait for more."""
        return [] if self._followed.is_done else [written({"type": "message_stop"})]

    def end(self, reply: Reply, extras: Mapping[str, Any] | None = None) -> list[ServerEvent]:
        """What waited, signatures, parts that come in no deltas, the stop reason and the usage.

        `extras` is our own object.
        """
        events = self._taken_over()
        signatures = self._take_signatures(reply)
        for index, block in enumerate(self._blocks):
            if not block.is_ended:
                events += block.sent(index)
        for index, block in enumerate(self._blocks):
            events += block.ended(signatures.get(index, ""))
        ending = {"delta": encode_ending(reply), "usage": encode_usage(reply.usage)}
        last = {"type": "message_delta", **ending, **own_field(extras)}
        return [*events, written(last), written({"type": "message_stop"})]

    def fail(self, error: LLMProviderError) -> list[ServerEvent]:
        """An `error` event, after which nothing follows."""
        return [written(encode_error(error)[1])]

    def _start(self) -> ServerEvent:
        ending = {"stop_reason": None, "stop_sequence": None, "stop_details": None}
        message = {**message_head(self._names), "content": [], **ending, "usage": _NOTHING_USED}
        return written({"type": "message_start", "message": message})

    def _taken_over(self) -> list[ServerEvent]:
        """What was relayed so far becomes the beginning of this stream; the pieces that were held back come first."""
        followed = self._followed
        if not followed.is_new:
            return []
        self._blocks, self._calls, self._foreign = followed.blocks, followed.calls, set(followed.calls)
        self._growing_text = None
        held = followed.hand_over()
        events = [self._start()] if followed.lacks_start else []
        for block in self._blocks:
            events += [] if block.can_go_on else block.ended()
        return [*events, *(event for delta in held for event in self._piece(delta))]

    def _piece(self, delta: Delta) -> list[ServerEvent]:
        if isinstance(delta, TextDelta):
            if not delta.text or delta.is_refusal:
                return []
            if self._growing_text is not None:
                return self._growing_text.said(delta.text)
            self._growing("text").add(delta.text)
        elif isinstance(delta, ToolCallDelta):
            self._call(delta).add(delta.arguments)
        elif delta.text:
            self._growing("thinking").add(delta.text)
        else:
            return []
        return self._send()

    def _growing(self, kind: str) -> StreamBlock:
        """The last block if it is of this kind, or a new one."""
        if not self._blocks or self._blocks[-1].kind != kind or self._blocks[-1].is_ended:
            self._blocks.append(text_block() if kind == "text" else thinking_block())
        return self._blocks[-1]

    def _call(self, delta: ToolCallDelta) -> StreamBlock:
        # A vendor that goes on for another counts its calls anew.
        is_another = delta.name is not None and delta.index in self._foreign
        if delta.index not in self._calls or is_another:
            self._foreign -= {delta.index}
            block = call_block(delta.id or f"call_{self._names.request_id}_{delta.index}", delta.name or "")
            self._calls[delta.index] = block
            self._blocks.append(block)
        return self._calls[delta.index]

    def _send(self) -> list[ServerEvent]:
        events: list[ServerEvent] = []
        while True:
            block = self._blocks[self._live]
            events += block.sent(self._live)
            is_last = self._live + 1 == len(self._blocks)
            if is_last or not block.is_whole:
                self._growing_text = block if is_last and block.kind == "text" and not block.is_ended else None
                return events
            if not any(one.kind == "thinking" and not one.is_ended for one in self._blocks[: self._live + 1]):
                events += block.ended()
            self._live += 1

    def _take_signatures(self, reply: Reply) -> dict[int, str]:
        """The signature by the place of its thought; what came in no deltas is added as blocks of its own."""
        open_blocks = [index for index, block in enumerate(self._blocks) if not block.is_ended]
        thoughts = [index for index in open_blocks if self._blocks[index].kind == "thinking"]
        signatures: dict[int, str] = {}
        for number, part in enumerate(reply.message.content):
            if isinstance(part, RawPart):
                self._add(encode_block(part, provider=self._provider))
            elif isinstance(part, ReasoningPart):
                signature = written_signature(part, provider=self._provider)
                if thoughts and self._blocks[thoughts[0]].text == part.text:
                    signatures[thoughts.pop(0)] = signature
                elif signature:
                    # The words, if any, are here already, cut in another way.
                    call_id = _next_call(reply.message.content[number:])
                    signature = written_signature(part, provider=self._provider, call_id=call_id)
                    self._add({"type": "thinking", "thinking": "", "signature": signature})
        return signatures

    def _add(self, block: dict[str, Any] | None) -> None:
        if block is not None:
            self._blocks.append(whole_block(block))


def _next_call(parts: Sequence[Part]) -> str | None:
    """The id of the call that the thoughts at the beginning of `parts` stand before."""
    following = next((part for part in parts if not isinstance(part, ReasoningPart)), None)
    return following.id if isinstance(following, ToolCallPart) else None
