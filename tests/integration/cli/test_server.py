"""Which limits does the server keep, whatever it serves?"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import uvicorn

from app.cli.heads import MAX_HEAD_BYTES
from app.cli.listening import StartError, listen
from app.cli.serving import run_app, server_config
from app.settings import PREFIX

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Echo:
    """An application that answers with its peer's address; `/held` answers when it is let go."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.is_held = asyncio.Event()
        self.let_go = asyncio.Event()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["path"] == "/held":
            self.is_held.set()
            await self.let_go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": f"{scope['client'][0]} {scope['scheme']}".encode()})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while (message := await receive())["type"] != "lifespan.shutdown":
            if self.fails:
                await send({"type": "lifespan.startup.failed", "message": "it did not work"})
                return
            await send({"type": f"{message['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})


@asynccontextmanager
async def served(app: Echo) -> AsyncIterator[tuple[uvicorn.Server, int]]:
    """`app` on a free port, as the command serves it."""
    with listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(server_config(app))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield server, listener.getsockname()[1]
        finally:
            server.should_exit = True
            await asyncio.wait_for(running, 10)


async def endless(port: int, begun: bytes) -> bytes:
    """What comes back for a head that never ends; `closed` when the answer was lost with the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(begun)
        for _ in range(8_000_000 // 65_536):
            writer.write(b"a" * 65_536)
            await writer.drain()
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b"closed"
    finally:
        writer.close()


async def test_server_believes_no_forwarding_header() -> None:
    """The peer's address decides who may call, so a header cannot change it."""
    async with served(Echo()) as (_, port), httpx2.AsyncClient() as client:
        headers = {"X-Forwarded-For": "10.9.9.9", "X-Forwarded-Proto": "https"}
        reply = await client.get(f"http://127.0.0.1:{port}/", headers=headers)
    assert reply.text == "127.0.0.1 http"
    assert "server" not in reply.headers


@pytest.mark.parametrize("begun", [b"GET /", b"GET / HTTP/1.1\r\nX-Endless: ", b"GET / HTTP/1.1\r\nA: b\r\nX-Endless"])
async def test_server_refuses_a_head_without_end(begun: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """A path, a value or a name that goes on and on is answered 400 and closed."""
    async with served(Echo()) as (_, port):
        answer = await endless(port, begun)
    assert answer == b"closed" or answer.startswith(b"HTTP/1.1 400 ")
    assert f"A request's head is larger than {MAX_HEAD_BYTES} bytes." in caplog.messages


def test_server_without_httptools_is_h11(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no wheel of the fast parser, the other one serves; its own limit is the same 64 KB."""
    monkeypatch.setitem(sys.modules, "httptools", None)
    assert server_config(Echo()).http == "h11"


async def test_server_takes_large_heads_and_larger_bodies() -> None:
    """The limit is the head's: 32 KB of headers and a megabyte of body pass, twice over one connection."""
    async with served(Echo()) as (_, port), httpx2.AsyncClient() as client:
        for _ in range(2):
            reply = await client.post(f"http://127.0.0.1:{port}/", headers={"X": "a" * 32768}, content=b"b" * 1_000_000)
            assert reply.status_code == 200


async def test_server_ends_after_the_request_under_way() -> None:
    """An end that is asked for waits for the answer."""
    app = Echo()
    async with served(app) as (server, port), httpx2.AsyncClient() as client:
        asked = asyncio.create_task(client.get(f"http://127.0.0.1:{port}/held"))
        await app.is_held.wait()
        server.should_exit = True
        app.let_go.set()
        assert (await asked).status_code == 200


def test_service_whose_lifespan_fails_does_not_start(caplog: pytest.LogCaptureFixture) -> None:
    """What the application says is in the log, and the start is an error."""
    ready: list[bool] = []

    async def note() -> None:
        ready.append(True)

    async def unheard(number: int) -> None:
        raise AssertionError(number)

    with pytest.raises(StartError, match="did not start"):
        run_app(Echo(fails=True), listen("127.0.0.1", 0), note, unheard)
    assert "it did not work" in caplog.messages
    assert ready == []


def test_service_that_gets_two_signals_at_once_ends() -> None:
    """As from a terminal whose interrupt goes to the process and to who started it: the second finds no end begun."""
    code = """
import asyncio, signal
from app.cli.listening import listen
from app.cli.serving import run_app
from tests.integration.cli.test_server import Echo

def send():
    signal.raise_signal(signal.SIGTERM)
    signal.raise_signal(signal.SIGINT)

async def ready():
    asyncio.get_running_loop().call_later(0.01, send)

async def wind_down(number):
    await asyncio.Event().wait()

run_app(Echo(), listen("127.0.0.1", 0), ready, wind_down)
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=20, check=False).returncode == 0


def test_socket_of_a_name_is_its_ipv4_address() -> None:
    """`localhost` is where most clients look first."""
    with listen("localhost", 0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_socket_that_is_taken_is_refused_at_once() -> None:
    """Also when the other one has bound, listens and takes no connections yet."""
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            StartError, match=rf"^port {port} on 127\.0\.0\.1 is in use: stop the other process or set {PREFIX}PORT$"
        ):
            listen("127.0.0.1", port)


@pytest.mark.parametrize(
    "host,why",
    [("192.0.2.1", "Cannot assign requested address"), ("a" * 70 + ".example", "no such host")],
)
def test_socket_of_a_host_that_is_not_ours_is_refused(host: str, why: str) -> None:
    """The sentence names the host, and why."""
    with pytest.raises(
        StartError, match=rf"^cannot listen on {host}, port 0: {why}.*: set {PREFIX}HOST or {PREFIX}PORT$"
    ):
        listen(host, 0)
