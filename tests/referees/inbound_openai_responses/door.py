"""A door on loopback that speaks /responses through our wire: the service, without its engine."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

from app.wires.inbound import Inbound, ReplyNames
from app.wires.json_text import dump_json, load_json
from app.wires.openai_responses import StreamEncoder, decode_request, encode_error, encode_response
from contracts.calls import Reply
from contracts.deltas import Delta
from contracts.errors import LLMProviderError


class Door:
    """Understands requests, and answers each with `reply`, in a stream as `deltas`, or with `error`."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.clear()

    def clear(self) -> None:
        """As new."""
        self.understood: list[Inbound] = []
        self.reply: Reply | None = None
        self.deltas: Sequence[Delta] = ()
        self.error: LLMProviderError | None = None
        self.extras: Mapping[str, Any] | None = None

    def answer(self, data: bytes) -> tuple[int, str, bytes]:
        """Status, content type and body."""
        try:
            body = load_json(data)
            inbound = decode_request(body)
            self.understood.append(inbound)
            if inbound.is_stream:
                return 200, "text/event-stream", self._stream(inbound, body)
            if self.error is not None:
                raise self.error
            assert self.reply is not None
            document = encode_response(self.reply, _names(inbound), asked=body, extras=self.extras)
            return 200, "application/json", dump_json(document)
        except LLMProviderError as error:
            status, document = encode_error(error)
            return status, "application/json", dump_json(document)

    def _stream(self, inbound: Inbound, body: Mapping[str, Any]) -> bytes:
        encoder = StreamEncoder(_names(inbound), asked=body)
        events = encoder.begin()
        for delta in self.deltas:
            events += encoder.feed(delta)
        if self.error is not None:
            events += encoder.fail(self.error)
        elif self.reply is not None:
            events += encoder.end(self.reply, self.extras)
        return "".join(f"event: {event.event}\ndata: {event.data}\n\n" for event in events).encode()


class _Handler(BaseHTTPRequestHandler):
    door: ClassVar[Door]

    def do_POST(self) -> None:
        status, content_type, answer = self.door.answer(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Silence."""


@contextmanager
def open_door() -> Iterator[Door]:
    """A door for as long as the block runs."""
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        _Handler.door = Door(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield _Handler.door
        finally:
            server.shutdown()
            thread.join()


def _names(inbound: Inbound) -> ReplyNames:
    return ReplyNames(request_id="r1", model=inbound.model, created=1_700_000_000)
