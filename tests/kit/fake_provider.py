"""A provider that follows a script and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from app.ports import CallLimits
from contracts.calls import EmbeddingReply, ModelCall, Reply, Wire
from contracts.chat import FinishReason, Message, Role, TextPart, Usage
from contracts.deltas import Piece, RelayedEvent, TextDelta
from contracts.errors import ProviderProtocolError
from contracts.kept_state import answer_id_in
from contracts.providers import ProviderCapabilities, ProviderType, RateLimit
from tests.kit.script import Counted, Fails, Finish, Outcome, Pause, Ping, Says, Silent, Step, Streams
from tests.kit.virtual_time import elapse


@dataclass(slots=True)
class Asked:
    """One call that reached the provider. `at`, `closed_at` and `cancelled_at` are the loop's seconds."""

    model: str
    call: ModelCall
    limits: CallLimits
    is_stream: bool
    at: float
    closed_at: float | None = None
    cancelled_at: float | None = None


class FakeProvider:
    """Implements `app.ports.Provider`: each call takes the next outcome of the script, then `afterwards` for ever."""

    def __init__(
        self,
        name: str,
        script: Iterable[Outcome] = (),
        *,
        kind: ProviderType = ProviderType.MOCK,
        default_model: str | None = None,
        models: Iterable[str] = (),
        embeds: Iterable[str] = (),
        unusable: str | None = None,
    ) -> None:
        self.name = name
        self.type = kind
        self.default_model = default_model or f"{name}-1"
        self._embeds = list(embeds)
        self.makes_embeddings = bool(self._embeds)
        self.default_embedding_model = self._embeds[0] if self._embeds else None
        self.counts_tokens = False
        self.capabilities = ProviderCapabilities()
        self.wires: set[Wire] = set()
        self.script = list(script)
        self.afterwards: Outcome = Says()
        self.asked: list[Asked] = []
        self.is_closed = False
        self.spent: dict[str, datetime] = {}
        self._models = {self.default_model, *models}
        self._unusable = unusable

    @property
    def times(self) -> list[float]:
        """Seconds between its first call and each."""
        return [asked.at - self.asked[0].at for asked in self.asked]

    @property
    def open_calls(self) -> int:
        """Calls that neither ended nor were closed."""
        return sum(asked.closed_at is None for asked in self.asked)

    def unusable_reason(self) -> str | None:
        """As constructed."""
        return self._unusable

    def offers(self, model: str) -> bool:
        """The default model and `models`."""
        return model in self._models

    def speaks(self, wire: Wire) -> bool:
        """The dialects of `wires`."""
        return wire in self.wires

    def offers_embeddings(self, model: str) -> bool:
        """The models of `embeds`, whose first is the default one."""
        return model in self._embeds

    async def complete(self, call: ModelCall, *, model: str, limits: CallLimits) -> Reply:
        """The next outcome, as a plain reply."""
        asked, outcome = self._take(call, model, limits, is_stream=False)
        try:
            return await _plain(outcome)
        except asyncio.CancelledError:
            asked.cancelled_at = _now()
            raise
        finally:
            asked.closed_at = _now()

    async def open_stream(self, call: ModelCall, *, model: str, limits: CallLimits) -> FakeStream:
        """The next outcome, as a stream."""
        asked, outcome = self._take(call, model, limits, is_stream=True)
        try:
            return FakeStream(await _opened(outcome), asked)
        except BaseException as error:
            asked.cancelled_at = _now() if isinstance(error, asyncio.CancelledError) else None
            asked.closed_at = _now()
            raise

    async def embed(self, call: ModelCall, *, model: str, limits: CallLimits) -> EmbeddingReply:
        """The next outcome; an answer becomes a vector for each text, of its length and 1."""
        asked, outcome = self._take(call, model, limits, is_stream=False)
        try:
            return _embedded(await _plain(outcome), call)
        except asyncio.CancelledError:
            asked.cancelled_at = _now()
            raise
        finally:
            asked.closed_at = _now()

    async def count_tokens(self, call: ModelCall, *, model: str, limits: CallLimits) -> int:
        """The next outcome; an answer counts its own input tokens."""
        asked, outcome = self._take(call, model, limits, is_stream=False)
        try:
            reply = await _plain(outcome)
            return reply.usage.input_tokens if reply.usage is not None else 0
        finally:
            asked.closed_at = _now()

    async def list_models(self, *, limits: CallLimits) -> list[str]:
        """What it offers."""
        return sorted(self._models)

    def missing_default_model(self, listed: Sequence[str]) -> str | None:
        """Plainly."""
        return None if self.default_model in listed else f"{self.name} does not list {self.default_model}"

    def rate_limits(self) -> list[RateLimit]:
        """None."""
        return []

    def spent_until(self, model: str) -> datetime | None:
        """As set in `spent`."""
        return self.spent.get(model)

    async def aclose(self) -> None:
        """Remembers that it was closed."""
        self.is_closed = True

    def _take(self, call: ModelCall, model: str, limits: CallLimits, *, is_stream: bool) -> tuple[Asked, Outcome]:
        asked = Asked(model, call, limits, is_stream, _now())
        self.asked.append(asked)
        return asked, self.script.pop(0) if self.script else self.afterwards


