"""A provider whose every answer has the parts that a test wants: thoughts, calls of tools, refusals."""

from __future__ import annotations

from dataclasses import replace

from app.ports import CallLimits
from contracts.calls import ModelCall, Reply
from contracts.chat import FinishReason, Message, Part, Role
from tests.kit.fake_provider import FakeProvider, FakeStream
from tests.kit.script import Counted, Finish, Says, Step, Streams


class SpeakingProvider(FakeProvider):
    """Says `parts`, whole or (`steps`) as a stream, and ends for `finish`."""

    def __init__(
        self,
        name: str,
        parts: tuple[Part, ...],
        finish: FinishReason = FinishReason.STOP,
        *,
        steps: tuple[Step, ...] = (),
        warnings: tuple[str, ...] = (),
    ) -> None:
        super().__init__(name)
        self.afterwards = Streams((*steps, Finish(finish), Counted())) if steps else Says()
        self._parts = parts
        self._finish = finish
        self._warnings = warnings

    async def complete(self, call: ModelCall, *, model: str, limits: CallLimits) -> Reply:
        """The parts."""
        return self.spoken(await super().complete(call, model=model, limits=limits))

    async def open_stream(self, call: ModelCall, *, model: str, limits: CallLimits) -> FakeStream:
        """The steps, and the parts at their end."""
        return _SpokenStream(await super().open_stream(call, model=model, limits=limits), self)

    def spoken(self, reply: Reply) -> Reply:
        """The reply, with the parts."""
        message = Message(role=Role.ASSISTANT, content=self._parts)
        return replace(reply, message=message, finish_reason=self._finish, warnings=self._warnings)


class _SpokenStream(FakeStream):
    """The stream that it is made of, but for its reply."""

    def __init__(self, stream: FakeStream, provider: SpeakingProvider) -> None:
        vars(self).update(vars(stream))
        self._provider = provider

    def reply(self) -> Reply:
        """The parts."""
        return self._provider.spoken(super().reply())
