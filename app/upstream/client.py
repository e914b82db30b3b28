"""How does a request reach a vendor, and how does its reply come back whole, or piece by piece?

Adapters hand in and get back httpx2 types; what goes wrong on the way comes out as an error of `contracts.errors`.
There are no retries, no redirects and no deadlines here but the one for connecting: guard.py owns the others and
applies them by cancellation, which closes the upstream connection at once.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from importlib.util import find_spec

import httpx2

from app.upstream.faults import fault_before_reply, fault_in_reply
from app.upstream.terms import STREAMED
from contracts.errors import ProviderProtocolError

DEFAULT_MAX_REPLY_BYTES = 64 * 2**20
_HEADERS_OF_THE_ENCODED_BODY = ("content-encoding", "content-length", "transfer-encoding")


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
        self._max_reply_bytes = max_reply_bytes
        self._user_agent = f"llm-provider-service/{version}"

    async def fetch(self, request: httpx2.Request, *, provider: str, connect_timeout_seconds: float) -> httpx2.Response:
        """The whole reply to `request`, whatever its status; its body is decompressed and read.

        Raises ProviderUnavailableError before the reply's first byte, ProviderProtocolError when the reply is
        unreadable, cut short or larger than `max_reply_bytes`, and LLMTimeoutError when connecting took too long.
        """
        response = await self._answer(request, provider, connect_timeout_seconds)
        try:
            return _WholeResponse(response, await self._read_whole(response, provider))
        finally:
            await response.aclose()

    @asynccontextmanager
    async def stream(
        self, request: httpx2.Request, *, provider: str, connect_timeout_seconds: float
    ) -> AsyncIterator[httpx2.Response]:
        """The reply to `request` with its body still unread: read it with `upstream_chunks`.

        Leaving the context, by cancellation too, closes the upstream connection unless the body was read to its end.
        Raises as `fetch` does, up to the reply's headers.
        """
        request.extensions[STREAMED] = True
        response = await self._answer(request, provider, connect_timeout_seconds)
        try:
            yield response
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        """Close every connection; a call still under way fails with ServiceNotStartedError."""
        await self._transport.aclose()

    async def _answer(self, request: httpx2.Request, provider: str, connect_timeout_seconds: float) -> httpx2.Response:
        if not any(name.lower() == b"user-agent" for name, _ in request.headers.raw):
            request.headers["User-Agent"] = self._user_agent
        request.extensions["timeout"] = {"connect": connect_timeout_seconds}
        try:
            response = await self._transport.handle_async_request(request)
        except httpx2.HTTPError as exc:
            raise fault_before_reply(exc, provider, connect_timeout_seconds=connect_timeout_seconds) from exc
        response.request = request
        return response

    async def _read_whole(self, response: httpx2.Response, provider: str) -> bytes:
        parts: list[bytes] = []
        bytes_left = self._max_reply_bytes
        async with aclosing(upstream_chunks(response, provider)) as chunks:
            async for chunk in chunks:
                bytes_left -= len(chunk)
                if bytes_left < 0:
                    raise ProviderProtocolError(
                        f"the reply of {provider} is larger than {self._max_reply_bytes} bytes", provider=provider
                    )
                parts.append(chunk)
        return b"".join(parts)


async def upstream_chunks(response: httpx2.Response, provider: str) -> AsyncGenerator[bytes, None]:
    """The decompressed body of `response` in pieces, each as soon as it is here.

    Raises ProviderProtocolError when the body is cut short or cannot be decompressed.
    """
    pieces = _pieces(response)
    try:
        async for piece in pieces:
            yield piece
    except httpx2.HTTPError as exc:
        raise fault_in_reply(exc, provider) from exc
    finally:
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()


def _pieces(response: httpx2.Response) -> AsyncIterator[bytes]:
    stream = response.stream
    if "content-encoding" in response.headers or not isinstance(stream, httpx2.AsyncByteStream):
        return response.aiter_bytes()
    # The same bytes without the four layers of generators in between: 20 us less for each reply.
    return aiter(stream)


def _fastest_transport() -> httpx2.AsyncBaseTransport:
    """Our own, where there is a wheel of its parser."""
    if find_spec("httptools") is None:
        from app.upstream.transport import AiohttpTransport

        return AiohttpTransport()
    from app.upstream.direct import DirectTransport

    return DirectTransport()


class _WholeResponse(httpx2.Response):
    """`response` with its decompressed body at hand, and the headers that fit that.

    Made as if it were unread: httpx2 describes and reads a body that it is given once more, which takes 33 us, not 5.
    """

    def __init__(self, response: httpx2.Response, body: bytes) -> None:
        headers = response.headers
        encoding = headers.encoding
        if "content-encoding" in headers:
            headers = httpx2.Headers([pair for pair in headers.raw if _describes_plain_body(pair[0])])
        super().__init__(
            response.status_code,
            headers=headers,
            stream=httpx2.ByteStream(body),
            request=response.request,
            extensions=response.extensions,
        )
        # Else found out anew, header by header.
        self.headers.encoding = encoding
        self._body = body

    @property
    def content(self) -> bytes:
        """The whole body."""
        return self._body


def _describes_plain_body(header: bytes) -> bool:
    return header.decode("latin-1").lower() not in _HEADERS_OF_THE_ENCODED_BODY
