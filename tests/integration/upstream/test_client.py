"""Does a reply arrive whole, at once and decompressed, over a pool that stays sound?"""

from __future__ import annotations

import asyncio
import gzip
import zlib
from contextlib import aclosing

import httpx2
import pytest

from app.upstream import UpstreamClient, upstream_chunks
from contracts.errors import ProviderProtocolError, ServiceNotStartedError
from tests.kit.streamed_reply import streamed_reply

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
COMPRESSED = {
    "gzip": gzip.compress(b"hello"),
    "deflate": zlib.compress(b"hello"),
}


def post(url, **options):
    """A call as an adapter makes it."""
    return httpx2.Request("POST", url, content=b'{"model":"m"}', **options)


async def fetch(client, request):
    """`client.fetch` with what does not matter here filled in."""
    return await client.fetch(request, provider="openai", connect_timeout_seconds=2)


def stream(client, request):
    """As the tests here read a reply: by a client of their own."""
    return streamed_reply(client, request)


async def test_fetch_sends_what_the_adapter_built(client, vendor, url):
    """Method, target, headers and body arrive unchanged, each framing header once, under our own name."""
    await fetch(client, post(url, headers={"Authorization": "Bearer k", "X-Two": "a"}))
    (visit,) = vendor.visits
    assert visit.head.startswith(b"POST %s HTTP/1.1\r\n" % httpx2.URL(url).raw_path)
    assert visit.body == b'{"model":"m"}'
    assert visit.header("authorization") == ["Bearer k"]
    assert visit.header("host") == [httpx2.URL(url).netloc.decode()]
    assert visit.header("content-length") == ["13"]
    assert visit.header("user-agent") == ["llm-provider-service/1.2.3"]


async def test_fetch_sends_a_streamed_body(client, vendor, url):
    """A request whose body is an async iterator is read and sent."""

    async def body():
        yield b'{"model":'
        yield b'"m"}'

    await fetch(client, httpx2.Request("POST", url, content=body(), headers={"Content-Length": "13"}))
    assert vendor.visits[0].body == b'{"model":"m"}'


@pytest.mark.parametrize("status", [b"200 OK", b"404 Not Found", b"429 Too Many Requests", b"503 Unavailable"])
async def test_fetch_returns_any_status_whole(client, vendor, url, status):
    """A vendor's refusal is an answer: the wire reads it, with its headers."""
    vendor.answer = lambda visit: visit.reply(b"<html>", b"Content-Type: text/html", b"Retry-After: 7", status=status)
    response = await fetch(client, post(url))
    assert response.status_code == int(status[:3])
    assert response.content == b"<html>"
    assert response.headers["content-type"] == "text/html"
    assert response.headers["retry-after"] == "7"
    assert str(response.request.url) == url


async def test_fetch_follows_no_redirect(client, vendor, url):
    """A 302 comes back as it is, and its target never sees the key."""
    vendor.answer = lambda visit: visit.reply(b"", b"Location: " + url.encode(), status=b"302 Found")
    assert (await fetch(client, post(url))).status_code == 302
    assert len(vendor.visits) == 1


@pytest.mark.parametrize("encoding", COMPRESSED)
async def test_fetch_decompresses(client, vendor, url, encoding):
    """A compressed reply arrives as plain bytes whose headers describe plain bytes."""
    vendor.answer = lambda visit: visit.reply(COMPRESSED[encoding], b"Content-Encoding: " + encoding.encode())
    response = await fetch(client, post(url))
    assert response.content == b"hello"
    assert "content-encoding" not in response.headers
    assert response.headers.get("content-length", "5") == "5"


async def test_fetch_offers_only_what_it_can_read(fast_client, vendor, url):
    """Our own transport asks for the encodings that are decompressed here, and for no other."""
    await fetch(fast_client, post(url))
    assert vendor.visits[0].header("accept-encoding") == [", ".join(COMPRESSED)]


