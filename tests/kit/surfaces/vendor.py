"""A vendor on loopback that speaks every dialect, answers what it is told to, and keeps what it was asked."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from tests.kit.surfaces.answer import Answer, Tongue
from tests.kit.surfaces.tongues import TONGUES

_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error document in the dialect; `code` is OpenAI's word, where its dialect has one."""

    status: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Cut:
    """A stream whose connection ends behind its first `events` events."""

    answer: Answer
    events: int


@dataclass(frozen=True, slots=True)
class Hanging:
    """A stream that says its first `events` events, and nothing more until its caller has left."""

    answer: Answer
    events: int


@dataclass(frozen=True, slots=True)
class Rest:
    """What of `answer` the conversation does not hold yet: who cuts a stream cannot know how much was read."""

    answer: Answer

    def behind(self, body: dict[str, Any]) -> Answer:
        """The pieces that are left to say."""
        asked = json.dumps(body, ensure_ascii=False)
        pieces = self.answer.pieces
        said = max(n for n in range(len(pieces) + 1) if "".join(pieces[:n]).strip() in asked)
        return Answer(pieces=pieces[said:])


Turn = Answer | Refusal | Cut | Hanging | Rest


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: in which dialect, at which path, with which body."""

    tongue: str
    path: str
    body: dict[str, Any]
    headers: dict[str, str]


class Vendor(ThreadingHTTPServer):
    """Takes the next of `script` for each request, the last one again and again; `asked` is all that came.

    It answers nobody while `gate` is not set; `left_at` is a time of the monotonic clock.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Speaking)
        self.script: list[Turn] = []
        self.asked: list[Asked] = []
        self.was_left = Event()
        self.left_at = 0.0
        self.gate = Event()
        self.gate.set()

    def next_turn(self) -> Turn:
        """What is said now."""
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    @property
    def last(self) -> Asked:
        """The last request."""
        return self.asked[-1]


class _Speaking(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Vendor

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        path = self.path.partition("?")[0]
        tongue = next(tongue for end, tongue in TONGUES.items() if path.endswith(end))
        self.server.asked.append(Asked(tongue.name, path, body, {k.lower(): v for k, v in self.headers.items()}))
        is_stream = body.get("stream", False) or path.endswith(":streamGenerateContent")
        self.server.gate.wait(_PATIENCE_SECONDS)
        turn = self.server.next_turn()
        match turn.behind(body) if isinstance(turn, Rest) else turn:
            case Refusal(status, code, message):
                self._whole(status, tongue.error(status, code, message))
            case Answer() as answer if not is_stream:
                self._whole(200, tongue.plain(answer))
            case Answer() as answer:
                self._events(tongue, tongue.stream(answer))
                self.wfile.write(b"0\r\n\r\n")
            case Cut(answer, events):
                self._events(tongue, tongue.stream(answer)[:events])
                self.close_connection = True
            case Hanging(answer, events):
                self._events(tongue, tongue.stream(answer)[:events])
                self._wait_to_be_left()

    def _whole(self, status: int, document: dict[str, Any]) -> None:
        text = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _events(self, tongue: Tongue, events: list[str]) -> None:
        self.send_response(200)
        self.send_header("content-type", tongue.media_type)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in events:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event.encode()), event.encode()))
            self.wfile.flush()

    def _wait_to_be_left(self) -> None:
        self.close_connection = True
        try:
            is_left = not self.connection.recv(1)
        except ConnectionResetError:
            is_left = True
        if is_left:
            self.server.left_at = time.monotonic()
            self.server.was_left.set()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the standard library
        """Nothing."""


@contextmanager
def running_vendor() -> Iterator[Vendor]:
    """One that listens."""
    with Vendor() as made:
        thread = Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield made
        finally:
            made.shutdown()
            thread.join()
