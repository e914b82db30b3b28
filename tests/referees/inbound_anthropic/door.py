"""A door on loopback that understands requests by our inbound half and writes the answer that it was given by it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

from app.wires.anthropic_messages import StreamEncoder, decode_request, encode_error, encode_response
from app.wires.inbound import Inbound, ReplyNames, ServerEvent
from app.wires.json_text import dump_json, load_json
from contracts.calls import Reply
from contracts.chat import FinishReason, Message, Role
from contracts.deltas import Delta
from contracts.errors import InvalidRequestError, LLMProviderError

NAMES = ReplyNames(request_id="r1", model="claude-haiku-5-5", created=1)
_EMPTY = Reply(message=Message(role=Role.ASSISTANT), finish_reason=FinishReason.STOP)


class Door:
    """What will be answered, and the requests as they were understood, the last one last.

    `keeps_threads` false: what only a vendor of the dialect could do is refused. `refusals` are told first, once each.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.understood: list[Inbound] = []
        self.reply = _EMPTY
        self.deltas: Sequence[Delta] = ()
        self.error: LLMProviderError | None = None
        self.is_late = False
        self.keeps_threads = True
        self.refusals: list[LLMProviderError] = []

    def will_answer(self, reply: Reply, deltas: Sequence[Delta] = ()) -> None:
        """From now on; a stream is made of `deltas`."""
        self.reply, self.deltas, self.error, self.is_late = reply, deltas, None, False

    def will_fail(self, error: LLMProviderError, deltas: Sequence[Delta] = (), *, is_late: bool = False) -> None:
        """From now on, before the first event or `is_late`: in the stream, behind `deltas`."""
        self.error, self.deltas, self.is_late = error, deltas, is_late

    def answer(self, path: str, body: bytes) -> tuple[int, str, bytes]:
        """Status, content type and body."""
        try:
            request = decode_request(load_json(body), needs_max_tokens=not path.endswith("count_tokens"))
            self.understood.append(request)
            if request.demands and not self.keeps_threads:
                raise InvalidRequestError("nobody keeps that", errors=request.demands)
            if self.refusals:
                raise self.refusals.pop()
            if self.error is not None and not self.is_late:
                raise self.error
        except LLMProviderError as error:
            status, document = encode_error(error)
            return status, "application/json", dump_json(document)
        if path.endswith("count_tokens"):
            return 200, "application/json", b'{"input_tokens":7}'
        if request.is_stream:
            return 200, "text/event-stream", _written(self._events())
        return 200, "application/json", dump_json(encode_response(self.reply, NAMES))

    def _events(self) -> list[ServerEvent]:
        encoder = StreamEncoder(NAMES)
        events = encoder.begin()
        for delta in self.deltas:
            events += encoder.feed(delta)
        return events + (encoder.end(self.reply) if self.error is None else encoder.fail(self.error))


def _written(events: list[ServerEvent]) -> bytes:
    return "".join(f"event: {event.event}\ndata: {event.data}\n\n" for event in events).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    door: ClassVar[Door]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, content_type, answer = self.door.answer(self.path.partition("?")[0], body)
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(answer)))
        # An SDK keeps its connections; one at a time is served here.
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Silence."""


@contextmanager
def opened_door() -> Iterator[Door]:
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
