"""An engine that is asked what comes in at the drop-in surfaces."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.engine.surface_intake import take_in_surface
from contracts.caller import IN_PROCESS_CALLER, Caller
from contracts.calls import Source, Wire
from contracts.chat import Conversation, Message, Role, TextPart
from contracts.deltas import RelayedEvent, TextDelta
from contracts.errors import LLMProviderError
from contracts.steering import Steering
from contracts.streams import AnswerStream, StreamEvent
from contracts.surfaces import AUTO, Completion, SurfaceRequest
from tests.kit.engine import Engine

SAID = Conversation(messages=(Message(role=Role.USER, content=(TextPart(text="Say hello."),)),))
SOURCE = Source(wire=Wire.OPENAI_CHAT, body=b'{"model":"auto"}', read_as=SAID)


def surface_request(
    *, model: str = AUTO, source: Source = SOURCE, is_stream: bool = False, steering: dict[str, Any] | None = None
) -> SurfaceRequest:
    """A request in OpenAI's dialect; `steering` is its `llm_service`."""
    return SurfaceRequest(
        source=source, model=model, is_stream=is_stream, steering=Steering.model_validate(steering or {})
    )


def relayed(text: str = "", *, is_end: bool = False) -> RelayedEvent:
    """A vendor's event, as it came, that says `text`."""
    deltas = (TextDelta(text=text),) if text else ()
    return RelayedEvent(event="message", data=f"<{text}{'.' if is_end else ''}>", deltas=deltas, is_end=is_end)


class SurfaceEngine(Engine):
    """Takes requests as the drop-in surfaces do."""

    async def complete(self, request: SurfaceRequest, caller: Caller = IN_PROCESS_CALLER) -> Completion:
        """The whole answer."""
        with self.snapshots.taken() as runtime:
            order = take_in_surface(request, caller, now=self.clock.now(), config=runtime.config)
            return await self._plain.completion(order, runtime)

    async def refusal(self, request: SurfaceRequest, caller: Caller = IN_PROCESS_CALLER) -> LLMProviderError:
        """The error of a request that must fail."""
        try:
            await self.complete(request, caller)
        except LLMProviderError as error:
            return error
        msg = "the request was answered"
        raise AssertionError(msg)

    async def stream(self, request: SurfaceRequest, caller: Caller = IN_PROCESS_CALLER) -> AnswerStream:
        """The open answer."""
        runtime = self.snapshots.take()
        try:
            order = take_in_surface(
                replace(request, is_stream=True), caller, now=self.clock.now(), config=runtime.config
            )
            return await self._streamed.open(order, runtime, lambda: self.snapshots.give_back(runtime))
        except BaseException:
            self.snapshots.give_back(runtime)
            raise

    async def streamed(self, request: SurfaceRequest, caller: Caller = IN_PROCESS_CALLER) -> list[StreamEvent]:
        """All events of a stream."""
        async with await self.stream(request, caller) as stream:
            return [event async for event in stream]
