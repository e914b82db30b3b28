"""A vendor on loopback that keeps what it was sent and answers what it was told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

_CONTENT_TYPES = {"json": "application/json", "sse": "text/event-stream", "ndjson": "application/x-ndjson"}


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it came."""

    path: str
    body: Any


class Capture:
    """What was sent last, and what will be answered."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.sent: list[Sent] = []
        self._answer = b""
        self._content_type = ""

    def will_answer(self, body: bytes, form: str) -> None:
        """From now on every request gets `body`; `form` is `json`, `sse` or `ndjson`."""
        self._answer = body
        self._content_type = _CONTENT_TYPES[form]
        self.sent.clear()

    def take(self, path: str, body: bytes) -> tuple[str, bytes]:
        """Keeps a request; gives the answer's content type and body."""
        self.sent.append(Sent(path, json.loads(body)))
        return self._content_type, self._answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    capture: ClassVar[Capture]

    def do_POST(self) -> None:
        content_type, answer = self.capture.take(self.path, self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(answer)))
        # An SDK keeps its connections; one at a time is served here.
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Silence."""


@contextmanager
def capturing() -> Iterator[Capture]:
    """A server for as long as the block runs."""
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        _Handler.capture = Capture(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield _Handler.capture
        finally:
            server.shutdown()
            thread.join()
