"""Is the connection of a stream used again, though some servers hang up after one?"""

from __future__ import annotations

import asyncio

import pytest

from app.upstream import UpstreamClient, upstream_chunks
from app.upstream.direct import DirectTransport
from app.upstream.transport import AiohttpTransport
from tests.integration.upstream.conftest import Vendor, Visit
from tests.integration.upstream.test_connections import OK, client_of, fetch, post
from tests.kit.streamed_reply import streamed_reply


async def stream(client: UpstreamClient, url: str) -> bytes:
    """The body of a stream, read to its end."""
    async with streamed_reply(client, post(url)) as response:
        return b"".join([piece async for piece in upstream_chunks(response, "openai")])


async def test_connection_of_a_stream_rests_before_it_is_used_again(vendor: Vendor, url: str) -> None:
    """Without TLS: until then its server may hang up; other connections are used meanwhile."""
    async with client_of(DirectTransport(rest_seconds=60)) as client:
        for _ in range(3):
            assert await stream(client, url) == b"{}"
        assert vendor.connections == 3
        await fetch(client, post(url))
        await fetch(client, post(url))
        assert vendor.connections == 4


async def test_connection_of_a_stream_is_used_again_after_its_rest(vendor: Vendor, url: str) -> None:
    """A new one for each stream would make its first token late."""
    async with client_of(DirectTransport(rest_seconds=0)) as client:
        for _ in range(3):
            await stream(client, url)
            # What is due now comes before what is due later.
            due = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_later(0, due.set_result, None)
            await due
        assert vendor.connections == 1


async def test_connection_that_is_closed_after_a_stream_is_forgotten(vendor: Vendor, url: str) -> None:
    """As llama.cpp does it, without having said so."""

    async def answer_and_leave(visit: Visit) -> None:
        await visit.send(OK)
        visit.hang_up()

    vendor.answer = answer_and_leave
    async with client_of(DirectTransport(rest_seconds=60)) as client:
        for calls in range(1, 4):
            assert await stream(client, url) == b"ok"
            await vendor.until(lambda: vendor.open_connections == 0)
            assert vendor.connections == calls


@pytest.mark.parametrize("is_streamed", [True, False])
async def test_stream_through_aiohttp_has_its_own_connection(vendor: Vendor, url: str, is_streamed: bool) -> None:
    """There nobody can look whether it was closed without turns of the loop."""
    async with client_of(AiohttpTransport()) as client:
        await (stream(client, url) if is_streamed else fetch(client, post(url)))
    assert vendor.visits[0].header("connection") == (["close"] if is_streamed else [])
