"""How is an answer of ours streamed as `chat.completion.chunk` events, from its beginning or behind a vendor's?

The role goes first, beside an empty text if a text follows. Then come the pieces, the finish reason, where it was asked
for a chunk with the usage and no choices, and `[DONE]`. A stream that fails ends with an error event and without
`[DONE]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.inbound import ReplyNames, ServerEvent
from app.wires.json_text import dump_json
from app.wires.openai_chat.inbound.answer import envelope, finish_word, own_field, usage_object
from app.wires.openai_chat.inbound.errors import encode_error
from app.wires.openai_chat.inbound.followed import DONE, FollowedChunks, is_usage_only
from app.wires.openai_chat.inbound.thoughts import write_thoughts
from app.wires.text_frame import TextFrame
from contracts.calls import Reply
from contracts.chat import ReasoningPart
from contracts.deltas import Delta, ReasoningDelta, RelayedEvent, TextDelta, ToolCallDelta
from contracts.errors import LLMProviderError


class StreamEncoder:
    """Writes one streamed answer; `has_functions`: in the older form, in which the first call is a `function_call`."""

    __slots__ = (
        "_envelope",
        "_followed",
        "_has_begun",
        "_has_content",
        "_has_functions",
        "_numbers",
        "_owes_role",
        "_text_frame",
        "_wants_usage",
    )

    def __init__(self, names: ReplyNames, *, wants_usage: bool = True, has_functions: bool = False) -> None:
        self._envelope = envelope(names, "chat.completion.chunk")
        self._wants_usage = wants_usage
        self._has_functions = has_functions
        self._has_begun = False
        self._owes_role = False
        self._has_content = False
        # The SDK finds calls by their place in a list: their numbers must be 0, 1, 2 … in the order of their start.
        self._numbers: dict[int, int] = {}
        self._followed = FollowedChunks()
        # The chunk of a text, once one was written: the next is most often another.
        self._text_frame: TextFrame | None = None

    def begin(self) -> list[ServerEvent]:
        """Nothing yet: the role comes with the first piece, for what stands beside it depends on that."""
        self._has_begun = self._owes_role = True
        return []

    def feed(self, delta: Delta) -> list[ServerEvent]:
        """One piece of the answer."""
        before = self._taken_over() if self._followed.is_new else []
        return before + self._piece(delta)

    def follow(self, event: RelayedEvent) -> None:
        """Take note of a vendor's chunk."""
        self._followed.take(event)

    def passes(self, event: RelayedEvent) -> bool:
        """Whether the caller is sent `event`: a chunk that says nothing but the usage only where it was asked for."""
        return self._wants_usage or '"usage"' not in event.data or not is_usage_only(event)

    def end(self, reply: Reply, extras: Mapping[str, Any] | None = None) -> list[ServerEvent]:
        """Signatures, the finish reason, the usage, and what closes the stream; `extras` is our own object."""
        events = [*self._taken_over(), *self._role("")]
        last: dict[str, Any] = {} if self._has_content else {"content": ""}
        details = write_thoughts(part for part in reply.message.content if isinstance(part, ReasoningPart))
        # Blocks of two vendors would be taken for one that goes on, by their numbers.
        if details and not self._followed.has_signed:
            last["reasoning_details"] = details
        own, word = own_field(extras), finish_word(reply, has_functions=self._has_functions)
        events.append(self._chunk(last, finish=word, more={} if self._wants_usage else own))
        if self._wants_usage:
            chunk = {**self._envelope, "choices": [], "usage": usage_object(reply.usage), **own}
            events.append(ServerEvent(dump_json(chunk).decode()))
        return [*events, ServerEvent(DONE)]

    def closing(self) -> list[ServerEvent]:
        """`[DONE]`, which not every vendor of this dialect sends."""
        return [] if self._followed.is_done else [ServerEvent(DONE)]

    def fail(self, error: LLMProviderError) -> list[ServerEvent]:
        """The error document as an event."""
        _, document = encode_error(error)
        return [ServerEvent(dump_json(document).decode())]

    def _taken_over(self) -> list[ServerEvent]:
        """What was relayed so far becomes the beginning of this stream; the pieces that were held back come first."""
        followed = self._followed
        if not followed.is_new:
            return []
        self._envelope |= followed.envelope
        self._text_frame = None
        self._has_content |= followed.has_content
        self._numbers |= followed.numbers
        held = followed.hand_over()
        events = [] if self._has_begun or followed.has_role else self.begin()
        return [*events, *(event for delta in held for event in self._piece(delta))]

    def _role(self, content: str | None) -> list[ServerEvent]:
        """Who speaks, where nobody has said it yet.

        OpenAI says the empty text before a text, and clients rely on it. Before tool calls and refusals it says null:
        put together, they are to have none, as in a plain answer. Thoughts may be followed by either.
        """
        if not self._owes_role:
            return []
        self._owes_role = False
        self._has_content |= content is not None
        return [self._chunk({"role": "assistant", "content": content, "refusal": None})]

    def _piece(self, delta: Delta) -> list[ServerEvent]:
        if isinstance(delta, TextDelta) and not delta.is_refusal:
            return self._text(delta.text)
        begun = self._role(None)
        if isinstance(delta, ReasoningDelta):
            return [*begun, self._chunk({self._followed.reasoning_field: delta.text})]
        self._has_content = True
        if isinstance(delta, TextDelta):
            return [*begun, self._chunk({"refusal": delta.text})]
        return [*begun, *self._call(delta)]

    def _text(self, text: str) -> list[ServerEvent]:
        begun: list[ServerEvent] = []
        if self._text_frame is None:
            begun = self._role("")
            self._text_frame = TextFrame(self._document({"content": ""}), "content")
        self._has_content = True
        return [*begun, ServerEvent(self._text_frame.around(text))]

    def _call(self, delta: ToolCallDelta) -> list[ServerEvent]:
        # A vendor that goes on for another counts its calls anew.
        is_first = delta.index not in self._numbers or self._followed.is_another(delta)
        if is_first:
            self._numbers[delta.index] = max(self._numbers.values(), default=-1) + 1
        number = self._numbers[delta.index]
        function: dict[str, Any] = {"arguments": delta.arguments}
        if is_first:
            function = {"name": delta.name, **function}
        if self._has_functions:
            return [] if number else [self._chunk({"function_call": function})]
        call: dict[str, Any] = {"index": number, "function": function}
        if is_first:
            call |= {"id": delta.id, "type": "function"}
        return [self._chunk({"tool_calls": [call]})]

    def _chunk(
        self, delta: dict[str, Any], *, finish: str | None = None, more: Mapping[str, Any] | None = None
    ) -> ServerEvent:
        return ServerEvent(dump_json(self._document(delta, finish, more)).decode())

    def _document(
        self, delta: dict[str, Any], finish: str | None = None, more: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        usage = {"usage": None} if self._wants_usage else {}
        return {**self._envelope, "choices": [choice], **(more or {}), **usage}
