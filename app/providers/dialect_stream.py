"""How is a streamed reply read, piece by piece, and closed in every case?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from typing import Literal

import httpx2

from app.providers.dialect import Decoder
from app.upstream import SseEvent, ndjson_events, sse_events, upstream_chunks
from contracts.calls import Reply
from contracts.deltas import Delta
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
    """An open reply (implements `app.ports.ProviderStream`). `connection` is closed by `aclose`, and at its end."""

    def __init__(
        self,
        decoder: Decoder,
        opened: OpenedEvents,
        *,
        connection: AsyncExitStack,
        warnings: tuple[str, ...] = (),
    ) -> None:
        self.is_finished = decoder.is_finished
        self._decoder = decoder
        self._opened = opened
        self._connection = connection
        self._warnings = warnings

    async def __aiter__(self) -> AsyncIterator[Delta | None]:
        """Deltas, and None for a sign of life without content; ends at `[DONE]` or at the end of the body."""
        try:
            for decoded in self._opened.decoded:
                yield decoded
            async for event in self._opened.events:
                deltas = [] if event.data is None else self._decoder.feed(event.event, event.data)
                self.is_finished = self._decoder.is_finished
                for delta in deltas:
                    yield delta
                if self._decoder.is_done:
                    await self._read_end()
                    return
                if not deltas:
                    yield None
        finally:
            await self.aclose()

    def reply(self) -> Reply:
        """The whole answer. Raises ProviderProtocolError when the stream ended without a finish reason."""
        reply = self._decoder.reply()
        return replace(reply, warnings=(*self._warnings, *reply.warnings))

    async def aclose(self) -> None:
        """Closes the upstream connection at once, whatever is being read from it; may be called twice."""
        await self._connection.aclose()
        # A generator that another task is still inside ends by the connection's close.
        if not getattr(self._opened.events, "ag_running", False):
            await self._opened.events.aclose()

    async def _read_end(self) -> None:
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
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "application/json":
        body = await bounded_body(response, provider, largest=_LARGEST_REPLY_BYTES)
        return OpenedEvents(_no_events(), tuple(decoder.feed_whole(body)))
    if media_type == "text/html":
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