async def test_fetch_refuses_a_reply_that_inflates_past_the_limit(client, vendor, url):
    """A small gzip bomb ends in an error, not in memory."""
    vendor.answer = lambda visit: visit.reply(gzip.compress(bytes(2**23)), b"Content-Encoding: gzip")
    with pytest.raises(ProviderProtocolError, match="the reply of openai is larger than 1048576 bytes"):
        await fetch(client, post(url))


async def test_fetch_refuses_an_endless_reply(client, vendor, url):
    """A reply that never stops is dropped at the limit, and its connection closed."""

    async def endless(visit):
        await visit.send(CHUNKED)
        while True:
            await visit.send(b"10000\r\n" + bytes(2**16) + b"\r\n")

    vendor.answer = endless
    with pytest.raises(ProviderProtocolError, match="larger than"):
        await fetch(client, post(url))
    await vendor.until(lambda: vendor.open_connections == 0)


async def test_fetch_survives_a_header_that_is_not_ascii(client, vendor, url):
    """An unreadable header costs neither the reply nor its other headers."""
    vendor.answer = lambda visit: visit.reply(b"ok", b"X-City: K\xf6ln", b"X-Id: 1", b"X-Id: 2")
    response = await fetch(client, post(url))
    assert response.content == b"ok"
    assert response.headers.get_list("x-id") == ["1", "2"]


async def test_fetch_reads_an_early_refusal_of_a_large_body(fast_client, vendor, url):
    """A 413 that is sent before the body was read is seen, and not the broken pipe behind it."""
    vendor.answer = lambda visit: visit.reply(b"no", b"Connection: close", status=b"413 Too Large")
    request = httpx2.Request("POST", url, content=bytes(2**22))
    assert (await fetch(fast_client, request)).status_code == 413


async def test_fetch_reuses_its_connection(client, vendor, url):
    """Ten calls in a row take one connection."""
    for _ in range(10):
        await fetch(client, post(url))
    assert vendor.connections == 1


async def test_fetch_is_not_troubled_by_a_stale_connection(client, vendor, url):
    """A vendor that closes each connection after its reply, unannounced, is not an error."""

    async def reply_and_leave(visit):
        await visit.reply(b"ok")
        visit.hang_up()

    vendor.answer = reply_and_leave
    for _ in range(30):
        assert (await fetch(client, post(url))).content == b"ok"
        await vendor.until(lambda: vendor.open_connections == 0)


async def test_stream_gives_each_chunk_when_it_is_here(client, vendor, url):
    """The first chunk is read while the vendor still holds back the second."""
    first_was_read = asyncio.Event()

    async def two_chunks(visit):
        await visit.send(CHUNKED + b"3\r\none\r\n")
        await first_was_read.wait()
        await visit.send(b"3\r\ntwo\r\n0\r\n\r\n")

    vendor.answer = two_chunks
    seen = []
    async with asyncio.timeout(5), stream(client, post(url)) as response:
        async for chunk in upstream_chunks(response, "openai"):
            seen.append(chunk)
            first_was_read.set()
    assert b"".join(seen) == b"onetwo"
    assert seen[0] == b"one"


async def test_stream_decompresses_as_it_goes(client, vendor, url):
    """A gzip stream that is flushed after each event is no reason to wait for the next."""
    first_was_read = asyncio.Event()
    squeeze = zlib.compressobj(wbits=31)

    async def two_chunks(visit):
        await visit.send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n")
        await visit.send(squeeze.compress(b"one") + squeeze.flush(zlib.Z_SYNC_FLUSH))
        await first_was_read.wait()
        await visit.send(squeeze.compress(b"two") + squeeze.flush())
        visit.hang_up()

    vendor.answer = two_chunks
    seen = []
    async with asyncio.timeout(5), stream(client, post(url)) as response:
        async for chunk in upstream_chunks(response, "openai"):
            seen.append(chunk)
            first_was_read.set()
    assert b"".join(seen) == b"onetwo"


