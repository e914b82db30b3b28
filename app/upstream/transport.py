"""What moves the bytes of a call that goes by a proxy: an httpx2 transport built on aiohttp, chosen by measurement.

With one nginx as the vendor and 32 POSTs at once, httpx2 types in and out, this took 108 us of CPU for a request and
served 9200 a second; httpx2's own pool took 430 us and served 2100. pyreqwest is as cheap (107 us, 11800 a second), but
a call that is cancelled while the vendor is still silent goes on in its runtime (0.11 to 0.15.1: the vendor sees no
close, works on and bills it), and it loses some cancellations. Here both end at once. `direct` takes the other calls.

TLS is always verified, against the system's certificates or SSL_CERT_FILE. Redirects are not followed: a vendor that
redirects an API call is misconfigured, and following would carry the key elsewhere.
"""

from __future__ import annotations

import asyncio
import math
import ssl
from collections.abc import AsyncIterator
from io import BytesIO

import aiohttp
import httpx2

from app.upstream.aiohttp_faults import BODY_FAULTS, TRANSPORT_FAULTS, raise_cut_short, raise_unanswered
from app.upstream.light_types import UnreadReply
from app.upstream.proxies import Proxies
from app.upstream.terms import (
    ACCEPT_ENCODING,
    DEFAULT_CONNECT_TIMEOUT_SECONDS,
    DNS_CACHE_SECONDS,
    LARGE_BODY_BYTES,
    MAX_HEADER_BYTES,
    POOL_IDLE_TIMEOUT_SECONDS,
    STREAMED,
    keepalive_socket,
)


class AiohttpTransport(httpx2.AsyncBaseTransport):
    """An httpx2 transport over aiohttp; of a request's `timeout` extension it honours `connect` (seconds).

    It belongs to the event loop of its first request. Raises httpx2's exceptions; building it raises
    ConfigurationError when the environment names an unusable proxy.
    """

    def __init__(self, proxies: Proxies | None = None) -> None:
        self._proxies = Proxies.from_environment() if proxies is None else proxies
        self._tls: ssl.SSLContext | None = None
        self._session: aiohttp.ClientSession | None = None
        self._is_closed = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send `request`; the reply's body is unread, still encoded, and arrives as the vendor sends it."""
        url = request.url
        if url.scheme not in ("http", "https"):
            raise httpx2.UnsupportedProtocol("the URL is neither http nor https")
        content = await request.aread()
        if url.scheme == "http" and STREAMED in request.extensions:
            request.headers["Connection"] = "close"
        await _notice_closed_connections()
        try:
            reply = await self._open_session().request(
                request.method,
                str(url),
                headers=request.headers.multi_items(),
                data=content if len(content) < LARGE_BODY_BYTES else BytesIO(content),
                proxy=self._proxies.url_for(url.scheme, url.host),
                ssl=self._verified_tls() if url.scheme == "https" else True,
                timeout=_connect_only(request),
                allow_redirects=False,
            )
        except TRANSPORT_FAULTS as exc:
            raise_unanswered(exc, is_closed=self._is_closed)
        return UnreadReply(reply.status, reply.raw_headers, _ReplyStream(self, reply), request)

    async def aclose(self) -> None:
        """Close every connection, those in use too."""
        self._is_closed = True
        if self._session is not None:
            await self._session.close()

    @property
    def is_closed(self) -> bool:
        """Whether `aclose` was called."""
        return self._is_closed

    def _open_session(self) -> aiohttp.ClientSession:
        if self._is_closed:
            raise httpx2.CloseError("the transport is closed")
        if self._session is None:
            # Not in __init__: aiohttp wants the running loop.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    # How many calls may run at once is decided per provider, before they come here.
                    limit=0,
                    keepalive_timeout=POOL_IDLE_TIMEOUT_SECONDS,
                    ttl_dns_cache=DNS_CACHE_SECONDS,
                    socket_factory=keepalive_socket,
                ),
                headers={"Accept-Encoding": ACCEPT_ENCODING},
                skip_auto_headers=("Content-Type", "User-Agent"),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                max_line_size=MAX_HEADER_BYTES,
                max_field_size=MAX_HEADER_BYTES,
            )
        return self._session

    def _verified_tls(self) -> ssl.SSLContext:
        # Loading the certificates takes 20 ms and some memory that a service with a local model alone never needs.
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


class _ReplyStream(httpx2.AsyncByteStream):
    """The body of one reply; closing it before its end closes the connection."""

    def __init__(self, transport: AiohttpTransport, reply: aiohttp.ClientResponse) -> None:
        self._transport = transport
        self._reply = reply

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            chunk = await self._reply.content.readany()
        except BODY_FAULTS as exc:
            raise_cut_short(exc, is_closed=self._transport.is_closed)
        if not chunk:
            raise StopAsyncIteration
        return chunk

    async def aclose(self) -> None:
        self._reply.close()


async def _notice_closed_connections() -> None:
    """Let the event loop read what has arrived, so that a pooled connection which the vendor closed is not used.

    The first turn reads the end of the connection and the second runs what follows from it; httpx2's pool polls the
    socket for the same reason.
    """
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def _connect_only(request: httpx2.Request) -> aiohttp.ClientTimeout:
    timeouts = request.extensions.get("timeout", {})
    seconds = timeouts.get("connect") or DEFAULT_CONNECT_TIMEOUT_SECONDS
    # Without the threshold aiohttp rounds limits of 5 s and more up to whole seconds of its clock.
    return aiohttp.ClientTimeout(total=None, connect=seconds, ceil_threshold=math.inf)
