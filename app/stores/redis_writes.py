"""How are answers written to Redis behind the backs of those who brought them? From a bounded queue, many at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from redis.exceptions import ResponseError

from app.stores.defects import tell_defect
from app.stores.redis_circuit import RedisCircuit
from app.stores.redis_connections import Command, RedisConnections
from app.stores.redis_faults import REDIS_FAILURES
from app.stores.seldom import Seldom

logger = logging.getLogger(__name__)

MOST_ENTRIES = 1000
MOST_BYTES = 32 * 2**20
MOST_WRITERS = 2
MOST_AT_ONCE = 64
BYTES_AT_ONCE = 2**20
WRITE_SECONDS = 1.0
# A Redis that is well has written it by then, so whoever asks next finds it.
PATIENCE_SECONDS = 0.05
CLOSE_SECONDS = 1.0
DROPS_TOLD_EVERY_SECONDS = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    command: Command
    bytes: int
    ended: asyncio.Future[None]


class RedisWrites:
    """Takes commands that write, and works them off. `clock` gives seconds. Belongs to one event loop."""

    def __init__(
        self, connections: RedisConnections, circuit: RedisCircuit, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._connections = connections
        self._circuit = circuit
        self._clock = clock
        self._drops = Seldom(DROPS_TOLD_EVERY_SECONDS, clock)
        self._queue: deque[_Entry] = deque()
        # In the queue or on their way, as their bytes are.
        self._unwritten: set[asyncio.Future[None]] = set()
        self._bytes = 0
        self._writers: set[asyncio.Task[None]] = set()
        self._is_closed = False

    def has_room(self, size: int = 0) -> bool:
        """Whether `size` bytes more would be taken now."""
        return len(self._unwritten) < MOST_ENTRIES and self._bytes + size <= MOST_BYTES

    def drop(self) -> None:
        """One that is not to be written, since there is no room: it is counted, and told now and then."""
        if dropped := self._drops.count():
            logger.warning("answers not kept, since %d were waiting for Redis: %d", len(self._unwritten), dropped)

    async def put(self, command: Command, *, size: int) -> None:
        """Takes a command of `size` bytes, where there is room, and waits for it to be done, for 50 ms at most.

        Never raises; the circuit is told what Redis is to blame for. Who leaves leaves it behind.
        """
        if self._is_closed or not self._circuit.may_write:
            return
        if not self.has_room(size):
            self.drop()
            return
        ended = asyncio.get_running_loop().create_future()
        self._queue.append(_Entry(command, size, ended))
        self._unwritten.add(ended)
        self._bytes += size
        if len(self._writers) < MOST_WRITERS:
            writer = asyncio.create_task(self._work())
            writer.add_done_callback(tell_defect)
            self._writers.add(writer)
        await asyncio.wait({ended}, timeout=PATIENCE_SECONDS)

    async def settled(self) -> None:
        """Waits for those that were taken before, for a second at most."""
        if self._unwritten:
            await asyncio.wait(set(self._unwritten), timeout=WRITE_SECONDS)

    async def aclose(self) -> None:
        """Takes no more, works off what it has for a second at most, and tells what is lost."""
        self._is_closed = True
        if self._writers:
            await asyncio.wait(set(self._writers), timeout=CLOSE_SECONDS)
        for writer in self._writers:
            writer.cancel()
        if self._writers:
            logger.warning("answers not kept, since Redis did not take them in time: %d", len(self._unwritten))
            await asyncio.wait(set(self._writers))

    async def _work(self) -> None:
        """Writes until there is nothing, or Redis takes nothing."""
        try:
            while self._queue and self._circuit.may_write:
                entries = self._next()
                try:
                    await self._write([entry.command for entry in entries])
                finally:
                    self._end(entries)
        finally:
            self._writers -= {asyncio.current_task()}
            if not self._writers:
                # A fault of Redis, or a defect: nobody is left who would write them.
                self._end(self._queue)
                self._queue.clear()

    def _next(self) -> list[_Entry]:
        entries = [self._queue.popleft()]
        room = BYTES_AT_ONCE - entries[0].bytes
        while self._queue and len(entries) < MOST_AT_ONCE and self._queue[0].bytes <= room:
            entries.append(self._queue.popleft())
            room -= entries[-1].bytes
        return entries

    async def _write(self, commands: list[Command]) -> None:
        began = self._clock()
        try:
            replies = await self._connections.ask(*commands, within_seconds=WRITE_SECONDS)
        except TimeoutError:
            self._circuit.kept_waiting(since=began, within_seconds=WRITE_SECONDS)
            return
        except REDIS_FAILURES as failure:
            self._circuit.failed(failure)
            return
        for reply in replies:
            if isinstance(reply, ResponseError):
                self._circuit.failed(reply)
            else:
                self._circuit.answered()

    def _end(self, entries: Iterable[_Entry]) -> None:
        for entry in entries:
            self._unwritten.discard(entry.ended)
            self._bytes -= entry.bytes
            if not entry.ended.done():
                entry.ended.set_result(None)
