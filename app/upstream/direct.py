"""What moves the bytes of a plain call: an httpx2 transport over connections of our own.

With one nginx as the vendor, httpx2 types in and out, a call takes 51 us of CPU where aiohttp takes 117 (32 at once),
or 54 for 140 (one by one). In the service aiohttp's two more turns of the loop walk through all that waits for the
call: there a request took 77 to 167 us less, and a lone caller waited 160 to 280 us less.

What is no everyday call goes through aiohttp: by a proxy, with a name and password in the URL, with a body of unknown
length, or of another method. Where there is no such call aiohttp is not even imported (10 MB, 100 ms of the start).

TLS is always verified, against the system's certificates or SSL_CERT_FILE. Redirects are not followed.
"""

from __future__ import annotations

import ssl
from functools import cached_property

import httpx2

from app.upstream.connection import Reply
from app.upstream.light_types import FormedRequest, HeadedReply, RequestForm
from app.upstream.pool import Origin, Pool
from app.upstream.prompt import PromptTransport
from app.upstream.proxies import Proxies
from app.upstream.terms import (
    DEFAULT_CONNECT_TIMEOUT_SECONDS,
    LARGE_BODY_BYTES,
    POOL_IDLE_TIMEOUT_SECONDS,
    REST_SECONDS,
    STREAMED,
)

_DEFAULT_PORTS = {"http": 80, "https": 443}


class DirectTransport(PromptTransport):
    """An httpx2 transport of our own; of a request's `timeout` extension it honours `connect` (seconds).

    It belongs to the event loop of its first request. Raises httpx2's exceptions; building it raises
    ConfigurationError when the environment names an unusable proxy.
    """

    def __init__(self, *, idle_seconds: float = POOL_IDLE_TIMEOUT_SECONDS, rest_seconds: float = REST_SECONDS) -> None:
        self._proxies = Proxies.from_environment()
        self._others = _through_aiohttp(self._proxies) if self._proxies.url_by_scheme else None
        self._pool = Pool(idle_seconds=idle_seconds, rest_seconds=rest_seconds)
        self._origins: dict[tuple[str, bytes, bytes], Origin | None] = {}

    def begin(self, request: FormedRequest) -> Reply | None:
        """Its reply, where a connection is at hand; see `PromptTransport`."""
        form, body, pool = request.form, request.body, self._pool
        origin, head = self._origins.get(form.server), form.head
        if origin is None or head is None or pool.is_closed or len(body) >= LARGE_BODY_BYTES:
            return None
        connection = pool.idle(origin)
        if connection is None:
            return None
        connection.is_streaming = STREAMED in request.extensions
        return connection.send(b"%b%b%b" % (head.text, request.last_lines(), body), is_last=head.is_last)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send `request`; the reply's body is unread, still encoded, and arrives as the vendor sends it."""
        if self._pool.is_closed:
            raise httpx2.CloseError("the transport is closed")
        if isinstance(request, FormedRequest) and not request.is_made:
            form, last_lines, content = request.form, request.last_lines(), request.body
        else:
            form, last_lines = RequestForm(request.method, request.url, request.headers.raw), b"\r\n"
            content = await request.aread()
        try:
            origin = self._origins[form.server]
        except KeyError:
            origin = self._origins[form.server] = self._new_origin(form.url)
        head = form.head
        if origin is None or head is None:
            self._others = self._others or _through_aiohttp(self._proxies)
            return await self._others.handle_async_request(request)
        connection = self._pool.idle(origin)
        if connection is None:
            connection = await self._pool.open(origin, timeout_seconds=_connect_seconds(request))
        connection.is_streaming = STREAMED in request.extensions
        is_large = len(content) >= LARGE_BODY_BYTES
        message = head.text + last_lines if is_large else b"%b%b%b" % (head.text, last_lines, content)
        reply = connection.send(message, is_last=head.is_last)
        try:
            if is_large:
                await connection.send_rest(reply, memoryview(content))
            while not reply.has_head:
                await reply.until_news()
        except BaseException:
            reply.abort()
            raise
        return HeadedReply(reply.status, reply.head, reply, request)

    async def aclose(self) -> None:
        """Close every connection, those in use too."""
        await self._pool.aclose()
        if self._others is not None:
            await self._others.aclose()

    def _new_origin(self, url: httpx2.URL) -> Origin | None:
        """The server that is asked; None: not for us."""
        if url.scheme not in _DEFAULT_PORTS or url.userinfo or self._proxies.url_for(url.scheme, url.host):
            return None
        tls = (lambda: self._verified_tls) if url.scheme == "https" else None
        return Origin(url.raw_host.decode(), url.port or _DEFAULT_PORTS[url.scheme], tls)

    @cached_property
    def _verified_tls(self) -> ssl.SSLContext:
        # Loading the certificates takes 20 ms and some memory that a service with a local model alone never needs.
        return ssl.create_default_context()


def _through_aiohttp(proxies: Proxies) -> httpx2.AsyncBaseTransport:
    from app.upstream.transport import AiohttpTransport

    return AiohttpTransport(proxies)


def _connect_seconds(request: httpx2.Request) -> float:
    timeouts = request.extensions.get("timeout", {})
    return timeouts.get("connect") or DEFAULT_CONNECT_TIMEOUT_SECONDS
