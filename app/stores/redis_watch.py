"""Who looks whether Redis is well, with traffic and without? One task, which ends with the cache and not before."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets

from redis.exceptions import ResponseError

from app.stores.redis_circuit import RedisCircuit
from app.stores.redis_connections import RedisConnections
from app.stores.redis_faults import REDIS_FAILURES
from app.stores.redis_names import PROBES

logger = logging.getLogger(__name__)

WELL_EVERY_SECONDS = 5.0
UNWELL_EVERY_SECONDS = 0.5
# Names to look up, a handshake of TLS, a password: more than a reader would wait for.
CONNECT_SECONDS = 1.0
# So that a probe which Redis never saw the end of does not stay there.
PROBE_LIVES_SECONDS = 10


class RedisWatch:
    """Probes Redis every 5 s while it is well, every 0.5 s while it is not, with a write and a read.

    A read that takes longer than `within_seconds` is one that failed. Belongs to one event loop.
    """

    def __init__(self, connections: RedisConnections, circuit: RedisCircuit, *, within_seconds: float) -> None:
        self._connections = connections
        self._circuit = circuit
        self._within_seconds = within_seconds
        # One for each process: another's probe says nothing about ours.
        self._name = f"{PROBES}:{secrets.token_hex(8)}"
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    def begin(self) -> None:
        """Looks at once, and from now on; does nothing when it does so already, or was ended."""
        if self._task is None and not self._is_closed:
            self._start(after_seconds=0)

    async def aclose(self) -> None:
        """Ends it for good."""
        self._is_closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def _start(self, *, after_seconds: float) -> None:
        self._task = asyncio.create_task(self._look_on(after_seconds))
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Only a defect ends it by itself: it is told, and somebody goes on looking."""
        defect = None if task.cancelled() else task.exception()
        if defect is not None:
            logger.error("the watch over Redis broke and is started again", exc_info=defect)
            self._start(after_seconds=WELL_EVERY_SECONDS)

    async def _look_on(self, after_seconds: float) -> None:
        await asyncio.sleep(after_seconds)
        while True:
            await self._look()
            if not self._circuit.trouble.is_set():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(WELL_EVERY_SECONDS):
                        await self._circuit.trouble.wait()
            if self._circuit.trouble.is_set():
                await asyncio.sleep(UNWELL_EVERY_SECONDS)

    async def _look(self) -> None:
        try:
            self._circuit.probed(await self._refusal())
        except TimeoutError as failure:
            if self._circuit.fault is None:
                self._circuit.timed_out()
            else:
                self._circuit.probed(failure)
        except REDIS_FAILURES as failure:
            self._circuit.probed(failure)

    async def _refusal(self) -> ResponseError | None:
        if not self._circuit.may_read:
            # What broke one connection has most likely broken them all.
            await self._connections.drop_idle()
        await self._connections.warm(within_seconds=CONNECT_SECONDS)
        taken, held = await self._connections.ask(
            ("SET", self._name, "1", "EX", PROBE_LIVES_SECONDS),
            ("MGET", self._name),
            within_seconds=self._within_seconds,
        )
        return next((reply for reply in (held, taken) if isinstance(reply, ResponseError)), None)
