"""Is a stream read to its end, told when it is not whole, and closed in every case?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from app.ports import ProviderStream
from app.upstream import UpstreamClient
from app.upstream.terms import STREAMED
from contracts.deltas import Delta, TextDelta
from contracts.errors import LLMProviderError, ProviderProtocolError, ProviderUnavailableError
from tests.kit.pieces import pieces_of
from tests.unit.providers.vendor_double import LIMITS, Body, VendorDouble, call, completion, events


async def opened(vendor: VendorDouble, kind: str = "openai", **config: Any) -> ProviderStream:
    return await vendor.row(kind, **config).open_stream(call(), model="m", limits=LIMITS)


async def read(stream: ProviderStream) -> list[Delta | None]:
    return [delta async for delta in pieces_of(stream)]


async def test_stream_yields_text_and_signs_of_life() -> None:
    """Text comes as deltas; comments and chunks without content come as None; the end closes the connection."""
    vendor = VendorDouble()
    body = vendor.streams([b": hello\n\n", *events("a", "b")])
    stream = await opened(vendor)
    assert await read(stream) == [None, TextDelta(text="a"), TextDelta(text="b"), None]
    assert (stream.is_finished, body.is_closed) == (True, True)
    assert stream.reply().message.text == "ab"
    assert vendor.sent["stream"] is True
    assert vendor.sent["stream_options"] == {"include_usage": True}
    assert vendor.requests[0].headers["accept"] == "text/event-stream"


async def test_stream_says_when_it_is_finished() -> None:
    """From the finish reason on only usage can come."""
    vendor = VendorDouble()
    vendor.streams(events("a"))
    stream = await opened(vendor)
    seen = [(delta, stream.is_finished) async for delta in pieces_of(stream)]
    assert seen == [(TextDelta(text="a"), False), (None, True)]


async def test_stream_gives_at_once_what_came_at_once() -> None:
    """A reader who is late need not be woken for each event; what stands behind an error is not given."""
    vendor = VendorDouble()
    vendor.streams(
        [b"".join(events("a", "b", done=False, finish=None)), events("c")[0] + b"data: {\n\n" + events("d")[0]]
    )
    stream = await opened(vendor)
    found = aiter(stream)
    assert [await anext(found), await anext(found)] == [
        [TextDelta(text="a"), TextDelta(text="b")],
        [TextDelta(text="c")],
    ]
    with pytest.raises(ProviderProtocolError):
        await anext(found)


async def test_stream_of_many_events_in_one_chunk_leaves_others_their_turn() -> None:
    """A vendor that floods one stream holds up nobody else."""
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    vendor = VendorDouble()
    vendor.streams([b"".join(events(*["a"] * 3000))])
    stream = await opened(vendor)
    other = asyncio.create_task(take_turns())
    found = await read(stream)
    other.cancel()
    assert len(found) == 3000
    assert turns >= 3000 // 64


async def test_stream_is_told_to_the_transport() -> None:
    """A connection that carried one is treated with care: llama.cpp closes it afterwards."""
    vendor = VendorDouble()
    vendor.streams(events("a"))
    await read(await opened(vendor))
    assert vendor.requests[0].extensions[STREAMED] is True


async def test_stream_without_done_is_whole_with_its_finish_reason() -> None:
    """The end of the body is an end, too."""
    vendor = VendorDouble()
    body = vendor.streams(events("a", done=False))
    stream = await opened(vendor)
    await read(stream)
    assert (stream.reply().message.text, body.is_closed) == ("a", True)


async def test_stream_without_finish_reason_is_cut() -> None:
    """What ends early never looks whole."""
    vendor = VendorDouble()
    vendor.streams(events("a", finish=None, done=False))
    stream = await opened(vendor)
    await read(stream)
    assert not stream.is_finished
    with pytest.raises(ProviderProtocolError, match="without a finish reason"):
        stream.reply()


@pytest.mark.parametrize(
    "last,kind",
    [
        (b"data: {\n\n", ProviderProtocolError),
        (b'data: {"error":{"type":"server_error"}}\n\n', ProviderUnavailableError),
        (httpx2.ReadError("cut"), ProviderProtocolError),
    ],
)
async def test_stream_that_fails_closes_the_connection(last: bytes | Exception, kind: type[LLMProviderError]) -> None:
    """Unreadable, refused or cut: an error of ours, and nothing stays open."""
    vendor = VendorDouble()
    body = vendor.streams([events("a")[0], last])
    stream = await opened(vendor)
    with pytest.raises(kind):
        await read(stream)
    assert body.is_closed


async def test_stream_never_read_is_closed() -> None:
    """A handle that nobody iterates still closes its connection, and may be closed twice."""
    vendor = VendorDouble()
    body = vendor.streams(events("a"))
    stream = await opened(vendor)
    await stream.aclose()
    await stream.aclose()
    assert (body.is_closed, body.given) == (True, 0)


async def test_stream_left_halfway_is_closed() -> None:
    """The caller went away after the first text."""
    vendor = VendorDouble()
    body = vendor.streams(events("a", "b", "c"))
    stream = await opened(vendor)
    async for _ in stream:
        break
    await stream.aclose()
    assert (body.is_closed, body.given) == (True, 1)


async def test_stream_end_is_not_waited_for() -> None:
    """A vendor that keeps the body open behind `[DONE]` does not keep us."""
    never = asyncio.Event()

    class Lingering(Body):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for chunk in super().__aiter__():
                yield chunk
            await never.wait()

    vendor = VendorDouble()
    body = Lingering(events("a"))
    vendor.replies.append(httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=body))
    async with asyncio.timeout(5):
        assert await read(await opened(vendor)) == [TextDelta(text="a"), None]
    assert body.is_closed


async def test_stream_end_that_breaks_leaves_the_answer_whole() -> None:
    """What happens behind `[DONE]` changes nothing."""
    vendor = VendorDouble()
    vendor.streams([*events("a"), b": bye\n\n", httpx2.ReadError("cut")])
    stream = await opened(vendor)
    await read(stream)
    assert stream.reply().message.text == "a"


async def test_stream_answered_whole_is_taken() -> None:
    """A server that cannot stream answers a plain completion."""
    vendor = VendorDouble()
    body = vendor.streams([json.dumps(completion("all")).encode()], headers={"content-type": "application/json"})
    stream = await opened(vendor)
    assert stream.is_finished
    assert await read(stream) == [TextDelta(text="all")]
    assert (stream.reply().message.text, body.is_closed) == ("all", True)


@pytest.mark.parametrize(
    "media_type,fact", [("application/json; charset=utf-8", "not JSON"), ("text/html", "a web page")]
)
async def test_stream_answered_with_a_page_is_refused(media_type: str, fact: str) -> None:
    """Neither a page nor broken JSON is a stream, and its connection is closed."""
    vendor = VendorDouble()
    body = vendor.streams([b"<html>"], headers={"content-type": media_type})
    with pytest.raises(ProviderProtocolError, match=fact):
        await opened(vendor)
    assert body.is_closed


async def test_stream_without_content_type_is_read() -> None:
    """Some servers do not say what they send."""
    vendor = VendorDouble()
    vendor.streams(events("a"), headers={})
    assert TextDelta(text="a") in await read(await opened(vendor))


class _Silent:
    """A real server that sends one event, then nothing, and notices when the connection is closed."""

    def __init__(self, head: bytes) -> None:
        self.head = head
        self.closed = asyncio.Event()
        self.asked = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(self.head)
        await writer.drain()
        self.asked.set()
        while await reader.read(1024):
            pass
        self.closed.set()
        writer.close()


STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("way", ["plain", "opening", "reading", "closing"])
async def test_cancelled_call_closes_the_real_connection(way: str) -> None:
    """Through real sockets: whoever leaves, and wherever, the vendor sees it at once."""
    event = events("a")[0]
    head = STREAM_HEAD + b"%x\r\n%s\r\n" % (len(event), event) if way in ("reading", "closing") else b""
    silent = _Silent(head)
    server = await asyncio.start_server(silent.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    upstream = UpstreamClient()
    row = VendorDouble().row(base_url=f"http://127.0.0.1:{port}", upstream=upstream)

    async def use() -> None:
        if way == "plain":
            await row.complete(call(), model="m", limits=LIMITS)
        stream = await row.open_stream(call(), model="m", limits=LIMITS)
        async for _ in stream:
            if way == "closing":
                await stream.aclose()
                return

    task = asyncio.create_task(use())
    async with asyncio.timeout(5):
        await silent.asked.wait()
        if way == "closing":
            await task
        else:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await silent.closed.wait()
    await upstream.aclose()
    server.close()
    await server.wait_closed()
    assert silent.closed.is_set()


async def test_stream_closed_by_another_task_ends_its_reader() -> None:
    """Closing while somebody reads ends the reading with an error of ours, and hangs nobody."""
    event = events("a")[0]
    silent = _Silent(STREAM_HEAD + b"%x\r\n%s\r\n" % (len(event), event))
    server = await asyncio.start_server(silent.serve, "127.0.0.1", 0)
    upstream = UpstreamClient()
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    row = VendorDouble().row(base_url=address, upstream=upstream)
    stream = await row.open_stream(call(), model="m", limits=LIMITS)
    first = asyncio.Event()

    async def use() -> None:
        async for _ in stream:
            first.set()

    async with asyncio.timeout(5):
        task = asyncio.create_task(use())
        await first.wait()
        await asyncio.sleep(0)
        await stream.aclose()
        await silent.closed.wait()
        with pytest.raises(LLMProviderError):
            await task
    await upstream.aclose()
    server.close()
    await server.wait_closed()
