"""How does a recorded stream look that is relayed up to somewhere, with what our encoder writes behind it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import httpx2
from openai import OpenAI

from app.wires.inbound import ServerEvent, StreamEncoder
from contracts.calls import Reply
from contracts.deltas import Delta, RelayedEvent


class Decoder(Protocol):
    """What reads a vendor's stream."""

    @property
    def is_finished(self) -> bool: ...

    def feed(self, event: str, data: str) -> list[Delta]: ...

    def reply(self) -> Reply: ...


def relayed_events(recorded: Path, decoder: Decoder) -> list[RelayedEvent]:
    """The events of a recorded stream, each with what `decoder` reads in it."""
    return [_relayed(event, data, decoder) for event, data in _events(recorded.read_text(encoding="utf-8"))]


def relayed_whole(events: Iterable[RelayedEvent], encoder: StreamEncoder) -> list[ServerEvent]:
    """What a caller is sent of a stream that comes to its end."""
    return [*_passed(events, encoder), *encoder.closing()]


def carried_on(events: Sequence[RelayedEvent], cut: int, encoder: StreamEncoder, reply: Reply) -> list[ServerEvent]:
    """What a caller is sent when the vendor breaks off behind `cut` events, and another says the rest to the end."""
    sent = list(_passed(events[:cut], encoder, is_cut=True))
    sent += [] if sent else encoder.begin()
    for event in events[cut:]:
        for delta in event.deltas:
            sent += encoder.feed(delta)
    return [*sent, *encoder.end(reply)]


@contextmanager
def sdk_that_reads(events: Iterable[ServerEvent]) -> Iterator[OpenAI]:
    """OpenAI's SDK, whose next request is answered by the stream of `events`."""
    body = "".join(map(_framed, events)).encode()
    with OpenAI(api_key="none", base_url="http://door", max_retries=0, http_client=_answering(body)) as client:
        yield client


def _answering(body: bytes) -> httpx2.Client:
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    return httpx2.Client(transport=httpx2.MockTransport(answer))


def _passed(events: Iterable[RelayedEvent], encoder: StreamEncoder, *, is_cut: bool = False) -> Iterator[ServerEvent]:
    for event in events:
        encoder.follow(event)
        if encoder.passes(event) and not (is_cut and event.is_end):
            yield ServerEvent(event.data, event=None if event.event == "message" else event.event)


def _relayed(event: str, data: str, decoder: Decoder) -> RelayedEvent:
    deltas = tuple(decoder.feed(event, data))
    return RelayedEvent(event=event, data=data, deltas=deltas, is_end=decoder.is_finished)


def _events(text: str) -> Iterator[tuple[str, str]]:
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            yield fields.get("event", "message"), fields["data"]


def _framed(event: ServerEvent) -> str:
    name = f"event: {event.event}\n" if event.event else ""
    return f"{name}data: {event.data}\n\n"
