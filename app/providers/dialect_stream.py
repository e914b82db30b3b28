"""How is a streamed reply read, piece by piece, and closed in every case?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

import httpx2

from app.ports.withheld import Withheld
from app.providers.dialect import Decoder
from app.upstream import Framing, NdjsonFraming, SseEvent, SseFraming, UpstreamEvents, media_type, upstream_chunks
from contracts.calls import Reply
from contracts.chat import Usage
from contracts.deltas import Delta, Piece, RelayedEvent
from contracts.errors import LLMProviderError, ProviderProtocolError

ACCEPTED = {"sse": "text/event-stream", "ndjson": "application/x-ndjson"}

_LARGEST_ERROR_BYTES = 2**20
_LARGEST_REPLY_BYTES = 64 * 2**20

# After [DONE] only the end of the body is missing. Reading it gives the connection back to the pool, where closing now
# would cost the next call a handshake; a vendor that keeps the body open is not waited for.
_END_OF_BODY_SECONDS = 0.02


# One chunk can hold thousands of events, whose readers may never have to wait: others want their turn in between.
_EVENTS_IN_A_TURN = 64


@dataclass(frozen=True, slots=True)
class OpenedEvents:
    """What is read from now on, and what was already decoded of a reply that is no stream."""

    events: UpstreamEvents | AsyncGenerator[list[SseEvent], None]
    decoded: Sequence[Delta] = ()


class DialectStream:
    """An open reply (implements `app.ports.ProviderStream`). `connection` is closed by `aclose`, and at its end.

    `returned` makes of the vendor's whole answer what its caller is given. `is_relayed`: every event of the vendor is
    given out as it came.
    """

    __slots__ = (
        "_connection",
        "_decoded",
        "_decoder",
        "_events",
        "_fault",
        "_heard",
        "_is_relayed",
        "_returned",
        "_withheld",
        "is_finished",
    )

    def __init__(
        self,
        decoder: Decoder,
        opened: OpenedEvents,
        *,
        connection: httpx2.Response,
        withheld: Withheld,
        returned: Callable[[Reply], Reply],
        is_relayed: bool = False,
    ) -> None:
        self.is_finished = decoder.is_finished
        self._decoder = decoder
        self._events = opened.events
        self._decoded = opened.decoded
        self._connection = connection
        self._withheld = withheld
        self._returned = returned
        self._is_relayed = is_relayed
        # What came and was not looked at yet, and what was found behind the last pieces.
        self._heard: list[SseEvent] = []
        self._fault: LLMProviderError | None = None

    def __aiter__(self) -> DialectStream:
        return self

    async def __anext__(self) -> Sequence[Piece]:
        """What came next. Ends at `[DONE]` or at the end of the body."""
        try:
            if self._decoded:
                decoded, self._decoded = self._decoded, ()
                return decoded
            if self._fault is not None:
                raise self._fault
            if not self._decoder.is_done:
                if self._heard:
                    await asyncio.sleep(0)
                else:
                    self._heard = await anext(self._events)
                if (pieces := self._pieces()) or not self._decoder.is_done:
                    return pieces
            await self._read_end()
            raise StopAsyncIteration
        except BaseException:
            await self.aclose()
            raise

    @property
    def usage_so_far(self) -> Usage | None:
        """What the vendor has counted by now."""
        return self._decoder.usage_so_far

    def reply(self) -> Reply:
        """The whole answer. Raises ProviderProtocolError when the stream ended without a finish reason."""
        with self._withheld:
            return self._returned(self._decoder.reply())

    async def aclose(self) -> None:
        """Closes the upstream connection at once, whatever is being read from it; may be called twice."""
        self._heard = []
        await self._connection.aclose()
        await self._events.aclose()

    def _pieces(self) -> Sequence[Piece]:
        """Of what was heard: an error that follows something is raised after it."""
        turn, self._heard = self._heard[:_EVENTS_IN_A_TURN], self._heard[_EVENTS_IN_A_TURN:]
        pieces: list[Piece] = []
        for name, data in turn:
            try:
                pieces += self._decode(name, data)
            except LLMProviderError as error:
                if not pieces:
                    raise
                self._fault = error
                break
            if self._decoder.is_done:
                break
        return pieces

    def _decode(self, event: str, data: str) -> Sequence[Piece]:
        decoder = self._decoder
        try:
            deltas = decoder.feed(event, data)
        except LLMProviderError:
            with self._withheld:
                raise
        self.is_finished = is_finished = decoder.is_finished
        if not self._is_relayed:
            return deltas
        is_end = is_finished or decoder.is_done
        return (RelayedEvent(event=event, data=data, deltas=tuple(deltas), is_end=is_end),)

    async def _read_end(self) -> None:
        if getattr(self._connection.stream, "is_whole", False):
            # It came along with the rest, as most do, and a transport that knows it has put the connection back.
            return
        try:
            async with asyncio.timeout(_END_OF_BODY_SECONDS):
                async for _ in self._events:
                    pass
        except (TimeoutError, LLMProviderError):
            # The answer is whole; how its body ends is of no interest any more.
            return


async def open_events(
    response: httpx2.Response, decoder: Decoder, *, framing: Literal["sse", "ndjson"], provider: str, model: str
) -> OpenedEvents:
    """The events in the body of a 200 reply, by its content type.

    A whole JSON completion, from a server that cannot stream, is decoded here and now. Raises ProviderProtocolError
    for a page of text, and what the decoder raises.
    """
    said = media_type(response)
    if said == "application/json":
        body = await bounded_body(response, provider, largest=_LARGEST_REPLY_BYTES)
        return OpenedEvents(_no_events(), decoder.feed_whole(body))
    if said == "text/html":
        detail = f"{provider} answered a streamed request with a web page: check its base_url"
        raise ProviderProtocolError(detail, provider=provider, model=model, upstream_status=response.status_code)
    framed: Framing = SseFraming(provider) if framing == "sse" else NdjsonFraming(provider)
    return OpenedEvents(UpstreamEvents(response, framed, provider))


async def bounded_body(response: httpx2.Response, provider: str, *, largest: int = _LARGEST_ERROR_BYTES) -> bytes:
    """The body of a small reply, at most `largest` bytes of it."""
    body = bytearray()
    async with aclosing(upstream_chunks(response, provider)) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) >= largest:
                break
    return bytes(body[:largest])


async def _no_events() -> AsyncGenerator[list[SseEvent], None]:
    return
    yield
