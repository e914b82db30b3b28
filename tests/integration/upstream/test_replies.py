"""Does our own transport read each reply for what it is, and no byte of it as another's?"""

from __future__ import annotations

import httpx2
import pytest

from app.upstream import UpstreamClient, upstream_chunks
from contracts.errors import ProviderProtocolError
from tests.integration.upstream.conftest import Vendor, Visit
from tests.kit.streamed_reply import streamed_reply

HEAD = b"HTTP/1.1 200 OK\r\n"
NOT_HTTP = "^the reply of openai is not HTTP$"
CUT = "^the reply of openai ended before it was whole$"


async def fetch(client: UpstreamClient, url: str, **options: object) -> httpx2.Response:
    """A call as an adapter makes it."""
    request = httpx2.Request("POST", url, content=b"{}", **options)  # type: ignore[arg-type]  # whatever a test gives
    return await client.fetch(request, provider="openai", connect_timeout_seconds=2)


def sends(vendor: Vendor, *writes: bytes, hangs_up: bool = False) -> None:
    """Let the vendor answer every request with these bytes."""

    async def answer(visit: Visit) -> None:
        for data in writes:
            await visit.send(data)
        if hangs_up:
            visit.hang_up()

    vendor.answer = answer


async def test_interim_replies_are_skipped(direct_client: UpstreamClient, vendor: Vendor, url: str) -> None:
    """Neither status nor headers of 100 and 103 are the reply's, and the connection lives on."""
    sends(
        vendor,
        b"HTTP/1.1 100 Continue\r\nX-A: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nX-B: 2\r\n\r\n",
        HEAD + b"Content-Length: 2\r\n\r\nok",
    )
    for _ in range(2):
        response = await fetch(direct_client, url)
        assert (response.status_code, response.content, response.headers.raw) == (
            200,
            b"ok",
            [(b"Content-Length", b"2")],
        )
    assert vendor.connections == 1


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nabc",
        HEAD + b"X: a\0b\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        HEAD + b"X: " + b"a" * 300_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 12_000,
    ],
    ids=["another protocol", "a NUL", "two framings", "an endless header", "endless interim replies"],
)
async def test_head_that_is_not_http_ends_the_connection(
    direct_client: UpstreamClient, vendor: Vendor, url: str, sent: bytes
) -> None:
    """It is refused as soon as that is clear: the vendor stays connected and says nothing more."""

    async def answer(visit: Visit) -> None:
        await visit.send(sent)
        await visit.silence()

    vendor.answer = answer
    with pytest.raises(ProviderProtocolError, match=NOT_HTTP):
        await fetch(direct_client, url)
    await vendor.until(lambda: vendor.open_connections == 0)


@pytest.mark.parametrize("framing", [b"2;" + b"x" * 300_000, b"2\r\nok\r\n0\r\nX: " + b"x" * 300_000])
async def test_body_with_endless_framing_is_cut(
    direct_client: UpstreamClient, vendor: Vendor, url: str, framing: bytes
) -> None:
    """A chunk's extension, or a trailer, that goes on and on fills no memory."""

    async def answer(visit: Visit) -> None:
        await visit.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        await visit.send(framing)
        await visit.silence()

    vendor.answer = answer
    with pytest.raises(ProviderProtocolError, match=CUT):
        await fetch(direct_client, url)


async def test_headers_are_read_as_sent(direct_client: UpstreamClient, vendor: Vendor, url: str) -> None:
    """Blanks around a value are none of it, a value may be empty or folded, and a trailer is no header."""
    sends(
        vendor,
        HEAD + b"X-Empty:\r\nX-Wide: \t a b \t\r\nX-Long: one\r\n two\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"2\r\nok\r\n0\r\nX-Trailer: 1\r\n\r\n",
    )
    response = await fetch(direct_client, url)
    assert response.content == b"ok"
    assert response.headers.multi_items() == [
        ("x-empty", ""),
        ("x-wide", "a b"),
        ("x-long", "one two"),
        ("transfer-encoding", "chunked"),
    ]


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
async def test_reply_without_a_body_is_whole(
    direct_client: UpstreamClient, vendor: Vendor, url: str, status: bytes
) -> None:
    """Its status says that no body follows, whatever length it tells."""
    sends(vendor, b"HTTP/1.1 " + status + b"\r\nContent-Length: 5\r\n\r\n")
    for _ in range(2):
        assert (await fetch(direct_client, url)).content == b""
    assert vendor.connections == 1


async def test_body_of_untold_length_ends_with_its_connection(
    direct_client: UpstreamClient, vendor: Vendor, url: str
) -> None:
    """An orderly end is the body's end."""
    sends(vendor, HEAD + b"\r\nhalf", b" and half", hangs_up=True)
    assert (await fetch(direct_client, url)).content == b"half and half"


async def test_body_of_untold_length_that_is_reset_is_cut(
    direct_client: UpstreamClient, vendor: Vendor, url: str
) -> None:
    """Another end is none."""

    async def answer(visit: Visit) -> None:
        await visit.send(HEAD + b"\r\nhalf")
        await visit.silence()

    vendor.answer = answer
    request = httpx2.Request("POST", url, content=b"{}")
    async with streamed_reply(direct_client, request) as response:
        chunks = upstream_chunks(response, "openai")
        assert await anext(chunks) == b"half"
        vendor.visits[0].reset()
        with pytest.raises(ProviderProtocolError, match=CUT):
            await anext(chunks)


@pytest.mark.parametrize("junk", [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", b"H", b"\x00junk"])
async def test_bytes_after_a_reply_are_nobodys(
    direct_client: UpstreamClient, vendor: Vendor, url: str, junk: bytes
) -> None:
    """The reply before them is good; the connection is not used again, so they answer no other call."""
    sends(vendor, HEAD + b"Content-Length: 2\r\n\r\nok" + junk)
    for calls in range(1, 4):
        assert (await fetch(direct_client, url)).content == b"ok"
        assert vendor.connections == calls


async def test_goodbye_on_an_idle_connection_is_no_reply(
    direct_client: UpstreamClient, vendor: Vendor, url: str
) -> None:
    """A 408 that a vendor sends before it hangs up is not taken for the next call's answer."""

    async def answer(visit: Visit) -> None:
        await visit.reply(b"ok")
        if vendor.connections == 1:
            await visit.send(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 3\r\n\r\nbye")

    vendor.answer = answer
    assert (await fetch(direct_client, url)).content == b"ok"
    await vendor.until(lambda: vendor.open_connections == 0)
    assert (await fetch(direct_client, url)).content == b"ok"
    assert vendor.connections == 2


@pytest.mark.parametrize(
    "sent",
    [
        HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ],
)
async def test_connection_that_the_vendor_ends_is_not_used_again(
    direct_client: UpstreamClient, vendor: Vendor, url: str, sent: bytes
) -> None:
    """It said so in the reply; it need not have hung up yet."""
    sends(vendor, sent)
    for calls in range(1, 3):
        assert (await fetch(direct_client, url)).content == b"ok"
        assert vendor.connections == calls
    await vendor.until(lambda: vendor.open_connections == 0)


async def test_connection_that_we_end_is_not_used_again(
    direct_client: UpstreamClient, vendor: Vendor, url: str
) -> None:
    """A request that says `Connection: close` is the last one, in whatever case that is written."""
    for word in ("close", "Close"):
        await fetch(direct_client, url, headers={"Connection": word})
        await vendor.until(lambda: vendor.open_connections == 0)
