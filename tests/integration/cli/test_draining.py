"""What do callers of the real process see from SIGTERM to its end?"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest

from app.settings import PREFIX
from tests.integration.cli.process import Command, Running
from tests.unit.http.asgi import events_of

MOCK = {f"{PREFIX}MOCK_ENABLED": "yes"}
STALLING = {"prompt": "go on", "model": "mock/mock-stall", "enable_fallback": False}
CALL = {"prompt": "x", "model": "mock/mock-echo"}


@asynccontextmanager
async def stalling(client: httpx2.AsyncClient) -> AsyncIterator[asyncio.Task[bytes]]:
    """A stream whose vendor has stopped in the middle; the task reads it to its end."""
    async with client.stream("POST", "/process/stream", json=STALLING) as reply:
        chunks = reply.aiter_bytes()
        first = await anext(chunks)

        async def rest() -> bytes:
            return first + b"".join([chunk async for chunk in chunks])

        yield asyncio.create_task(rest())


async def until_closed(client: httpx2.AsyncClient) -> httpx2.Response:
    """The first answer to a call that is refused."""
    async with asyncio.timeout(10):
        while (reply := await client.post("/process", json=CALL)).status_code == 200:
            assert reply.headers["connection"] == "close"
    return reply


async def until_not_ready(client: httpx2.AsyncClient) -> httpx2.Response:
    async with asyncio.timeout(10):
        while (reply := await client.get("/readyz")).status_code == 200:
            pass
    return reply


async def test_sigterm_drains_closes_and_cuts(command: Command) -> None:
    """Ready no more at once, calls still taken, then refused; a stream that goes on too long is told so; exit 0."""
    environ = {**MOCK, f"{PREFIX}DRAIN_SECONDS": "0.7", f"{PREFIX}STREAM_DRAIN_SECONDS": "0.7"}
    async with command.serving(**environ) as running, httpx2.AsyncClient(base_url=running.url) as client:
        async with stalling(client) as stream:
            running.send(signal.SIGTERM)
            not_ready = await until_not_ready(client)
            assert (not_ready.json()["error_type"], not_ready.headers["connection"]) == ("shutting_down", "close")
            assert (await client.post("/process", json=CALL)).json()["provider"] == "mock"
            refused = await until_closed(client)
            told = refused.status_code, refused.headers["retry-after"], refused.headers["connection"]
            assert told == (503, "1", "close")
            name, problem = events_of(await stream)[-1]
            assert (name, problem["error_type"]) == ("error", "shutting_down")
        assert await running.end() == 0
    assert "Traceback" not in running.text
    assert "1 calls did not end in time and are cut" in running.text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_second_signal_ends_at_once(command: Command, number: signal.Signals) -> None:
    """Whatever is under way, however long it might have gone on; it is still told so."""
    environ = {**MOCK, f"{PREFIX}DRAIN_SECONDS": "60", f"{PREFIX}STREAM_DRAIN_SECONDS": "60"}
    async with (
        command.serving(**environ) as running,
        httpx2.AsyncClient(base_url=running.url) as client,
        stalling(client) as stream,
    ):
        running.send(signal.SIGTERM)
        await until_not_ready(client)
        began = time.monotonic()
        assert await ended(running, number) == 0
        assert time.monotonic() - began < 5
        assert events_of(await stream)[-1][1]["error_type"] == "shutting_down"
    assert "Traceback" not in running.text


async def test_sigint_does_not_wait_for_balancers(command: Command) -> None:
    """A person at a terminal has none: new calls are refused at once, and an idle process ends."""
    began = time.monotonic()
    async with command.serving(**{f"{PREFIX}DRAIN_SECONDS": "60"}) as running:
        assert await ended(running, signal.SIGINT) == 0
    assert time.monotonic() - began < 30


async def ended(running: Running, number: signal.Signals) -> int:
    async with asyncio.timeout(20):
        return await running.end(number)
