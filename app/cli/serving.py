"""How is the service run: which server, with which limits, and how does it end?"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from types import FrameType
from typing import Any

import uvicorn

from app.cli.garbage import look_seldom, settle_garbage
from app.cli.greeting import greeting
from app.cli.listening import StartError, listen
from app.log_lines import are_json
from app.settings import Settings

_log = logging.getLogger(__name__)

App = Callable[..., Any]
OnReady = Callable[[], Awaitable[None]]
OnSignal = Callable[[int], Awaitable[None]]

# The requests under way have had their time (`wind_down`): what is left are connections that nobody reads.
_LAST_CONNECTIONS_SECONDS = 2
_HURRIED_SECONDS = 1
DID_NOT_START = "the service did not start: the log above says why"
# Longer than load balancers keep a connection idle (60 s), so that it is they who close it and no request is lost.
_KEEP_ALIVE_SECONDS = 75


def serve(settings: Settings) -> None:
    """Answers until SIGTERM or SIGINT, then ends after the requests under way; a second signal ends at once.

    Raises StartError when the port is not to be had or the application does not start.
    """
    end_on_signals()
    listener = listen(settings.host, settings.port)
    app, greet, wind_down = make_app(settings, listener.getsockname()[1])
    run_app(app, listener, greet, wind_down)


def make_app(settings: Settings, port: int) -> tuple[App, OnReady, OnSignal]:
    """The application, what it says once it answers on `port`, and how it ends after a signal."""
    look_seldom()
    from app.main import create_app, ending

    app = create_app(settings)

    async def greet() -> None:
        _say(greeting(settings, port, await app.state.edge.service.get_providers()))

    async def wind_down(number: int) -> None:
        # A person at a terminal has no balancer to be told.
        seconds = 0.0 if number == signal.SIGINT else settings.drain_seconds
        await ending(app, drain_seconds=seconds, stream_drain_seconds=settings.stream_drain_seconds)

    return app.way_in, greet, wind_down


def run_app(app: App, listener: socket.socket, on_ready: OnReady, on_signal: OnSignal) -> None:
    """Serves `app` on `listener` until a signal ends it.

    `on_ready` is awaited once requests are answered, `on_signal` between the first signal, whose number it gets, and
    the end of listening. A second signal does not wait for it.
    """
    server = _Server(server_config(app), on_ready, on_signal)
    try:
        server.run(sockets=[listener])
    except SystemExit as stop:
        if server.started or not stop.code:
            raise
        raise StartError(DID_NOT_START) from stop
    finally:
        listener.close()


def server_config(app: App, kind: type[uvicorn.Config] = uvicorn.Config, **more: Any) -> uvicorn.Config:
    """How uvicorn serves `app`; `more` is laid over it."""
    return kind(
        app,
        # What it is cannot be seen of a method.
        interface="asgi3",
        loop="auto",
        http=_protocol(),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        # Who may call depends on the peer's address, which a header must not change.
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_LAST_CONNECTIONS_SECONDS,
        **more,
    )


def _protocol() -> str | type[asyncio.Protocol]:
    """httptools where there is a wheel of it; its module cannot be imported elsewhere."""
    if find_spec("httptools") is None:
        return "h11"
    from app.cli.heads import BoundedHeads

    return BoundedHeads


class _Server(uvicorn.Server):
    """uvicorn stops listening on the first signal, before a balancer can have seen that we are ready no more."""

    def __init__(self, config: uvicorn.Config, on_ready: OnReady, on_signal: OnSignal) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_signal = on_signal
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_ending = False
        self._end: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        await self._on_ready()
        settle_garbage()
        self._loop = asyncio.get_running_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal is here; called between any two steps of the loop."""
        if self._loop is None:
            super().handle_exit(sig, frame)
        else:
            self._loop.call_soon_threadsafe(self._hurry if self._is_ending else self._wind_down, sig)
            self._is_ending = True

    def _wind_down(self, number: int) -> None:
        async def end() -> None:
            try:
                await self._on_signal(number)
            finally:
                self.should_exit = True

        self._end = asyncio.get_running_loop().create_task(end())

    def _hurry(self, number: int) -> None:
        """The second signal is obeyed; further ones, until the server has ended, find nothing more to end."""
        if self._end is not None:
            self._end.cancel()
        # What is cancelled before its first step, when both signals came at once, ends nothing.
        self.should_exit = True
        self.config.timeout_graceful_shutdown = _HURRIED_SECONDS


def end_on_signals() -> None:
    """Until a server takes them over, and when it gives them back, both signals end this process well."""
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, _end)


def _end(number: int, frame: FrameType | None) -> None:
    """An ordinary end, not a failure."""
    sys.exit(0)


def _say(text: str) -> None:
    if are_json():
        for line in text.splitlines():
            _log.info("%s", line.strip())
        return
    sys.stderr.write(text)
    sys.stderr.flush()
