"""How does a request come from its connection to the application? Parsed by uvicorn, in as few steps as there can be.

For the two limits of uvicorn's that the service does not set, on connections and on what a task inherits, nothing is
asked here.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Any, cast
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.cli.exchange import Exchange

# Most requests go to the same few targets, and those are short.
_SHORT_BYTES = 128


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, with exchanges of ours and one timer for all the rests of a connection.

    A timer for each, as uvicorn has it, is made and taken back for every request, and each that is taken back costs
    the loop a turn of its own.
    """

    _rests_since: float | None = None

    def on_headers_complete(self) -> None:
        """A head is whole: its request begins, or waits for the one before it."""
        parser, scope = self.parser, self.scope
        version = parser.get_http_version()
        if version != "1.1":
            scope["http_version"] = version
        scope["method"] = parser.get_method().decode("ascii")
        raw_path, path, scope["query_string"] = (_known_target if len(self.url) <= _SHORT_BYTES else _target)(self.url)
        scope["raw_path"] = self.root_path.encode("ascii") + raw_path
        scope["path"] = self.root_path + path
        # Before the first there is none.
        is_free = getattr(self.cycle, "response_complete", True)
        self.cycle = self._exchange(keep_alive=version != "1.0" and parser.should_keep_alive())
        if is_free:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def on_response_complete(self) -> None:
        """An answer is whole: the next request has its turn, or the connection rests."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
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
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None

    def _look_after(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _unset_keepalive_if_required(self) -> None:
        """It rests no more; uvicorn says so when bytes have come."""
        self._rests_since = None

    def _exchange(self, *, keep_alive: bool) -> Exchange:
        return Exchange(
            self.scope,
            self.transport,
            self.flow,
            self.logger,
            self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=keep_alive,
            on_response=self.on_response_complete,
        )

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        cast("Exchange", cycle).begin(app, self.loop, self.tasks)


def _target(url: bytes) -> tuple[bytes, str, bytes]:
    """The path as it was sent, the path, and the query. Raises httptools' error for what is none."""
    parsed = httptools.parse_url(url)
    raw: bytes = parsed.path
    path = raw.decode("ascii")
    return raw, unquote(path) if "%" in path else path, parsed.query or b""


_known_target = lru_cache(maxsize=256)(_target)
