"""How is a streamed reply read, piece by piece, and closed in every case?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

import httpx2

from app.ports.withheld import Withheld
from app.providers.dialect import Decoder
from app.upstream import SseEvent, media_type, ndjson_events, sse_events, upstream_chunks
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


@dataclass(frozen=True, slots=True)
class OpenedEvents:
    """What is read from now on, and what was already decoded of a reply that is no stream."""

    events: AsyncGenerator[SseEvent, None]
    decoded: tuple[Delta, ...] = ()


class DialectStream:
    """An open reply (implements `app.ports.ProviderStream`). `connection` is closed by `aclose`, and at its end.

    `returned` makes of the vendor's whole answer what its caller is given. `is_relayed`: every event of the vendor is
    given out as it came.
    """

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
        self._opened = opened
        self._connection = connection
        self._withheld = withheld
        self._returned = returned
        self._is_relayed = is_relayed

    async def __aiter__(self) -> AsyncIterator[Piece | None]:
        """Deltas, or relayed events; None for a sign of life. Ends at `[DONE]` or at the end of the body."""
        try:
            for decoded in self._opened.decoded:
                yield decoded
            async for name, data in self._opened.events:
                pieces: Sequence[Piece] = () if data is None else self._pieces(name, data)
                for piece in pieces:
                    yield piece
                if self._decoder.is_done:
                    await self._read_end()
                    return
                if not pieces:
                    yield None
        finally:
            await self.aclose()

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
        await self._connection.aclose()
        # A generator that another task is still inside ends by the connection's close.
        if not getattr(self._opened.events, "ag_running", False):
            await self._opened.events.aclose()

    def _pieces(self, event: str, data: str) -> Sequence[Piece]:
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
                async for _ in self._opened.events:
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
        return OpenedEvents(_no_events(), tuple(decoder.feed_whole(body)))
    if said == "text/html":
        detail = f"{provider} answered a streamed request with a web page: check its base_url"
        raise ProviderProtocolError(detail, provider=provider, model=model, upstream_status=response.status_code)
    framed = sse_events if framing == "sse" else ndjson_events
    return OpenedEvents(framed(upstream_chunks(response, provider), provider=provider))


async def bounded_body(response: httpx2.Response, provider: str, *, largest: int = _LARGEST_ERROR_BYTES) -> bytes:
    """The body of a small reply, at most `largest` bytes of it."""
    body = bytearray()
    async with aclosing(upstream_chunks(response, provider)) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) >= largest:
                break
    return bytes(body[:largest])


async def _no_events() -> AsyncGenerator[SseEvent, None]:
    return
    yield
