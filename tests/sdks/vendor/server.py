"""Where does the vendor listen? On one port for all its dialects; it keeps what it was asked.

What goes wrong is chosen by the question: `(fault rate-limited-once)`. Each question counts for itself.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

from tests.sdks.vendor.anthropic_messages import AnthropicMessages
from tests.sdks.vendor.dialect import Dialect
from tests.sdks.vendor.embeddings import embedded
from tests.sdks.vendor.gemini import Gemini
from tests.sdks.vendor.mind import Answer, Heard, answer
from tests.sdks.vendor.ollama import Ollama
from tests.sdks.vendor.openai_chat import OpenAIChat
from tests.sdks.vendor.openai_responses import OpenAIResponses

KEY = "sk-the-vendors-own-key"
_DIALECTS: dict[str, Dialect] = {
    "/v1/chat/completions": OpenAIChat(),
    "/v1/responses": OpenAIResponses(),
    "/v1/messages": AnthropicMessages(),
    "/api/": Ollama(),
    "/v1/embeddings": OpenAIChat(),
    "/v1beta/": Gemini(),
}
_LONGEST_SECONDS = 20.0
_RETRY_AFTER = {"retry-after-ms": "120", "retry-after": "1"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as it came; `headers` by their names in lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Vendor(ThreadingHTTPServer):
    """`seen` is what it was asked, in order; `leaving` lets calls that hang go."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.seen: list[Asked] = []
        self.leaving = Event()
        self.lock = Lock()
        self.times: Counter[str] = Counter()

    def forget(self) -> None:
        """As if it had never been asked."""
        with self.lock:
            self.seen.clear()
            self.times.clear()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller who leaves is no news; anything else is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving() -> Iterator[Vendor]:
    """A vendor that listens."""
    with Vendor() as vendor:
        thread = Thread(target=vendor.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield vendor
        finally:
            vendor.leaving.set()
            vendor.shutdown()
            thread.join()


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Vendor

    def do_GET(self) -> None:
        """Lists of models."""
        if not self._is_let_in():
            self._reply(401, OpenAIChat().error(401, "invalid_api_key", "Incorrect API key provided."))
            return
        self._reply(200, {"object": "list", "data": [], "models": [{"name": "qwen4-vl"}], "has_more": False})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        path = self.path.partition("?")[0]
        dialect = next(one for start, one in _DIALECTS.items() if path.startswith(start))
        if not self._is_let_in():
            self._reply(401, dialect.error(401, "invalid_api_key", "Incorrect API key provided."))
            return
        try:
            body = json.loads(raw)
        except ValueError:
            self._reply(400, dialect.error(400, "invalid_json", "We could not parse the JSON body of your request."))
            return
        with self.server.lock:
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.server.seen.append(Asked(path=path, headers=headers, body=body))
        if (vectors := embedded(path, body)) is not None:
            self._reply(200, vectors)
            return
        heard = dialect.hear(body, path)
        if path.endswith(("/count_tokens", "/input_tokens")):
            self._reply(200, {"input_tokens": heard.words, "object": "response.input_tokens"})
            return
        with self.server.lock:
            self.server.times[heard.asked[-1]] += 1
            times = self.server.times[heard.asked[-1]]
        if not self._fails(dialect, heard, times):
            self._answer(dialect, heard, body, path)

    def _is_let_in(self) -> bool:
        # Gemini's header has a name of its own, and Ollama at home asks for no key.
        return KEY in (self.headers.get("authorization") or self.headers.get("x-api-key") or KEY)

    def _fails(self, dialect: Dialect, heard: Heard, times: int) -> bool:
        """Whether the question asked for a fault that shows before an answer begins."""
        match heard.fault:
            case "rate-limited-once" if times == 1:
                self._reply(429, dialect.error(429, "rate_limit_exceeded", "Slow down."), _RETRY_AFTER)
            case "rate-limited":
                self._reply(429, dialect.error(429, "rate_limit_exceeded", "Slow down."), _RETRY_AFTER)
            case "overloaded-once" if times == 1:
                self._reply(503, dialect.error(503, "overloaded", "Overloaded."))
            case "no-such-model":
                self._reply(404, dialect.error(404, "model_not_found", f"The model {heard.model} does not exist"))
            case "bad-request":
                self._reply(400, dialect.error(400, "invalid_value", "Invalid value."))
            case "silent":
                self.server.leaving.wait(_LONGEST_SECONDS)
                self.close_connection = True
            case _:
                return False
        return True

    def _answer(self, dialect: Dialect, heard: Heard, body: dict[str, Any], path: str) -> None:
        said: Answer = answer(heard)
        if not dialect.streams(body, path):
            self._reply(200, dialect.reply(said, heard.model, body))
            return
        self._head(200, {"content-type": dialect.stream_type, "transfer-encoding": "chunked"})
        pieces = dialect.stream(said, heard.model, body)
        if heard.fault == "cut":
            pieces = pieces[: len(pieces) // 2]
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if heard.fault == "cut":
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def _reply(self, status: int, document: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        raw = json.dumps(document).encode()
        self._head(status, {"content-type": "application/json", "content-length": str(len(raw)), **(headers or {})})
        self.wfile.write(raw)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"x-request-id": "req_T1", "request-id": "req_T1", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the standard library
        """Nothing."""
