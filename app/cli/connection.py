"""How does a request come from its connection to the application? Parsed by uvicorn, in as few steps as there can be.

For the two limits of uvicorn's that the service does not set, on connections and on what a task inherits, nothing is
asked here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.cli.exchange import CALLER_LEAVES, WHOLE_ANSWER, Exchange

# Most requests go to the same few targets, and those are short.
_SHORT_BYTES = 128


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, with exchanges of ours and one timer for all the rests of a connection.

    A timer for each, as uvicorn has it, is made and taken back for every request, and each that is taken back costs
    the loop a turn of its own.
    """

    # uvicorn's own types are of its own cycle, and of a scope that is always there.
    cycle: Any
    scope: Any
    _rests_since: float | None = None

    def data_received(self, data: bytes) -> None:
        """Bytes have come: a connection that rested does so no more."""
        self._rests_since = None
        headers = self.headers
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._unsupported_upgrade_warning()
        except httptools.HttpParserError:
            msg = "Invalid HTTP request received."
            self.logger.warning(msg)
            self.send_400_response(msg)
        if self.scope is None:
            self.head_goes_on(len(data), is_new=self.headers is not headers)

    def head_goes_on(self, size: int, *, is_new: bool) -> None:
        """After a read of `size` bytes a head is not whole yet; `is_new`: it began within them."""

    def on_message_begin(self) -> None:
        """A head begins: until it is whole there is no scope."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self.scope = None

    def on_headers_complete(self) -> None:
        """A head is whole: its request begins, or waits for the one before it."""
        parser = self.parser
        version = parser.get_http_version()
        raw_path, path, query = (_known_target if len(self.url) <= _SHORT_BYTES else _target)(self.url)
        if self.root_path:
            raw_path, path = self.root_path.encode("ascii") + raw_path, self.root_path + path
        self.scope = {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": version,
            "method": parser.get_method().decode("ascii"),
            "scheme": self.scheme,
            "path": path,
            "raw_path": raw_path,
            "query_string": query,
            "root_path": self.root_path,
            "headers": self.headers,
            "server": self.server,
            "client": self.client,
            "state": self.app_state.copy(),
            "extensions": {WHOLE_ANSWER: {}, CALLER_LEAVES: {"cancels": False, "has_left": False}},
        }
        before = self.cycle
        self.cycle = exchange = Exchange(
            self.scope,
            self.transport,
            self.flow,
            self.server_state.default_headers,
            expects_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if before is None or before.response_complete:
            exchange.begin(self.app, self.loop, self.tasks)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((exchange, self.app))

    def on_body(self, body: bytes) -> None:
        """A piece of a body is here."""
        if not self.cycle.response_complete:
            self.cycle.take(body)

    def on_message_complete(self) -> None:
        """A request is whole."""
        exchange = self.cycle
        if not exchange.response_complete:
            exchange.more_body = False
            exchange.wake()

    def on_response_complete(self) -> None:
        """An answer is whole: the next request has its turn, or the connection rests."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if self.flow.read_paused:
            self.flow.resume_reading()
        if self.pipeline:
            exchange, app = self.pipeline.pop()
            cast("Exchange", exchange).begin(app, self.loop, self.tasks)
            return
        self._rests_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_after(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        """It is time to see whether the connection has rested for too long."""
        self.timeout_keep_alive_task = None
        if self._rests_since is None:
            # Looked after again when its answer is whole.
            return
        left = self._rests_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._look_after(left)
        else:
            super().timeout_keep_alive_handler()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is no more."""
        exchange, self.cycle = self.cycle, None
        super().connection_lost(exc)
        if exchange is not None and not exchange.response_complete:
            exchange.leave()
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None

    def _look_after(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)


def _target(url: bytes) -> tuple[bytes, str, bytes]:
    """The path as it was sent, the path, and the query. Raises httptools' error for what is none."""
    parsed = httptools.parse_url(url)
    raw: bytes = parsed.path
    path = raw.decode("ascii")
    return raw, unquote(path) if "%" in path else path, parsed.query or b""


_known_target = lru_cache(maxsize=256)(_target)
