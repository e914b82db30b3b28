"""How is an answer of ours streamed in this dialect?

The events are those from which the SDK's stream helper builds its response: each is numbered, an item is added before
anything is said of it, and the last event carries the whole response. A failure is said twice: as `response.failed`,
for those who read events, and as `error`, at which the SDK raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.wires.inbound import ReplyNames, ServerEvent
from app.wires.json_text import dump_json
from app.wires.openai_chat.inbound import encode_error
from app.wires.openai_responses.ending import COMPLETED, FAILED, INCOMPLETE
from app.wires.openai_responses.inbound.output_items import Kind, PlannedItem, item_id, planned_items
from app.wires.openai_responses.inbound.pairing import paired
from app.wires.openai_responses.inbound.response import cut_reason, document, item_status
from app.wires.openai_responses.inbound.streamed import Event, StreamedCall, StreamedItem, StreamedText
from contracts.calls import Reply
from contracts.deltas import Delta, ReasoningDelta, TextDelta, ToolCallDelta
from contracts.errors import ContentPolicyError, LLMProviderError, RateLimitExceededError

_CODES = {RateLimitExceededError: "rate_limit_exceeded", ContentPolicyError: "invalid_prompt"}


class StreamEncoder:
    """Writes one streamed answer; `provider` and `asked` as for `encode_response`."""

    def __init__(self, names: ReplyNames, *, provider: str = "openai", asked: Mapping[str, Any] | None = None) -> None:
        self._names = names
        self._provider = provider
        self._asked = asked
        self._sent = 0
        self._items: list[StreamedItem] = []
        self._open: StreamedText | None = None
        self._calls: dict[int, StreamedCall] = {}
        self._count = 0

    def begin(self) -> list[ServerEvent]:
        """The response, still empty."""
        begun = document(self._names, status="in_progress", asked=self._asked)
        return self._events([("created", {"response": begun}), ("in_progress", {"response": begun})])

    def feed(self, delta: Delta) -> list[ServerEvent]:
        """One piece of the answer."""
        match delta:
            case TextDelta():
                return self._events(self._text("message", "refusal" if delta.is_refusal else "output_text", delta.text))
            case ReasoningDelta():
                return self._events(self._text("reasoning", "summary_text", delta.text))
            case ToolCallDelta():
                return self._events(self._call(delta))

    def end(self, reply: Reply) -> list[ServerEvent]:
        """The end of every item, in the order of the answer, and the whole response."""
        events = self._close()
        output: list[dict[str, Any]] = []
        pairs = paired(planned_items(reply.message.content, provider=self._provider), self._items)
        for number, (item, streamed) in enumerate(pairs):
            status = item_status(reply, is_last=number == len(pairs) - 1)
            if streamed is None:
                whole, told = self._late(item, status)
            else:
                whole = item.named(streamed.id, status=status)
                told = streamed.end(whole)
            output.append(whole)
            events += told
        reason = cut_reason(reply)
        status = INCOMPLETE if reason else COMPLETED
        response = document(
            self._names, status=status, output=output, usage=reply.usage, asked=self._asked, reason=reason
        )
        return self._events([*events, (status, {"response": response})])

    def fail(self, error: LLMProviderError) -> list[ServerEvent]:
        """The response as a failed one, and the error document as an event."""
        _, body = encode_error(error)
        said = body["error"]
        # A response's own error knows only the vendor's codes: ours goes where it takes any word.
        failure = {"code": _CODES.get(type(error), "server_error"), "message": said["message"], "type": said["code"]}
        failed = document(self._names, status=FAILED, asked=self._asked, error=failure)
        events = self._events([(FAILED, {"response": failed})])
        flat = {name: said[name] for name in ("code", "message", "param")}
        return [*events, self._event("error", {**flat, "error": said})]

    def _text(self, item: Kind, kind: str, piece: str) -> list[Event]:
        if not piece:
            return []
        if self._open is not None and self._open.kind == item:
            return self._open.grow(kind, piece)
        events = self._close()
        self._open = StreamedText(item, *self._next(item))
        self._items.append(self._open)
        return [*events, *self._open.begin(), *self._open.grow(kind, piece)]

    def _call(self, delta: ToolCallDelta) -> list[Event]:
        known = self._calls.get(delta.index)
        if known is not None:
            return known.grow(delta.arguments)
        events = self._close()
        call = self._calls[delta.index] = StreamedCall(*self._next("function_call"), delta)
        self._items.append(call)
        return [*events, *call.begin(), *call.grow(delta.arguments)]

    def _late(self, item: PlannedItem, status: str) -> tuple[dict[str, Any], list[Event]]:
        """An item of which no delta told: it is added whole."""
        name, index = self._next(item.kind)
        whole = item.written(name, status=status)
        told = {"output_index": index, "item": whole}
        return whole, [("output_item.added", told), ("output_item.done", told)]

    def _close(self) -> list[Event]:
        closing, self._open = self._open, None
        return closing.close() if closing is not None else []

    def _next(self, kind: Kind) -> tuple[str, int]:
        self._count += 1
        return item_id(kind, self._names.request_id, self._count - 1), self._count - 1

    def _events(self, events: Iterable[Event]) -> list[ServerEvent]:
        return [self._event(f"response.{name}", fields) for name, fields in events]

    def _event(self, kind: str, fields: Mapping[str, Any]) -> ServerEvent:
        data = dump_json({"type": kind, "sequence_number": self._sent, **fields}).decode()
        self._sent += 1
        return ServerEvent(data, event=kind)
