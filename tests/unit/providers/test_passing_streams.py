"""Do the events of a vendor come as they were sent, for a caller whose own body had gone to it?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.ports import Provider, ProviderStream
from contracts.calls import ModelCall, Wire
from contracts.deltas import Delta, Piece, RelayedEvent, TextDelta
from contracts.errors import ProviderProtocolError, ProviderUnavailableError
from tests.kit.pieces import pieces_of
from tests.unit.providers.passed import ASKED_PAIRS, GOLDEN, WRITTEN, as_changed, asked
from tests.unit.providers.vendor_double import LIMITS, VendorDouble, completion, events

FOLDERS = {Wire.OPENAI_RESPONSES: "openai_responses"}
STREAMED = b'{"model":"x","messages":[{"role":"user","content":"a"}]'


async def opened(row: Provider, asking: ModelCall) -> ProviderStream:
    """The open stream."""
    return await row.open_stream(asking, model="a-model", limits=LIMITS)


async def read(stream: ProviderStream) -> list[Piece | None]:
    """All that it gives."""
    return [piece async for piece in pieces_of(stream)]


def relayed(pieces: list[Piece | None]) -> list[RelayedEvent]:
    """The events among `pieces`."""
    return [piece for piece in pieces if isinstance(piece, RelayedEvent)]


def framed(text: str) -> list[tuple[str, str]]:
    """Name and data of each event in a recorded stream."""
    found = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        fields = [line.partition(":") for line in block.split("\n") if line and not line.startswith(":")]
        data = [value.removeprefix(" ") for name, _, value in fields if name == "data"]
        named = [value.strip() for name, _, value in fields if name == "event"]
        if data:
            found.append((named[-1] if named else "message", "\n".join(data)))
    return found


@pytest.mark.parametrize("kind,wire", ASKED_PAIRS)
async def test_every_event_comes_as_the_vendor_sent_it(kind: str, wire: Wire) -> None:
    """Names and data to the character, those that say nothing to us among them, and the deltas that they hold."""
    recorded = (GOLDEN / FOLDERS.get(wire, kind) / "stream.sse").read_bytes()
    pieces: dict[bool, list[Piece | None]] = {}
    for is_passed in (True, False):
        vendor = VendorDouble()
        vendor.streams([recorded])
        stream = await opened(vendor.row(kind), asked(wire) if is_passed else as_changed(asked(wire)))
        pieces[is_passed] = await read(stream)
        assert stream.reply().message.content
    came = relayed(pieces[True])
    assert [(event.event, event.data) for event in came] == framed(recorded.decode())
    told: list[Delta | None] = [delta for event in came for delta in event.deltas]
    assert told == [piece for piece in pieces[False] if piece is not None]
    assert relayed(pieces[False]) == []
    assert (came[0].is_end, came[-1].is_end) == (False, True)


@pytest.mark.parametrize("kind,wire", ASKED_PAIRS)
async def test_body_is_made_to_ask_for_a_stream(kind: str, wire: Wire) -> None:
    """Also where its caller wants a plain answer of a row that is streamed from; the rest is as it was written."""
    recorded = (GOLDEN / FOLDERS.get(wire, kind) / "stream.sse").read_bytes()
    vendor = VendorDouble()
    vendor.streams([recorded])
    stream = await opened(vendor.row(kind), asked(wire))
    await read(stream)
    added = b',"stream":true' + (b',"stream_options":{"include_usage":true}' if wire is Wire.OPENAI_CHAT else b"")
    head = WRITTEN[wire].replace(b'"smart"', b'"a-model"').rstrip()
    assert vendor.requests[0].content.rstrip() == head[:-1].rstrip() + added + head[len(head[:-1].rstrip()) :]
    assert stream.reply().raw is None


@pytest.mark.parametrize(
    "said,sent",
    [
        (b',"stream" : true}', b',"stream" : true,"stream_options":{"include_usage":true}}'),
        (b',"stream":false}', b',"stream":true,"stream_options":{"include_usage":true}}'),
        (
            b',"stream":true,"stream_options":{"include_usage" : true,"x":1.0}}',
            b',"stream":true,"stream_options":{"include_usage" : true,"x":1.0}}',
        ),
        (
            b',"stream":true,"stream_options":{"include_usage":false, "x":1.0}}',
            b',"stream":true,"stream_options":{"include_usage":true, "x":1.0}}',
        ),
        (
            b',"stream_options":null,"stream":true}',
            b',"stream_options":{"include_usage":true},"stream":true}',
        ),
    ],
)
async def test_usage_is_asked_for_in_each_stream(said: bytes, sent: bytes) -> None:
    """What else the caller says of the stream stays."""
    vendor = VendorDouble()
    vendor.streams(events("a"))
    await read(await opened(vendor.row(), asked(Wire.OPENAI_CHAT, STREAMED + said)))
    assert vendor.requests[0].content == (STREAMED + sent).replace(b'"x"', b'"a-model"', 1)


async def test_sign_of_life_is_no_event() -> None:
    """A comment is for us; an event without content is an event."""
    vendor = VendorDouble()
    vendor.streams([b": hello\n\n", b"event: ping\ndata: {}\n\n", *events("a")])
    stream = await opened(vendor.row(), asked(Wire.OPENAI_CHAT))
    pieces = await read(stream)
    assert pieces[:2] == [None, RelayedEvent(event="ping", data="{}")]
    assert [event.deltas for event in relayed(pieces)] == [(), (TextDelta(text="a"),), (), ()]
    assert [event.is_end for event in relayed(pieces)] == [False, False, True, True]
    assert relayed(pieces)[-1].data == "[DONE]"


async def test_end_is_told_from_the_finish_reason_on() -> None:
    """What comes behind it, the usage, belongs to the end as well."""
    usage = json.dumps({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}})
    vendor = VendorDouble()
    vendor.streams([*events("a", done=False), f"data: {usage}\n\n".encode()])
    stream = await opened(vendor.row(), asked(Wire.OPENAI_CHAT))
    assert [event.is_end for event in relayed(await read(stream))] == [False, True, True]
    assert stream.is_finished


@pytest.mark.parametrize(
    "last,kind",
    [
        (b"data: {\n\n", ProviderProtocolError),
        (b'data: {"error":{"type":"server_error"}}\n\n', ProviderUnavailableError),
    ],
)
async def test_failure_in_a_relayed_stream_is_an_error_of_ours(last: bytes, kind: type[Exception]) -> None:
    """It is not relayed: another vendor may go on, and if none does, the door says it in its own words."""
    vendor = VendorDouble()
    body = vendor.streams([events("a")[0], last])
    stream = await opened(vendor.row(), asked(Wire.OPENAI_CHAT))
    pieces = pieces_of(stream)
    assert [event.deltas for event in relayed([await anext(pieces)])] == [(TextDelta(text="a"),)]
    with pytest.raises(kind):
        await anext(pieces)
    assert body.is_closed


async def test_whole_answer_in_place_of_a_stream_is_not_relayed() -> None:
    """There are no events: its deltas come, and the door writes them."""
    vendor = VendorDouble()
    vendor.streams([json.dumps(completion()).encode()], headers={"content-type": "application/json"})
    stream = await opened(vendor.row(), asked(Wire.OPENAI_CHAT))
    assert await read(stream) == [TextDelta(text="hi")]
    assert stream.reply().raw is None


async def test_stream_of_choices_ends_with_the_last_of_them() -> None:
    """The finish of one of two is not the end, and is relayed at once; the deltas are the first one's."""
    chunks: list[dict[str, Any]] = [
        {"index": 1, "delta": {"content": "b"}},
        {"index": 0, "delta": {"content": "a"}, "finish_reason": "stop"},
        {"index": 1, "delta": {}, "finish_reason": "stop"},
    ]
    vendor = VendorDouble()
    vendor.streams([f"data: {json.dumps({'choices': [choice]})}\n\n".encode() for choice in chunks])
    body = {"n": 2, "model": "x", "messages": [{"role": "user", "content": "a"}]}
    stream = await opened(vendor.row(), asked(Wire.OPENAI_CHAT, body))
    came = relayed(await read(stream))
    assert [event.is_end for event in came] == [False, False, True]
    assert [event.deltas for event in came] == [(), (TextDelta(text="a"),), ()]
    assert stream.reply().message.text == "a"
