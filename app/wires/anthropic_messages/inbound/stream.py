"""Which events does a streamed answer become?

Blocks go out one after the other, as the vendor sends them. A fragment of a tool call waits while the arguments of the
one before it are not whole, so that parallel calls never mix. The signature of a thought is known with the whole answer
only: after a thought no block is ended before that, so that they end in order, and SDKs (they go by `index`) put the
signature where it belongs.
"""

from __future__ import annotations

from typing import Any

from app.wires.anthropic_messages.inbound.counts import encode_usage
from app.wires.anthropic_messages.inbound.ending import encode_ending
from app.wires.anthropic_messages.inbound.error import encode_error
from app.wires.anthropic_messages.inbound.request import VENDOR
from app.wires.anthropic_messages.inbound.response import encode_block, message_head
from app.wires.anthropic_messages.inbound.signatures import written_signature
from app.wires.anthropic_messages.inbound.stream_blocks import (
    Event,
    StreamBlock,
    call_block,
    text_block,
    thinking_block,
    whole_block,
)
from app.wires.inbound import ReplyNames, ServerEvent
from app.wires.json_text import dump_json
from contracts.calls import Reply
from contracts.chat import RawPart, ReasoningPart
from contracts.deltas import Delta, ReasoningDelta, TextDelta, ToolCallDelta
from contracts.errors import LLMProviderError


class StreamEncoder:
    """The events of one answer; `provider` as in `encode_response`."""

    def __init__(self, names: ReplyNames, *, provider: str = VENDOR) -> None:
        self._names = names
        self._provider = provider
        self._blocks: list[StreamBlock] = []
        self._calls: dict[int, StreamBlock] = {}
        self._live = 0

    def begin(self) -> list[ServerEvent]:
        """The message without content; its counts come with its end."""
        ending = {"stop_reason": None, "stop_sequence": None, "stop_details": None}
        message = {**message_head(self._names), "content": [], **ending, "usage": encode_usage(None)}
        return _written([{"type": "message_start", "message": message}])

    def feed(self, delta: Delta) -> list[ServerEvent]:
        """One piece of the answer; a refusal's words wait for the end, where they have their place."""
        match delta:
            case ToolCallDelta():
                self._call(delta).add(delta.arguments)
            case ReasoningDelta() if delta.text:
                self._growing("thinking").add(delta.text)
            case TextDelta() if delta.text and not delta.is_refusal:
                self._growing("text").add(delta.text)
            case _:
                return []
        return _written(self._send())

    def end(self, reply: Reply) -> list[ServerEvent]:
        """What waited, signatures, parts that come in no deltas, the stop reason and the usage."""
        signatures = self._take_signatures(reply)
        events: list[Event] = []
        for index, block in enumerate(self._blocks):
            if not block.is_ended:
                events += block.sent(index)
        for index, block in enumerate(self._blocks):
            events += block.ended(signatures.get(index, ""))
        events.append({"type": "message_delta", "delta": encode_ending(reply), "usage": encode_usage(reply.usage)})
        events.append({"type": "message_stop"})
        return _written(events)

    def fail(self, error: LLMProviderError) -> list[ServerEvent]:
        """An `error` event, after which nothing follows."""
        return _written([encode_error(error)[1]])

    def _growing(self, kind: str) -> StreamBlock:
        """The last block if it is of this kind, or a new one."""
        if not self._blocks or self._blocks[-1].kind != kind:
            self._blocks.append(text_block() if kind == "text" else thinking_block())
        return self._blocks[-1]

    def _call(self, delta: ToolCallDelta) -> StreamBlock:
        if delta.index not in self._calls:
            block = call_block(delta.id or f"call_{self._names.request_id}_{delta.index}", delta.name or "")
            self._calls[delta.index] = block
            self._blocks.append(block)
        return self._calls[delta.index]

    def _send(self) -> list[Event]:
        events: list[Event] = []
        while True:
            block = self._blocks[self._live]
            events += block.sent(self._live)
            if self._live + 1 == len(self._blocks) or not block.is_whole:
                return events
            if not any(one.kind == "thinking" for one in self._blocks[: self._live + 1]):
                events += block.ended()
            self._live += 1

    def _take_signatures(self, reply: Reply) -> dict[int, str]:
        """The signature by the place of its thought; what came in no deltas is added as blocks of its own."""
        thoughts = [index for index, block in enumerate(self._blocks) if block.kind == "thinking"]
        signatures: dict[int, str] = {}
        for part in reply.message.content:
            if isinstance(part, RawPart):
                self._add(encode_block(part, provider=self._provider))
            elif isinstance(part, ReasoningPart):
                signature = written_signature(part, provider=self._provider)
                if thoughts and self._blocks[thoughts[0]].text == part.text:
                    signatures[thoughts.pop(0)] = signature
                elif signature:
                    # The words, if any, are here already, cut in another way.
                    self._add({"type": "thinking", "thinking": "", "signature": signature})
        return signatures

    def _add(self, block: dict[str, Any] | None) -> None:
        if block is not None:
            self._blocks.append(whole_block(block))


def _written(events: list[Event]) -> list[ServerEvent]:
    return [ServerEvent(data=dump_json(event).decode(), event=event["type"]) for event in events]