class FakeStream:
    """Implements `app.ports.ProviderStream` over the steps of a script."""

    def __init__(self, steps: tuple[Step, ...], asked: Asked) -> None:
        self.is_finished = False
        self._steps = steps
        self._asked = asked
        self._text = ""
        self._reason = FinishReason.STOP
        self._id: str | None = None
        self.usage_so_far: Usage | None = None
        self._closed = asyncio.Event()

    def __aiter__(self) -> AsyncIterator[Sequence[Piece]]:
        return self._run()

    def reply(self) -> Reply:
        """The whole answer. Raises ProviderProtocolError before the finish reason."""
        if not self.is_finished:
            raise ProviderProtocolError("the stream ended without a finish reason")
        message = Message(role=Role.ASSISTANT, content=(TextPart(text=self._text),))
        return Reply(message=message, finish_reason=self._reason, usage=self.usage_so_far, id=self._id)

    async def aclose(self) -> None:
        """Ends what waits for more, and remembers when the connection was closed first: nothing else closes it."""
        self._closed.set()
        if self._asked.closed_at is None:
            self._asked.closed_at = _now()

    async def _run(self) -> AsyncGenerator[Sequence[Piece], None]:
        for step in self._steps:
            if self._asked.closed_at is not None:
                return
            if isinstance(step, Finish):
                self.is_finished, self._reason = True, step.reason
            elif isinstance(step, Counted):
                self.usage_so_far = step.usage
            piece = await self._delta(step)
            yield () if piece is None else (piece,)

    async def _delta(self, step: Step) -> Piece | None:
        match step:
            case str():
                self._text += step
                return TextDelta(text=step)
            case Pause():
                await elapse(step.seconds)
            case Silent():
                await self._closed.wait()
                raise ProviderProtocolError("the connection was closed")
            case Fails():
                raise step.error()
            case RelayedEvent():
                self._text += "".join(delta.text for delta in step.deltas if isinstance(delta, TextDelta))
                self.is_finished = self.is_finished or step.is_end
                self._id = self._id or answer_id_in(step)
                return step
            case Finish() | Counted() | Ping():
                pass
            case _:
                return step
        return None


async def _plain(outcome: Outcome) -> Reply:
    match outcome:
        case Says():
            await elapse(outcome.after)
            message = Message(role=Role.ASSISTANT, content=(TextPart(text=outcome.text),))
            return Reply(
                message=message,
                finish_reason=outcome.finish,
                usage=outcome.usage,
                raw=outcome.raw,
                id=outcome.id,
                item_ids=outcome.item_ids,
            )
        case Fails():
            await elapse(outcome.after)
            raise outcome.error()
        case Streams():
            msg = "a plain call met a script for a stream"
            raise AssertionError(msg)
    return await _forever()


def _embedded(reply: Reply, call: ModelCall) -> EmbeddingReply:
    texts = call.embedding.texts if call.embedding and reply.raw is None else ()
    vectors = tuple((float(len(text)), 1.0) for text in texts)
    return EmbeddingReply(vectors=vectors, usage=reply.usage, raw=reply.raw)


async def _opened(outcome: Outcome) -> tuple[Step, ...]:
    match outcome:
        case Says():
            counted = (Counted(outcome.usage),) if outcome.usage else ()
            return (Pause(outcome.after), outcome.text, Finish(), *counted)
        case Streams():
            await elapse(outcome.opens_after)
            return outcome.steps
        case Fails():
            await elapse(outcome.after)
            raise outcome.error()
    return await _forever()


async def _forever() -> NoReturn:
    await asyncio.Event().wait()
    msg = "for ever has ended"
    raise AssertionError(msg)


def _now() -> float:
    return asyncio.get_running_loop().time()
