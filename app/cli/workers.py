"""How do several processes answer behind one port? Under uvicorn's supervisor, each with its own service.

The parent binds the port, keeps the processes alive, and passes a signal on: the first lets each of them end after its
requests under way, a second one ends them at once. What processes share is the database, Redis and the metrics.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.synchronize import Lock
from types import FrameType
from typing import Any, cast

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app.cli.garbage import settle_garbage
from app.cli.listening import StartError, listen
from app.cli.serving import DID_NOT_START, App, OnReady, OnSignal, end_on_signals, make_app, server_config
from app.log_lines import write_lines
from app.settings import Settings

Message = dict[str, Any]
Stop = Callable[[int, FrameType | None], None]
_LOOK_SECONDS = 0.1


def serve_by_workers(settings: Settings) -> None:
    """Answers with `settings.workers` processes until SIGTERM or SIGINT.

    Raises StartError when the port is not to be had or the application does not start.
    """
    listener = listen(settings.host, settings.port)
    made = Worker(settings, listener.getsockname()[1], get_context("spawn").Lock())
    config = server_config(made, _WorkerConfig, factory=True, workers=settings.workers)
    supervisor = _Supervisor(config, [listener])
    try:
        supervisor.run()
    finally:
        listener.close()
    if any(one.exitcode == STARTUP_FAILURE for one in supervisor.processes):
        raise StartError(DID_NOT_START)


@dataclass(frozen=True)
class Worker:
    """What each process is told, and makes its application of. `is_greeted`: taken by the first that answers."""

    settings: Settings
    port: int
    is_greeted: Lock

    def __call__(self) -> App:
        """The application of this process."""
        return _Ending(*make_app(self.settings, self.port), self.is_greeted)

    def begin(self) -> None:
        """The first thing that a process does. A terminal's signals go to the parent alone, which passes them on."""
        os.setpgid(0, 0)
        end_on_signals()
        write_lines(self.settings.log_level, self.settings.log_format)
        threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Nobody would tell this process to end, and it would keep the port."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


class _WorkerConfig(uvicorn.Config):
    """uvicorn sets the log up at the beginning of each process: that is where one of ours begins."""

    _is_made = False

    def __init__(self, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        self._is_made = True

    def configure_logging(self) -> None:
        """While this is made, by the parent, nothing: its log is as the command left it."""
        if self._is_made:
            cast(Worker, self.app).begin()


class _Ending:
    """An application that greets once it is ready, and winds down before the server hears of a signal."""

    def __init__(self, app: App, greet: OnReady, wind_down: OnSignal, is_greeted: Lock) -> None:
        self._app = app
        self._greet = greet
        self._wind_down = wind_down
        self._is_greeted = is_greeted
        self._end: asyncio.Task[None] | None = None

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """ASGI."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def ready(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self._hear_signals()
                if self._is_greeted.acquire(block=False):
                    await self._greet()
                settle_garbage()
            await send(message)

        await self._app(scope, receive, ready)

    def _hear_signals(self) -> None:
        """Before the server, which would stop listening at once."""
        loop = asyncio.get_running_loop()
        # uvicorn's own, the same for both.
        stop = cast(Stop, signal.getsignal(signal.SIGTERM))

        def heard(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self._heard, number, stop)

        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, heard)

    def _heard(self, number: int, stop: Stop) -> None:
        async def end() -> None:
            try:
                await self._wind_down(number)
            finally:
                stop(signal.SIGTERM, None)

        if self._end is None:
            self._end = asyncio.get_running_loop().create_task(end())
        else:
            # One that is cancelled before its first step ends nothing.
            self._end.cancel()
            stop(signal.SIGTERM, None)


class _Supervisor(Multiprocess):
    """uvicorn's, which passes on the signal that it got, and a second one while it waits for the ends."""

    def terminate_all(self) -> None:
        """Each process ends after its requests under way."""
        self._pass_on(self._ending)

    def join_all(self) -> None:
        """Waits for all of them."""
        for one in self.processes:
            while one.process.exitcode is None:
                one.process.join(_LOOK_SECONDS)
                while self.signal_queue:
                    self._pass_on(self.signal_queue.pop())

    def handle_int(self) -> None:
        """A person at a terminal."""
        self._ending = signal.SIGINT
        super().handle_int()

    _ending: int = signal.SIGTERM

    def _pass_on(self, number: int) -> None:
        for one in self.processes:
            if one.pid is not None and one.exitcode is None:
                with suppress(ProcessLookupError):
                    os.kill(one.pid, number)
