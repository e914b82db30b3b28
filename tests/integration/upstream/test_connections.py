"""Does our own transport open, keep and leave connections so that no call waits, and none is sent twice?"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress

import httpx2
import pytest

from app.upstream import UpstreamClient, upstream_chunks
from app.upstream.direct import DirectTransport
from app.upstream.transport import AiohttpTransport
from contracts.errors import ProviderUnavailableError, ServiceNotStartedError
from tests.integration.upstream.conftest import Vendor, Visit
from tests.kit.streamed_reply import streamed_reply

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
MANY_BYTES = 64 * 2**20


def post(url: str, content: bytes = b"{}", **options: object) -> httpx2.Request:
    """A call as an adapter makes it."""
    return httpx2.Request("POST", url, content=content, **options)  # type: ignore[arg-type]  # whatever a test gives


async def fetch(client: UpstreamClient, request: httpx2.Request) -> bytes:
    """The reply's body."""
    return (await client.fetch(request, provider="openai", connect_timeout_seconds=2)).content


@asynccontextmanager
async def client_of(transport: httpx2.AsyncBaseTransport) -> AsyncIterator[UpstreamClient]:
    """An UpstreamClient for one test."""
    client = UpstreamClient(transport)
    yield client
    await client.aclose()


@asynccontextmanager
async def server(answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]) -> AsyncIterator[str]:
    """A vendor that may answer before it has read."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)  # type: ignore[misc]  # a coroutine
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"


async def test_calls_at_once_have_a_connection_each(direct_client: UpstreamClient, vendor: Vendor, url: str) -> None:
    """No request waits behind another's reply, and each gets its own."""
    vendor.answer = lambda visit: visit.reply(visit.body)
    bodies = [b"%d" % number for number in range(20)]
    for _ in range(3):
        assert await asyncio.gather(*(fetch(direct_client, post(url, body)) for body in bodies)) == bodies
    assert vendor.connections == 20


async def test_closed_connection_is_noticed_without_a_turn_of_the_loop(direct_client: UpstreamClient) -> None:
    """The vendor hung up while this process was busy: the next call does not fail."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        for _ in range(3):
            answered = asyncio.to_thread(_answer_one, listening)
            body, connection = await asyncio.gather(fetch(direct_client, post(url)), answered)
            assert body == b"ok"
            connection.close()


def _answer_one(listening: socket.socket) -> socket.socket:
    connection, _ = listening.accept()
    connection.recv(65536)
    connection.sendall(OK)
    return connection


async def test_idle_connection_is_closed_in_time(vendor: Vendor, url: str) -> None:
    """By a timer of our own, without another call."""
    async with client_of(DirectTransport(idle_seconds=0.02)) as client:
        await fetch(client, post(url))
        await vendor.until(lambda: vendor.open_connections == 0)


async def test_connection_that_was_idle_too_long_is_not_used(vendor: Vendor, url: str) -> None:
    """Even where the timer has not come to it."""
    async with client_of(DirectTransport(idle_seconds=0)) as client:
        for calls in range(1, 4):
            await fetch(client, post(url))
            assert vendor.connections == calls


async def test_slow_reader_holds_up_its_vendor_and_nobody_else(
    direct_client: UpstreamClient, vendor: Vendor, url: str
) -> None:
    """Of a body that nobody reads little is taken from the vendor, other calls go on, and all of it arrives."""
    sent = 0

    async def flood(visit: Visit) -> None:
        nonlocal sent
        await visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % MANY_BYTES)
        for _ in range(MANY_BYTES // 2**16):
            await visit.send(bytes(2**16))
            sent += 2**16

    vendor.answer = flood
    async with (
        streamed_reply(direct_client, post(url)) as response,
        aclosing(upstream_chunks(response, "openai")) as chunks,
    ):
        size = len(await anext(chunks))
        vendor.answer = Visit.reply
        for _ in range(200):
            await fetch(direct_client, post(url))
        assert sent < MANY_BYTES / 2
        async for chunk in chunks:
            size += len(chunk)
    assert size == MANY_BYTES
    assert await fetch(direct_client, post(url)) == b"{}"
    assert vendor.connections == 2


async def test_large_body_arrives_whole(direct_client: UpstreamClient, vendor: Vendor, url: str) -> None:
    """Written in pieces as the vendor takes them; the connection is kept."""
    vendor.answer = lambda visit: visit.reply(b"%d" % len(visit.body))
    body = bytes(range(256)) * 2**16
    for _ in range(2):
        assert await fetch(direct_client, post(url, body)) == b"%d" % len(body)
    assert vendor.visits[1].body == body
    assert vendor.connections == 1


async def test_refusal_before_the_body_is_read(direct_client: UpstreamClient) -> None:
    """A vendor that refuses by the head alone is heard; what is unsent of the body is not sent."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await writer.drain()
        heads.append(1)
        await gone.wait()

    heads: list[int] = []
    gone = asyncio.Event()
    async with server(refuse) as url:
        for calls in range(1, 3):
            assert await fetch(direct_client, post(url, bytes(2**25))) == b"ok"
            assert len(heads) == calls
        gone.set()


