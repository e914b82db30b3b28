"""How are the events of our own streams written?

event: text                     any of start, text, reasoning, tool_call, warning: the event as JSON, `type` too
data: {"type":"text","text":"Hel"}

event: done                     the last event of a whole answer: the LLMResponse itself
data: {"request_id":"req_…", …}

event: error                    the last event of a failed one: the Problem itself
data: {"type":"urn:…", …}
"""

from __future__ import annotations

from pydantic import BaseModel
from starlette.types import Scope

from app.http.problems import problem_of
from app.http.sse import relayed_bytes
from app.http.trail import trail_of
from contracts import DoneEvent, ErrorEvent, LLMProviderError, RelayedEvent, StreamEvent


class ProcessEvents:
    """The writer of POST /process/stream (an `EventWriter`)."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def write(self, event: StreamEvent) -> bytes:
        """Each event is written."""
        return encode_event(event)

    def fail(self, error: LLMProviderError) -> bytes:
        """An `error` event."""
        problem = problem_of(error, instance=self._scope["path"], trail=trail_of(self._scope))
        return encode_event(ErrorEvent(problem=problem))


def encode_event(event: StreamEvent) -> bytes:
    """One event as it goes over the wire."""
    if isinstance(event, RelayedEvent):
        return relayed_bytes(event)
    payload: BaseModel = event
    if isinstance(event, DoneEvent):
        payload = event.response
    elif isinstance(event, ErrorEvent):
        payload = event.problem
    return f"event: {event.type}\ndata: {payload.model_dump_json()}\n\n".encode()