async def test_stream_left_early_closes_the_connection_at_once(client, vendor, url):
    """Leaving the context in the middle is seen by the vendor within 100 ms, and the next call is sound."""

    async def one_chunk(visit):
        await visit.send(CHUNKED + b"3\r\none\r\n")
        await visit.silence()

    vendor.answer = one_chunk
    async with stream(client, post(url)) as response, aclosing(upstream_chunks(response, "openai")) as chunks:
        assert await anext(chunks) == b"one"
    await assert_gone_within_100_ms(vendor)
    vendor.answer = lambda visit: visit.reply(b"ok")
    assert (await fetch(client, post(url))).content == b"ok"


@pytest.mark.parametrize("sent", [b"", CHUNKED, CHUNKED + b"3\r\none\r\n"], ids=["silence", "headers", "one chunk"])
@pytest.mark.parametrize("call", [fetch, "stream"])
async def test_cancelled_call_closes_the_connection_at_once(client, vendor, url, call, sent):
    """Cancelled at any stage, a call leaves neither a connection nor a poisoned pool behind."""

    async def stall(visit):
        await visit.send(sent)
        await visit.silence()

    async def read_stream():
        async with stream(client, post(url)) as response:
            async for _ in upstream_chunks(response, "openai"):
                pass

    vendor.answer = stall
    task = asyncio.create_task(read_stream() if call == "stream" else call(client, post(url)))
    await vendor.until(lambda: len(vendor.visits) == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await assert_gone_within_100_ms(vendor)
    vendor.answer = lambda visit: visit.reply(b"ok")
    assert (await fetch(client, post(url))).content == b"ok"
    assert vendor.open_connections == 1


async def test_silent_vendor_is_left_at_the_callers_deadline(client, vendor, url):
    """A deadline set outside ends the call as TimeoutError and closes the connection."""
    vendor.answer = lambda visit: visit.silence()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await fetch(client, post(url))
    await assert_gone_within_100_ms(vendor)


async def test_aclose_leaves_no_connection(client, vendor, url):
    """After closing, the vendor sees none of the pooled connections."""
    await asyncio.gather(*(fetch(client, post(url)) for _ in range(5)))
    await client.aclose()
    await vendor.until(lambda: vendor.open_connections == 0)


async def test_aclose_ends_a_call_that_waits(fast_client, vendor, url):
    """A call without an answer yet that the shutdown overtakes says so."""
    vendor.answer = lambda visit: visit.silence()
    call = asyncio.create_task(fetch(fast_client, post(url)))
    await vendor.until(lambda: len(vendor.visits) == 1)
    await fast_client.aclose()
    with pytest.raises(ServiceNotStartedError, match="the service stopped before openai had answered"):
        await call


async def test_aclose_ends_a_stream(fast_client, vendor, url):
    """A stream that the shutdown overtakes says so, and does not look like a cut reply."""

    async def begin(visit):
        await visit.send(CHUNKED)
        await visit.silence()

    vendor.answer = begin
    async with stream(fast_client, post(url)) as response:
        await fast_client.aclose()
        with pytest.raises(ServiceNotStartedError, match="the service stopped before openai had answered"):
            await anext(upstream_chunks(response, "openai"))


async def test_call_after_aclose_is_refused(fast_client, url):
    """A closed client opens nothing anew."""
    await fast_client.aclose()
    with pytest.raises(ServiceNotStartedError):
        await fetch(fast_client, post(url))


async def test_mock_transport_serves_both_calls():
    """The test seam of the adapters works without a server, with replies that are already read."""
    client = UpstreamClient(httpx2.MockTransport(lambda request: httpx2.Response(200, content=request.content)))
    assert (await fetch(client, post("http://vendor.invalid/"))).json() == {"model": "m"}
    async with stream(client, post("http://vendor.invalid/")) as response:
        assert [chunk async for chunk in upstream_chunks(response, "openai")] == [b'{"model":"m"}']
    await client.aclose()


async def assert_gone_within_100_ms(vendor):
    """The vendor sees its last connection end in that time."""
    started = asyncio.get_running_loop().time()
    await vendor.until(lambda: vendor.open_connections == 0)
    assert asyncio.get_running_loop().time() - started < 0.1
