"""How an open reply of a vendor is read: first content in time, no long silence, and whole only with a finish."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from app.engine.estimation import NOTHING_TOLD, estimated_usage
from app.ports import ProviderStream
from app.resilience.clock import Clock
from app.resilience.deadline import FINISH_GRACE_SECONDS, SilenceWatch, SlowReaderError
from contracts.calls import Reply
from contracts.chat import Conversation, Usage
from contracts.config import LLMProviderConfig
from contracts.deltas import Piece, RelayedEvent, ToolCallDelta
from contracts.errors import LLMProviderError, LLMTimeoutError


class Reading:
    """Reads one provider stream under its limits. `held` was read, and is taken by whoever gives it out.

    `characters` counts what came, for an estimate if it is cut.
    """

    __slots__ = (
        "_arrivals",
        "_began",
        "_caller_seconds",
        "_clock",
        "_handed_out_at",
        "_has_content",
        "_has_ended",
        "_idle_seconds",
        "_max_seconds",
        "_provider",
        "_stream",
        "_watch",
        "characters",
        "held",
    )

    def __init__(self, stream: ProviderStream, provider: str, config: LLMProviderConfig, clock: Clock) -> None:
        self._stream = stream
        self._arrivals = aiter(stream)
        self._provider = provider
        self._idle_seconds = config.stream_idle_timeout_seconds
        self._max_seconds = config.stream_max_seconds
        self._clock = clock
        self._watch = SilenceWatch()
        self.held: deque[Piece] = deque()
        self._has_content = False
        self._has_ended = False
        self._began = clock.monotonic()
        self._handed_out_at: float | None = None
        self._caller_seconds = 0.0
        self.characters = 0

    async def until_first_content(self) -> None:
        """Reads to the first content and holds it back, or to the finish of an empty answer. Sets no limit.

        Raises ProviderProtocolError when the stream ends before either.
        """
        while not (self._has_content or self._stream.is_finished or self._has_ended):
            await self._take_one()
        self._handed_out_at = self._clock.monotonic()

    async def read_on(self) -> bool:
        """To the next content, or any event that is relayed as it came; False when the answer is whole.

        Raises LLMTimeoutError for a silence or a life that is too long (SlowReaderError when the caller took most of
        that life), ProviderProtocolError for a cut reply.
        """
        now = self._clock.monotonic()
        if self._handed_out_at is not None:
            self._caller_seconds += now - self._handed_out_at
        while not (self.held or self._has_ended):
            if self._stream.is_finished:
                await self._take_rest()
            else:
                await self._take_in_time(self._began + self._max_seconds - now)
            now = self._clock.monotonic()
        self._handed_out_at = now
        return bool(self.held)

    def reply(self) -> Reply:
        """The whole answer. Raises ProviderProtocolError when it is not whole."""
        return self._stream.reply()

    def estimate(self, conversation: Conversation) -> Usage:
        """What it has used so far: as the vendor had counted by then, and by what came since."""
        return estimated_usage(conversation, self.characters, self._stream.usage_so_far or NOTHING_TOLD)

    async def aclose(self) -> None:
        """Closes the upstream connection."""
        self._watch.close()
        await self._stream.aclose()

    async def _take_in_time(self, left: float) -> None:
        if left <= 0:
            raise self._outlived()
        self._watch.begin(min(left, self._idle_seconds))
        try:
            # As `_take_one` does; its frame would be one more that each token wakes.
            self._take(await anext(self._arrivals))
        except StopAsyncIteration:
            self._end()
        except asyncio.CancelledError:
            if self._watch.was_it():
                raise self._outlived() if left <= self._idle_seconds else self._silent() from None
            raise
        finally:
            self._watch.end()

    def _silent(self) -> LLMTimeoutError:
        return LLMTimeoutError(f"{self._provider} was silent for {self._idle_seconds:g} s in the middle of its answer")

    def _outlived(self) -> LLMTimeoutError:
        if self._caller_seconds > self._max_seconds / 2:
            slow = f"most of the {self._max_seconds:g} s that a stream may take went by before it was read"
            return SlowReaderError(slow, provider=self._provider)
        return LLMTimeoutError(f"{self._provider} streamed for more than {self._max_seconds:g} s")

    async def _take_rest(self) -> None:
        """After the finish reason only usage is missing: it is waited for, but not long, and its loss is no failure."""
        self._watch.begin(FINISH_GRACE_SECONDS)
        try:
            while not self._has_ended:
                await self._take_one()
        except LLMProviderError:
            self._has_ended = True
        except asyncio.CancelledError:
            if not self._watch.was_it():
                raise
            self._has_ended = True
        finally:
            self._watch.end()

    async def _take_one(self) -> None:
        try:
            self._take(await anext(self._arrivals))
        except StopAsyncIteration:
            self._end()

    def _end(self) -> None:
        self._has_ended = True
        if not self._stream.is_finished:
            self._stream.reply()

    def _take(self, pieces: Sequence[Piece]) -> None:
        for piece in pieces:
            adds = False
            for one in piece.deltas if isinstance(piece, RelayedEvent) else (piece,):
                content = one.arguments if isinstance(one, ToolCallDelta) else one.text
                self.characters += len(content)
                adds = adds or bool(content) or isinstance(one, ToolCallDelta)
            self._has_content = self._has_content or adds
            if adds or isinstance(piece, RelayedEvent):
                self.held.append(piece)
