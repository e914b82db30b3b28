"""What does a router say of its endpoint at a surface? Body, answer, stream and errors, made by the surface itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.http.described import MODEL_CALL, ErrorForm, Responses, answers, example_of, ref, takes
from app.surfaces.answered import answer_response
from app.surfaces.document.errors import call_errors
from app.surfaces.streamed import SurfaceEvents
from app.surfaces.surface import Asked, Surface
from app.wires.inbound import OWN_FIELD
from contracts import (
    Completion,
    Conversation,
    DoneEvent,
    LLMResponse,
    Reply,
    Source,
    StartEvent,
    StreamEvent,
    SurfaceRequest,
    TextEvent,
)

_ANSWER = LLMResponse.model_validate(example_of(LLMResponse))
_REPLY = Reply(message=_ANSWER.message, finish_reason=_ANSWER.finish_reason, usage=_ANSWER.usage)
_EVENTS: tuple[StreamEvent, ...] = (
    StartEvent(
        request_id=_ANSWER.request_id,
        correlation_id=_ANSWER.correlation_id,
        provider=_ANSWER.provider,
        model=_ANSWER.model,
    ),
    TextEvent(text="A circuit breaker stops calls "),
    TextEvent(text="to a failing dependency until it recovers."),
    DoneEvent(response=_ANSWER),
)
_GOOD = (
    "The answer; with `stream` the dialect's server-sent events. Lines that begin with a colon are signs of life, or "
    f"`{OWN_FIELD}` of a stream that is relayed. A stream without the dialect's own end was cut."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a router says of its endpoint: `openapi_extra` and `responses`."""

    request: dict[str, Any]
    responses: Responses


def described(
    surface: Surface, schemas: tuple[str, str], examples: Mapping[str, dict[str, Any]], form: ErrorForm
) -> Described:
    """The description of an endpoint. `schemas` are those of body and answer, `examples` bodies by their summaries."""
    asked = _asked(surface, next(iter(examples.values())))
    body = answer_response(Completion(response=_ANSWER, reply=_REPLY), surface, asked).body
    writer = SurfaceEvents(surface, asked, created=int(_ANSWER.created_at.timestamp()))
    stream = b"".join(writer.write(event) for event in _EVENTS).decode()
    good = answers(_GOOD, ref(schemas[1]), json.loads(bytes(body)), headers=(*MODEL_CALL, *form.headers))
    good[200]["content"]["text/event-stream"] = {"schema": {"type": "string"}, "example": stream}
    return Described(request=takes(schemas[0], dict(examples)), responses=good | call_errors(form))


def _asked(surface: Surface, body: dict[str, Any]) -> Asked:
    source = Source(wire=surface.wire, body=b"", read_as=Conversation(messages=()))
    return Asked(request=SurfaceRequest(source=source, model=body["model"]), body=body)
