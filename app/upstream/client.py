"""How does a request reach a vendor, and how does its reply come back whole, or piece by piece?

Adapters hand in and get back httpx2 types; what goes wrong on the way comes out as an error of `contracts.errors`.
There are no retries, no redirects and no deadlines here but the one for connecting: guard.py owns the others and
applies them by cancellation, which closes the upstream connection at once.
"""

from __future__ import annotations

from importlib.util import find_spec

import httpx2

from app.upstream.body import upstream_chunks
from app.upstream.faults import fault_before_reply
from app.upstream.light_types import ENCODING, FormedRequest, HeadedReply, LightReply, UnreadReply, WholeReply
from app.upstream.prompt import PromptTransport
from app.upstream.terms import STREAMED
from contracts.errors import ProviderProtocolError

DEFAULT_MAX_REPLY_BYTES = 64 * 2**20


class UpstreamClient:
    """The one HTTP client of a process; every provider row shares it and its pool.

    `transport` is the test seam: any httpx2 transport. `max_reply_bytes` bounds a whole reply after decompression.
    """

    def __init__(
        self,
        transport: httpx2.AsyncBaseTransport | None = None,
        *,
        max_reply_bytes: int = DEFAULT_MAX_REPLY_BYTES,
        version: str = "dev",
    ) -> None:
        self._transport = transport or _fastest_transport()
        self._prompt = self._transport if isinstance(self._transport, PromptTransport) else None
        self._max_reply_bytes = max_reply_bytes
        self._user_agent = f"llm-provider-service/{version}".encode()

    async def fetch(self, request: httpx2.Request, *, provider: str, connect_timeout_seconds: float) -> LightReply:
        """The whole reply to `request`, whatever its status; its body is decompressed and read.

        Raises ProviderUnavailableError before the reply's first byte, ProviderProtocolError when the reply is
        unreadable, cut short or larger than `max_reply_bytes`, and LLMTimeoutError when connecting took too long.
        """
        # Waited for here, where that is all there is to wait for: each coroutine in between is one more to wake.
        reply = None
        try:
            if self._prompt is not None and isinstance(request, FormedRequest) and not request.is_made:
                request.user_agent = self._user_agent
                reply = self._prompt.begin(request)
            if reply is None:
                self._introduce(request, connect_timeout_seconds)
                response = await self._transport.handle_async_request(request)
            else:
                while not reply.has_head:
                    await reply.until_news()
                response = light = HeadedReply(reply.status, reply.head, reply, request)
                if reply.is_whole and reply.unread_bytes <= self._max_reply_bytes and ENCODING not in light.names:
                    # As of nearly all: the body came with its head, and nothing is left to close.
                    light.content = b"".join(reply.pieces)
                    return light
        except BaseException as exc:
            if reply is not None:
                reply.abort()
            if isinstance(exc, httpx2.HTTPError):
                raise fault_before_reply(exc, provider, connect_timeout_seconds=connect_timeout_seconds) from exc
            raise
        if not isinstance(response, UnreadReply):
            response.request = request
        try:
            return WholeReply(response, await self._read_whole(response, provider))
        finally:
            await response.aclose()

    async def open(self, request: httpx2.Request, *, provider: str, connect_timeout_seconds: float) -> httpx2.Response:
        """The reply to `request` with its body still unread: read it with `upstream_chunks`.

        Closing it closes the upstream connection unless the body was read to its end. Raises as `fetch` does, up to
        the reply's headers.
        """
        request.extensions[STREAMED] = True
        self._introduce(request, connect_timeout_seconds)
        try:
            response = await self._transport.handle_async_request(request)
        except httpx2.HTTPError as exc:
            raise fault_before_reply(exc, provider, connect_timeout_seconds=connect_timeout_seconds) from exc
        if not isinstance(response, UnreadReply):
            response.request = request
        return response

    async def aclose(self) -> None:
        """Close every connection; a call still under way fails with ServiceNotStartedError."""
        await self._transport.aclose()

    def _introduce(self, request: httpx2.Request, connect_timeout_seconds: float) -> None:
        """Say in `request` who asks, and for how long its transport may try to connect."""
        if isinstance(request, FormedRequest) and not request.is_made:
            request.user_agent = self._user_agent
        elif "user-agent" not in request.headers:
            request.headers["User-Agent"] = self._user_agent.decode()
        request.extensions["timeout"] = {"connect": connect_timeout_seconds}

    async def _read_whole(self, response: httpx2.Response, provider: str) -> bytes:
        parts: list[bytes] = []
        bytes_left = self._max_reply_bytes
        chunks = upstream_chunks(response, provider)
        try:
            async for chunk in chunks:
                bytes_left -= len(chunk)
                if bytes_left < 0:
                    raise ProviderProtocolError(
                        f"the reply of {provider} is larger than {self._max_reply_bytes} bytes", provider=provider
                    )
                parts.append(chunk)
        finally:
            await chunks.aclose()
        return parts[0] if len(parts) == 1 else b"".join(parts)


def _fastest_transport() -> httpx2.AsyncBaseTransport:
    """Our own, where there is a wheel of its parser."""
    if find_spec("httptools") is None:
        from app.upstream.transport import AiohttpTransport

        return AiohttpTransport()
    from app.upstream.direct import DirectTransport

    return DirectTransport()
