"""A dialect in which every call of its encoder can be read: what the surfaces ask of a wire, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.surfaces.surface import Asked, Surface
from app.wires.inbound import Inbound, ReplyNames, ServerEvent, StreamEncoder
from contracts import (
    Conversation,
    Delta,
    FieldError,
    InvalidRequestError,
    LLMProviderError,
    Message,
    RelayedEvent,
    Reply,
    Source,
    SurfaceRequest,
    TextDelta,
    TextPart,
    Wire,
)
from contracts.chat import Role


class SpelledEncoder:
    """Says what it was told; the usage of a vendor is the event named `usage`."""

    def __init__(self, names: ReplyNames, asked: Asked) -> None:
        self._names = names
        self._wants_usage = asked.wants_usage
        self.followed: list[str] = []

    def begin(self) -> list[ServerEvent]:
        return [ServerEvent(f"begin {self._names.request_id} {self._names.model} {self._names.created}")]

    def feed(self, delta: Delta) -> list[ServerEvent]:
        if isinstance(delta, TextDelta):
            return [ServerEvent(("refusal " if delta.is_refusal else "text ") + delta.text, event="piece")]
        return [ServerEvent(type(delta).__name__)]

    def follow(self, event: RelayedEvent) -> None:
        self.followed.append(event.data)

    def passes(self, event: RelayedEvent) -> bool:
        return self._wants_usage or event.event != "usage"

    def end(self, reply: Reply, extras: Mapping[str, Any] | None = None) -> list[ServerEvent]:
        return [ServerEvent(f"end {reply.finish_reason.value} {(extras or {})['provider']}")]

    def closing(self) -> list[ServerEvent]:
        return [ServerEvent(f"closing after {len(self.followed)}")]

    def fail(self, error: LLMProviderError) -> list[ServerEvent]:
        return [ServerEvent(f"fail {error.error_type} {self._names.model}")]


def _decode(body: Mapping[str, Any]) -> Inbound:
    if "model" not in body:
        raise InvalidRequestError("model: is required", errors=[FieldError(field="model", message="is required")])
    said = Message(role=Role.USER, content=(TextPart(text="Hello."),))
    return Inbound(
        read_as=Conversation(messages=(said,)),
        model=body["model"],
        is_stream=body.get("stream", False),
        wants_usage=False,
        user_id="ada",
        extras={name: value for name, value in body.items() if name not in ("model", "stream")},
        demands=(FieldError(field="n", message="only this dialect has it"),),
        choices=2,
        may_pass=False,
        warnings=("a.b was not taken",),
    )


def _encode(_: Reply, names: ReplyNames, asked: Asked, extras: Mapping[str, Any]) -> dict[str, Any]:
    named = {"id": names.request_id, "model": names.model, "created": names.created}
    return {**named, "asked": dict(asked.body), "llm_service": extras}


def _encoder(names: ReplyNames, asked: Asked) -> StreamEncoder:
    return SpelledEncoder(names, asked)


SPELLED = Surface(wire=Wire.OPENAI_CHAT, decode=_decode, encode=_encode, encoder=_encoder)


def asked_for(model: str = "gpt-x", *, wants_usage: bool = True) -> Asked:
    """A request as it was read."""
    source = Source(wire=Wire.OPENAI_CHAT, body=b"{}", read_as=Conversation(messages=()))
    return Asked(
        request=SurfaceRequest(source=source, model=model, request_id="req_1"),
        body={"model": model},
        wants_usage=wants_usage,
    )
