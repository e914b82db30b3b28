"""How is an answer of ours streamed in this dialect, from its beginning or behind what a vendor said?

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
from app.wires.openai_chat.inbound.answer import own_field
from app.wires.openai_responses.ending import COMPLETED, FAILED, INCOMPLETE
from app.wires.openai_responses.inbound.followed import FollowedResponse
from app.wires.openai_responses.inbound.response import cut_reason, document, item_status
from app.wires.openai_responses.inbound.streamed import Event
from app.wires.openai_responses.inbound.written_items import WrittenItems
from contracts.calls import Reply, Wire
from contracts.deltas import Delta, RelayedEvent
from contracts.errors import ContentPolicyError, LLMProviderError, RateLimitExceededError

_CODES = {RateLimitExceededError: "rate_limit_exceeded", ContentPolicyError: "invalid_prompt"}
# What of a response only its end knows; the rest is as the vendor announced it.
_ENDING = ("status", "output", "usage", "incomplete_details", "error")


class StreamEncoder:
    """Writes one streamed answer; `provider` and `asked` as for `encode_response`."""

    __slots__ = ("_asked", "_followed", "_has_begun", "_items", "_names", "_sent")

    def __init__(
        self, names: ReplyNames, *, provider: str = Wire.OPENAI_RESPONSES.value, asked: Mapping[str, Any] | None = None
    ) -> None:
        self._names = names
        self._asked = asked
        self._sent = 0
        self._has_begun = False
        self._items = WrittenItems(request_id=names.request_id, provider=provider)
        self._followed = FollowedResponse()

    def begin(self) -> list[ServerEvent]:
        """The response, still empty."""
        self._has_begun = True
        # One text for both: it repeats the request's tools and instructions.
        begun = dump_json(self._response(status="in_progress")).decode()
        return [self._begun("response.created", begun), self._begun("response.in_progress", begun)]

    def feed(self, delta: Delta) -> list[ServerEvent]:
        """One piece of the answer."""
        before = self._taken_over() if self._followed.is_new else []
        return before + self._events(self._items.add(delta))

    def follow(self, event: RelayedEvent) -> None:
        """Take note of a vendor's event."""
        self._followed.take(event)

    def passes(self, event: RelayedEvent) -> bool:
        """Whether the caller is sent `event`: always, for the usage comes with the end here."""
        return True

    def closing(self) -> list[ServerEvent]:
        """Nothing: the vendor's last event is the end."""
        return []

    def end(self, reply: Reply, extras: Mapping[str, Any] | None = None) -> list[ServerEvent]:
        """The end of every item, in the order of the answer, and the whole response; `extras` is our own object."""
        before = self._taken_over()
        events = self._items.close()
        output: list[dict[str, Any]] = []
        pairs = self._items.pairs(reply)
        for number, (item, streamed) in enumerate(pairs):
            status = item_status(reply, is_last=number == len(pairs) - 1)
            whole, told = self._items.end(item, streamed, status=status)
            output.append(whole)
            events += told
        reason = cut_reason(reply)
        status = INCOMPLETE if reason else COMPLETED
        response = self._response(status=status, output=output, usage=reply.usage, reason=reason) | own_field(extras)
        return [*before, *self._events([*events, (status, {"response": response})])]

    def fail(self, error: LLMProviderError) -> list[ServerEvent]:
        """The failed response, then the error."""
        self._adopt()
        _, told = encode_error(error)
        said = told["error"]
        # A response's own error has only the vendor's codes: ours goes where it takes any word.
        code, word = _CODES.get(type(error), "server_error"), said["code"] or said["type"]
        failure = {"code": code, "message": said["message"], "type": word}
        events = self._events([(FAILED, {"response": self._response(status=FAILED, error=failure)})])
        flat = {name: said[name] for name in ("code", "message", "param")}
        return [*events, self._event("error", {**flat, "error": said})]

    def _taken_over(self) -> list[ServerEvent]:
        """What was relayed so far becomes the beginning of this stream; the pieces that were held back come first."""
        if not self._followed.is_new:
            return []
        self._adopt()
        events = [] if self._has_begun or self._followed.response else self.begin()
        return [*events, *(event for one in self._followed.hand_over() for event in self._events(self._items.add(one)))]

    def _adopt(self) -> None:
        if self._followed.is_new and self._followed.sent:
            self._sent = self._followed.sent
            self._items.take_over(self._followed)

    def _response(self, **fields: Any) -> dict[str, Any]:
        own = document(self._names, asked=self._asked, **fields)
        announced = self._followed.response
        return {**own, **announced, **{name: own[name] for name in _ENDING}} if announced else own

    def _events(self, events: Iterable[Event]) -> list[ServerEvent]:
        return [self._event(f"response.{name}", fields) for name, fields in events]

    def _begun(self, kind: str, response: str) -> ServerEvent:
        """The event as `_event` would write it, of a response that is text already."""
        number, self._sent = self._sent, self._sent + 1
        return ServerEvent(f'{{"type":"{kind}","sequence_number":{number},"response":{response}}}', kind)

    def _event(self, kind: str, fields: Mapping[str, Any] | str) -> ServerEvent:
        number, self._sent = self._sent, self._sent + 1
        if isinstance(fields, str):
            return ServerEvent(f'{{"type":"{kind}","sequence_number":{number},{fields[1:]}', kind)
        return ServerEvent(dump_json({"type": kind, "sequence_number": number, **fields}).decode(), kind)
