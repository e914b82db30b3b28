"""How does an open answer leave a surface, event by event?

What a vendor of the same dialect says goes out as it came; all else is written in the dialect. The finish that a vendor
says is held back until the answer is known to be whole, so that none which is not ever looks so.
"""

from __future__ import annotations

from app.http.problems import internal_error
from app.http.sse import relayed_bytes
from app.surfaces.extras import extras_of
from app.surfaces.surface import Asked, Surface
from app.wires.inbound import OWN_FIELD, ReplyNames, ServerEvent, StreamEncoder
from app.wires.json_text import dump_json
from contracts import (
    Delta,
    DoneEvent,
    ErrorEvent,
    LLMProviderError,
    LLMResponse,
    ReasoningDelta,
    ReasoningEvent,
    RefusalTextEvent,
    RelayedEvent,
    Reply,
    StartEvent,
    StreamEvent,
    TextDelta,
    TextEvent,
    ToolCallDelta,
    ToolCallEvent,
)


class SurfaceEvents:
    """Writes one stream in the dialect of `surface` (an `http.sse.EventWriter`); `created` is a unix time."""

    __slots__ = ("_asked", "_created", "_encoder", "_has_begun", "_held", "_is_relaying", "_surface")

    def __init__(self, surface: Surface, asked: Asked, *, created: int) -> None:
        self._surface = surface
        self._asked = asked
        self._created = created
        self._encoder: StreamEncoder | None = None
        self._held = b""
        self._is_relaying = False
        self._has_begun = False

    def write(self, event: StreamEvent) -> bytes:
        """The event's bytes; nothing for what the dialect has no word for, or what waits."""
        match event:
            case RelayedEvent():
                return self._relayed(event)
            case TextEvent():
                return self._fed(TextDelta(text=event.text, is_refusal=type(event) is RefusalTextEvent))
            case ReasoningEvent():
                return self._fed(ReasoningDelta(text=event.text))
            case ToolCallEvent(index=index, id=call_id, name=name, arguments=arguments):
                return self._fed(ToolCallDelta(index=index, id=call_id, name=name, arguments=arguments))
            case StartEvent():
                self._name(event.request_id, event.model)
            case DoneEvent():
                return self._whole(event.response)
            case ErrorEvent():
                # What was billed all the same has no place in the dialect's own document.
                account = _comment(event.problem.model_dump_json().encode())
                return account + self.fail(event.error or internal_error())
        return b""

    def fail(self, error: LLMProviderError) -> bytes:
        """The dialect's in-band error; what was held back is never sent."""
        return _written(self._writer().fail(error))

    def _relayed(self, event: RelayedEvent) -> bytes:
        self._is_relaying = self._has_begun = True
        encoder = self._encoder or self._writer()
        encoder.follow(event)
        if not encoder.passes(event):
            return b""
        if not event.is_end:
            return relayed_bytes(event)
        self._held += relayed_bytes(event)
        return b""

    def _fed(self, delta: Delta) -> bytes:
        """By another candidate than the one that was relayed, if one was: its finish is not that of the answer."""
        self._is_relaying, self._held = False, b""
        encoder = self._encoder or self._writer()
        if self._has_begun:
            return _written(encoder.feed(delta))
        self._has_begun = True
        return _written([*encoder.begin(), *encoder.feed(delta)])

    def _whole(self, response: LLMResponse) -> bytes:
        extras = extras_of(response)
        # Whoever goes on with an answer is asked for its rest, which is never relayed, even if nothing was left to say.
        if self._is_relaying and not response.legs:
            return _comment(dump_json(extras)) + self._held + _written(self._writer().closing())
        reply = Reply(message=response.message, finish_reason=response.finish_reason, usage=response.usage)
        return self._begun() + _written(self._writer().end(reply, extras))

    def _begun(self) -> bytes:
        if self._has_begun:
            return b""
        self._has_begun = True
        return _written(self._writer().begin())

    def _writer(self) -> StreamEncoder:
        # Until it is known who answers, what fails is named after what was asked.
        request = self._asked.request
        return self._encoder or self._name(request.request_id or "", request.model)

    def _name(self, request_id: str, model: str) -> StreamEncoder:
        names = ReplyNames(request_id=request_id, model=model, created=self._created)
        self._encoder = self._surface.encoder(names, self._asked)
        return self._encoder


def _written(events: list[ServerEvent]) -> bytes:
    text = ""
    for event in events:
        text += f"data: {event.data}\n\n" if event.event is None else f"event: {event.event}\ndata: {event.data}\n\n"
    return text.encode()


def _comment(account: bytes) -> bytes:
    return b": " + OWN_FIELD.encode() + b" " + account + b"\n\n"
