"""Does a call by a connection that is at hand end as one that has to wait for its connection?"""

from __future__ import annotations

import asyncio
import gzip

import httpx2
import pytest

from app.upstream import FormedRequest, RequestForm, UpstreamClient
from app.upstream.connection import Connection
from app.upstream.direct import DirectTransport
from app.upstream.pool import Pool
from app.upstream.terms import LARGE_BODY_BYTES
from contracts.errors import LLMProviderError
from tests.integration.upstream.conftest import Vendor, Visit

MOST_BYTES = 1000
PACKED = gzip.compress(b"packed")
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Of: us\r\n\r\nok"
REPLIES = {
    "whole": [WHOLE],
    "of an error": [b"HTTP/1.1 429 Too Many\r\nContent-Length: 2\r\n\r\nno"],
    "in pieces": [WHOLE[:10], WHOLE[10:40], WHOLE[40:-1], WHOLE[-1:]],
    "body after its head": [WHOLE[:-2], b"o", b"k"],
    "announced": [b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", WHOLE],
    "announced at once": [b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE],
    "in chunks": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"],
    "packed": [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED) + PACKED],
    "without a body": [b"HTTP/1.1 204 No Content\r\n\r\n"],
    "largest": [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % MOST_BYTES + bytes(MOST_BYTES)],
    "too large": [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (MOST_BYTES + 1) + bytes(MOST_BYTES + 1)],
    "no HTTP": [b"SMTP"],
    "cut short": [WHOLE[:-1]],
    "none": [],
}


def formed(url: str, body: bytes = b"{}") -> FormedRequest:
    """A request as the rows make it."""
    at = httpx2.URL(url)
    return FormedRequest(RequestForm("POST", at, [(b"Host", at.netloc)]), body)


async def outcome(client: UpstreamClient, request: httpx2.Request) -> tuple[object, ...]:
    """What a call gives, or how it fails."""
    try:
        reply = await client.fetch(request, provider="openai", connect_timeout_seconds=2)
    except LLMProviderError as error:
        return type(error), str(error), type(error.__cause__), error.was_sent
    return reply.status_code, reply.content, sorted(reply.headers.multi_items()), reply.request is request


async def warm(client: UpstreamClient, vendor: Vendor, url: str) -> None:
    """A connection is at hand."""
    vendor.answer = Visit.reply
    await outcome(client, formed(url))


@pytest.mark.parametrize("pieces", REPLIES.values(), ids=REPLIES)
async def test_call_ends_the_same_by_a_connection_at_hand(vendor: Vendor, url: str, pieces: list[bytes]) -> None:
    """Whatever the vendor answers, and in however many pieces; and it is asked the same."""

    async def answer(visit: Visit) -> None:
        for piece in pieces:
            await visit.send(piece)
            for _ in range(4):
                # The other side reads.
                await asyncio.sleep(0)
        visit.hang_up()

    outcomes, asked = [], []
    for is_warm in (True, False):
        client = UpstreamClient(max_reply_bytes=MOST_BYTES)
        if is_warm:
            await warm(client, vendor, url)
        connections, vendor.answer = vendor.connections, answer
        outcomes.append(await outcome(client, formed(url)))
        assert vendor.connections - connections == (not is_warm)
        asked.append((vendor.visits[-1].head, vendor.visits[-1].body))
        await client.aclose()
    assert outcomes[0] == outcomes[1]
    assert asked[0] == asked[1]


async def test_large_body_goes_in_pieces_by_a_connection_at_hand(
    direct_client: UpstreamClient, vendor: Vendor, url: str
) -> None:
    """Others get their turn in between."""
    await warm(direct_client, vendor, url)
    body = bytes(LARGE_BODY_BYTES)
    assert (await outcome(direct_client, formed(url, body)))[1] == b"{}"
    assert vendor.visits[-1].body == body
    assert vendor.connections == 1


async def test_cancelled_call_ends_its_connection(direct_client: UpstreamClient, vendor: Vendor, url: str) -> None:
    """The vendor is told at once that nobody waits."""
    await warm(direct_client, vendor, url)
    vendor.answer = Visit.silence
    asked = asyncio.create_task(outcome(direct_client, formed(url)))
    await vendor.until(lambda: len(vendor.visits) == 2)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await vendor.until(lambda: not vendor.open_connections)


class LeavingPool(Pool):
    """One whose caller leaves at the very moment at which a connection comes back."""

    asked: asyncio.Task[object] | None = None

    def put_back(self, connection: Connection) -> None:
        super().put_back(connection)
        if self.asked is not None:
            self.asked.cancel()


class LeftTransport(DirectTransport):
    """Ours, over such a pool."""

    def __init__(self) -> None:
        super().__init__()
        self._pool = self.pool = LeavingPool(idle_seconds=5, rest_seconds=0)


async def test_call_cancelled_after_its_reply_leaves_the_connection_to_the_next(vendor: Vendor, url: str) -> None:
    """It was whole, and put back, before its reader had its turn."""
    transport = LeftTransport()
    client = UpstreamClient(transport)
    for request in (formed(url), formed(url), httpx2.Request("POST", url, content=b"{}")):
        transport.pool.asked = asyncio.create_task(outcome(client, request))
        with pytest.raises(asyncio.CancelledError):
            await transport.pool.asked
    transport.pool.asked = None
    assert (await outcome(client, formed(url)))[1] == b"{}"
    assert (len(vendor.visits), vendor.connections) == (4, 1)
    await client.aclose()
