"""A vendor on loopback that misbehaves on purpose, and the transports that have to cope with it."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2
import pytest
import uvloop

from app.upstream import UpstreamClient
from app.upstream.direct import DirectTransport
from app.upstream.transport import AiohttpTransport

PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD")
# Too long for any resolver, so looking it up fails at once and without a network.
UNKNOWN_HOST = ".".join(["x" * 60] * 5) + ".invalid"
# Loading the certificates takes longer than a test.
TLS = ssl.create_default_context()
URL_SECRET = "url-" + "secret"
Answer = Callable[["Visit"], Awaitable[None]]


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Production's loop closes, pauses and shakes hands by code of its own."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


class Visit:
    """One request as the vendor saw it, and the means to answer it."""

    def __init__(self, head: bytes, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.head = head
        self.body = body
        self._reader = reader
        self._writer = writer

    def header(self, name: str) -> list[str]:
        """Every value that was sent under `name`."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        pairs = [line.partition(":") for line in lines if line]
        return [value.strip() for key, _, value in pairs if key.lower() == name]

    async def send(self, data: bytes) -> None:
        """Write `data` as it is."""
        self._writer.write(data)
        await self._writer.drain()

    async def reply(self, body: bytes = b"{}", *headers: bytes, status: bytes = b"200 OK") -> None:
        """A whole, well-formed answer."""
        lines = (b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers)
        await self.send(b"\r\n".join(lines) + b"\r\n\r\n" + body)

    async def silence(self) -> None:
        """Say nothing more until the other side is gone."""
        while await self._reader.read(65536):
            pass

    def hang_up(self) -> None:
        """End the connection in an orderly way."""
        self._writer.close()

    def reset(self) -> None:
        """End the connection by RST."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


class Vendor:
    """A raw HTTP/1.1 server whose `answer` decides what happens to each request."""

    def __init__(self) -> None:
        self.answer: Answer = Visit.reply
        self.visits: list[Visit] = []
        self.connections = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._changed = asyncio.Condition()
        self._servers: list[asyncio.Server] = []

    @property
    def open_connections(self) -> int:
        """How many connections this side sees open."""
        return len(self._writers)

    async def listen(self, tls: ssl.SSLContext | None = None, *, greeting: bytes = b"") -> int:
        """Open one more port on loopback; `tls` makes it an HTTPS one, `greeting` is said before any request."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(greeting)
            await self._serve(reader, writer)

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until a change on this side makes `is_so` true."""
        async with asyncio.timeout(5), self._changed:
            await self._changed.wait_for(is_so)

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        for server in self._servers:
            server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self.until(lambda: not self._writers)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            while not writer.is_closing():
                visit = await _visit(reader, writer)
                self.visits.append(visit)
                await self._tell()
                await self.answer(visit)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort() if writer.is_closing() else writer.close()
            self._writers.discard(writer)
            await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


async def _visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Visit:
    head = await reader.readuntil(b"\r\n\r\n")
    visit = Visit(head, b"", reader, writer)
    length = visit.header("content-length")
    visit.body = await reader.readexactly(int(length[0]) if length else 0)
    return visit


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the developer's machine takes part."""
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    """A vendor without an open port yet."""
    vendor = Vendor()
    yield vendor
    await vendor.close()


@pytest.fixture
async def url(vendor: Vendor) -> str:
    """The vendor's address, with a secret in it that must never appear in an error."""
    return f"http://127.0.0.1:{await vendor.listen()}/v1/chat?key={URL_SECRET}"


TRANSPORTS: dict[str, Callable[[], httpx2.AsyncBaseTransport]] = {
    "direct": DirectTransport,
    "aiohttp": AiohttpTransport,
    "httpx2": lambda: httpx2.AsyncHTTPTransport(verify=TLS),
}


@pytest.fixture(params=TRANSPORTS)
async def client(request: pytest.FixtureRequest) -> AsyncIterator[UpstreamClient]:
    """An UpstreamClient over each transport that must behave alike."""
    client = UpstreamClient(TRANSPORTS[request.param](), max_reply_bytes=2**20, version="1.2.3")
    yield client
    await client.aclose()


@pytest.fixture
def unknown_host() -> str:
    """The name of a host that does not resolve."""
    return UNKNOWN_HOST


@pytest.fixture(params=["direct", "aiohttp"])
async def fast_client(request: pytest.FixtureRequest) -> AsyncIterator[UpstreamClient]:
    """An UpstreamClient over each transport of ours."""
    client = UpstreamClient(TRANSPORTS[request.param]())
    yield client
    await client.aclose()


@pytest.fixture
async def direct_client() -> AsyncIterator[UpstreamClient]:
    """An UpstreamClient as the service builds it where no proxy is named."""
    client = UpstreamClient()
    yield client
    await client.aclose()
