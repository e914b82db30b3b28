"""How is an answer of ours streamed as `chat.completion.chunk` events?

The role goes first, content pieces follow, then the finish reason, then (where it was asked for) a chunk with the usage
and no choices, then `[DONE]`. A stream that fails ends with an error event and without `[DONE]`.
"""

from __future__ import annotations

from typing import Any

from app.wires.inbound import ReplyNames, ServerEvent
from app.wires.json_text import dump_json
from app.wires.openai_chat.inbound.answer import envelope, finish_word, usage_object
from app.wires.openai_chat.inbound.errors import encode_error
from app.wires.openai_chat.inbound.thoughts import write_thoughts
from contracts.calls import Reply
from contracts.chat import ReasoningPart
from contracts.deltas import Delta, ReasoningDelta, TextDelta, ToolCallDelta
from contracts.errors import LLMProviderError

_DONE = ServerEvent("[DONE]")


class StreamEncoder:
    """Writes one streamed answer; `has_functions`: in the older form, in which the first call is a `function_call`."""

    def __init__(self, names: ReplyNames, *, wants_usage: bool = True, has_functions: bool = False) -> None:
        self._envelope = envelope(names, "chat.completion.chunk")
        self._wants_usage = wants_usage
        self._has_functions = has_functions
        self._has_content = False
        # The SDK finds calls by their place in a list: their numbers must be 0, 1, 2 … in the order of their start.
        self._numbers: dict[int, int] = {}

    def begin(self) -> list[ServerEvent]:
        """The role. Without a content, so that an answer of tool calls ends with null there, as a plain one does."""
        return [self._chunk({"role": "assistant"})]

    def feed(self, delta: Delta) -> list[ServerEvent]:
        """One piece of the answer."""
        if isinstance(delta, ReasoningDelta):
            return [self._chunk({"reasoning_content": delta.text})]
        self._has_content = True
        if isinstance(delta, TextDelta):
            return [self._chunk({"refusal" if delta.is_refusal else "content": delta.text})]
        return self._call(delta)

    def end(self, reply: Reply) -> list[ServerEvent]:
        """Signatures, the finish reason, the usage, and what closes the stream."""
        last: dict[str, Any] = {} if self._has_content else {"content": ""}
        details = write_thoughts(part for part in reply.message.content if isinstance(part, ReasoningPart))
        if details:
            last["reasoning_details"] = details
        events = [self._chunk(last, finish=finish_word(reply, has_functions=self._has_functions))]
        if self._wants_usage:
            chunk = {**self._envelope, "choices": [], "usage": usage_object(reply.usage)}
            events.append(ServerEvent(dump_json(chunk).decode()))
        return [*events, _DONE]

    def fail(self, error: LLMProviderError) -> list[ServerEvent]:
        """The error document as an event."""
        _, document = encode_error(error)
        return [ServerEvent(dump_json(document).decode())]

    def _call(self, delta: ToolCallDelta) -> list[ServerEvent]:
        is_first = delta.index not in self._numbers
        number = self._numbers.setdefault(delta.index, len(self._numbers))
        function: dict[str, Any] = {"arguments": delta.arguments}
        if is_first:
            function = {"name": delta.name, **function}
        if self._has_functions:
            return [] if number else [self._chunk({"function_call": function})]
        call: dict[str, Any] = {"index": number, "function": function}
        if is_first:
            call |= {"id": delta.id, "type": "function"}
        return [self._chunk({"tool_calls": [call]})]

    def _chunk(self, delta: dict[str, Any], *, finish: str | None = None) -> ServerEvent:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        chunk = {**self._envelope, "choices": [choice]}
        if self._wants_usage:
            chunk["usage"] = None
        return ServerEvent(dump_json(chunk).decode())
