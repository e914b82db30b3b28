"""Is a vendor's compressed reply read like a plain one, and a bomb stopped before it is memory?"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from app.ports import CallLimits, Provider
from app.providers import build_provider
from app.upstream import UpstreamClient
from app.upstream.client import DEFAULT_MAX_REPLY_BYTES
from contracts.caller import IN_PROCESS_CALLER
from contracts.calls import ModelCall, Operation
from contracts.chat import Conversation, Message, Role, TextPart
from contracts.config import ProviderConfig
from contracts.deltas import Delta, TextDelta
from contracts.errors import ProviderProtocolError
from contracts.providers import ProviderType
from tests.integration.upstream.conftest import Vendor, Visit
from tests.kit.pieces import pieces_of

LIMITS = CallLimits(connect_timeout_seconds=5.0)
TEXT = "é☂😀"
COMPLETION = json.dumps(
    {"choices": [{"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}]},
    ensure_ascii=False,
).encode()
CHUNK = {"choices": [{"index": 0, "delta": {"content": TEXT}, "finish_reason": "stop"}]}
STREAM = f"data: {json.dumps(CHUNK, ensure_ascii=False)}\n\ndata: [DONE]\n\n".encode()
CALL = ModelCall(
    operation=Operation.CHAT,
    conversation=Conversation(messages=(Message(role=Role.USER, content=(TextPart(text="x"),)),)),
    caller=IN_PROCESS_CALLER,
    request_id="r",
    correlation_id="c",
)


def zipped_deflate(body: bytes) -> bytes:
    """Without zlib's envelope, as some servers send it."""
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate ": zipped_deflate,
    "identity": bytes,
}
# Too many blanks within an answer that is right: whoever reads to the end finds nothing wrong.
BOMB = gzip.compress(b"{" + b" " * (DEFAULT_MAX_REPLY_BYTES + 2**20) + COMPLETION[1:])


async def row(vendor: Vendor, upstream: UpstreamClient) -> Provider:
    """A row of OpenAI's dialect whose vendor is the one of this test."""
    config = ProviderConfig(type=ProviderType.OPENAI, base_url=f"http://127.0.0.1:{await vendor.listen()}/v1")
    return build_provider("openai", config, upstream=upstream, api_key="k", clock=lambda: datetime.now(UTC))


def answer(vendor: Vendor, body: bytes, *, encoding: str, media_type: str = "application/json") -> None:
    """What the vendor says to every request."""
    headers = f"Content-Encoding: {encoding}".encode(), f"Content-Type: {media_type}".encode()
    vendor.answer = lambda visit: visit.reply(body, *headers)


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_compressed_answer_is_read(vendor: Vendor, fast_client: UpstreamClient, encoding: str) -> None:
    """In each encoding that we say we take, and plain."""
    provider = await row(vendor, fast_client)
    answer(vendor, ENCODINGS[encoding](COMPLETION), encoding=encoding.strip())
    reply = await provider.complete(CALL, model="m", limits=LIMITS)
    assert reply.message.text == TEXT
    assert vendor.visits[0].header("accept-encoding") == ["gzip, deflate"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_compressed_stream_is_read_whatever_the_chunks(
    vendor: Vendor, fast_client: UpstreamClient, encoding: str
) -> None:
    """A byte at a time: within the compressed data, within a character, within an event."""
    provider = await row(vendor, fast_client)
    body = ENCODINGS[encoding](STREAM)

    async def drip(visit: Visit) -> None:
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
        await visit.send(f"{head}Content-Encoding: {encoding}\r\n\r\n".encode())
        for at in range(len(body)):
            await visit.send(b"1\r\n" + body[at : at + 1] + b"\r\n")
        await visit.send(b"0\r\n\r\n")

    vendor.answer = drip
    assert [delta for delta in await streamed(provider) if delta is not None] == [TextDelta(text=TEXT)]


async def test_encoding_that_nobody_asked_for_is_a_protocol_error(vendor: Vendor, fast_client: UpstreamClient) -> None:
    """Brotli, sent against what we said we take, is no JSON."""
    provider = await row(vendor, fast_client)
    answer(vendor, b"\x1b\x03\x00\xf8\xa4", encoding="br")
    with pytest.raises(ProviderProtocolError, match="openai answered with a body that is not JSON"):
        await provider.complete(CALL, model="m", limits=LIMITS)


async def test_bomb_in_place_of_an_answer_is_stopped(vendor: Vendor, fast_client: UpstreamClient) -> None:
    """What counts are the bytes behind the compression: 64 MB of them, and no more, are held."""
    assert len(BOMB) < 2**20
    provider = await row(vendor, fast_client)
    answer(vendor, BOMB, encoding="gzip")
    with pytest.raises(ProviderProtocolError, match="the reply of openai is larger than 67108864 bytes"):
        await provider.complete(CALL, model="m", limits=LIMITS)
    with pytest.raises(ProviderProtocolError, match="the reply of openai is larger than 67108864 bytes"):
        await provider.list_models(limits=LIMITS)


@pytest.mark.parametrize("media_type", ["application/json", "text/event-stream"])
async def test_bomb_in_place_of_a_stream_is_stopped(
    vendor: Vendor, fast_client: UpstreamClient, media_type: str
) -> None:
    """As a plain answer it is cut at the same size; as one endless line, at that of an event."""
    provider = await row(vendor, fast_client)
    answer(vendor, BOMB, encoding="gzip", media_type=media_type)
    with pytest.raises(ProviderProtocolError, match=r"not JSON|larger than 16777216 bytes"):
        await streamed(provider)


async def streamed(provider: Provider) -> list[Delta | None]:
    """What a streamed call gives."""
    stream = await provider.open_stream(CALL, model="m", limits=LIMITS)
    return [delta async for delta in pieces_of(stream)]