@pytest.mark.parametrize("read", [0, 1])
@pytest.mark.parametrize("size", [2, 2**25])
async def test_connection_lost_while_writing_is_unavailable(
    direct_client: UpstreamClient, read: int, size: int
) -> None:
    """Whatever was written of the request, nobody answered it."""

    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(read)
        writer.transport.abort()

    async with server(leave) as url:
        with pytest.raises(ProviderUnavailableError, match="openai closed the connection before it answered"):
            await fetch(direct_client, post(url, bytes(size)))


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_cancelled_call_closes_at_once_wherever_it_stands(direct_client: UpstreamClient, scheme: str) -> None:
    """While a large body is written, or hands are shaken."""
    has_come, is_gone = asyncio.Event(), asyncio.Event()

    async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        has_come.set()
        with suppress(ConnectionError):
            while await reader.read(65536):
                pass
        is_gone.set()

    async with server(read) as url:
        call = asyncio.create_task(fetch(direct_client, post(url.replace("http", scheme), bytes(2**28))))
        await has_come.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        async with asyncio.timeout(2):
            await is_gone.wait()


async def test_aclose_ends_a_reply_whose_reader_is_slow(
    direct_client: UpstreamClient, vendor: Vendor, url: str
) -> None:
    """What is here of it can still be read, and then why there is no more."""

    async def flood(visit: Visit) -> None:
        await visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % MANY_BYTES)
        await visit.send(bytes(MANY_BYTES - 1))

    vendor.answer = flood
    async with streamed_reply(direct_client, post(url)) as response:
        chunks = upstream_chunks(response, "openai")
        await anext(chunks)
        vendor.answer = Visit.reply
        for _ in range(20):
            await fetch(direct_client, post(url))
        await direct_client.aclose()
        with pytest.raises(ServiceNotStartedError):
            async for _ in chunks:
                pass


async def test_call_that_connects_while_the_transport_closes_is_refused(
    direct_client: UpstreamClient, vendor: Vendor, url: str
) -> None:
    """It opens nothing that stays open."""
    answers = await asyncio.gather(fetch(direct_client, post(url)), direct_client.aclose(), return_exceptions=True)
    assert isinstance(answers[0], ServiceNotStartedError)
    await vendor.until(lambda: vendor.open_connections == 0)


async def test_host_that_no_name_can_be_is_unavailable(direct_client: UpstreamClient) -> None:
    """A label of 64 characters is no host name."""
    with pytest.raises(ProviderUnavailableError, match="its base URL or a header is not valid HTTP"):
        await fetch(direct_client, post(f"http://{'x' * 64}.invalid/"))


@pytest.mark.parametrize(
    "method, options",
    [("DELETE", {}), ("POST", {"content": "chunks"})],
)
async def test_other_calls_go_through_aiohttp(
    direct_client: UpstreamClient, vendor: Vendor, url: str, method: str, options: dict[str, str]
) -> None:
    """A method that adapters do not use, and a body of unknown length, are served all the same."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b"{"
        yield b"}"

    async def read_chunks(visit: Visit) -> None:
        seen.append((visit.header("transfer-encoding"), visit.header("user-agent")))
        await visit.reply(b"ok", b"Connection: close")
        visit.hang_up()

    seen: list[tuple[list[str], list[str]]] = []
    vendor.answer = read_chunks
    content = chunks() if options else None
    assert await fetch(direct_client, httpx2.Request(method, url, content=content)) == b"ok"
    assert seen == [(["chunked"] if options else [], ["llm-provider-service/dev"])]


async def test_encodings_that_a_row_names_are_asked_for(
    direct_client: UpstreamClient, vendor: Vendor, url: str
) -> None:
    """In place of ours."""
    await fetch(direct_client, post(url, headers={"Accept-Encoding": "identity"}))
    assert vendor.visits[0].header("accept-encoding") == ["identity"]


async def test_name_and_password_of_a_url_are_sent(direct_client: UpstreamClient, vendor: Vendor) -> None:
    """As basic authorization."""
    port = await vendor.listen()
    await fetch(direct_client, post(f"http://name:pass@127.0.0.1:{port}/"))
    assert vendor.visits[0].header("authorization") == ["Basic bmFtZTpwYXNz"]


async def test_transport_without_httptools_is_aiohttps(
    monkeypatch: pytest.MonkeyPatch, vendor: Vendor, url: str
) -> None:
    """Where there is no wheel of the parser, calls are made all the same."""
    monkeypatch.setitem(sys.modules, "httptools", None)
    client = UpstreamClient()
    assert isinstance(client._transport, AiohttpTransport)
    assert await fetch(client, post(url)) == b"{}"
    await client.aclose()


def test_aiohttp_is_imported_by_need_only() -> None:
    """It costs 10 MB and 100 ms of the start, which a service without a proxy does not pay."""
    program = "import sys; from app.upstream import UpstreamClient; UpstreamClient(); print('aiohttp' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
