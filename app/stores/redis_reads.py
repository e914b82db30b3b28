"""How do hundreds who look for answers at one moment share a few connections to Redis?

While a connection is busy those who come gather, and go together with its next turn: one MGET for each, sent at once,
each reply handed over as it comes. Nobody waits longer than Redis is silent for (50 ms), and nobody for longer than
half a second; only a silence is held against Redis, counted while this process was there to hear it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import ResponseError

from app.stores.defects import tell_defect
from app.stores.listening_clock import ListeningClock
from app.stores.redis_circuit import RedisCircuit
from app.stores.redis_connections import RedisConnections, RedisLine
from app.stores.redis_faults import REDIS_FAILURES

# Redis says nothing for so long to anybody.
SILENCE_SECONDS = 0.05
# Behind others, while Redis answers.
IN_ALL_SECONDS = 0.5
# Names to look up, a handshake of TLS, a password: longer than anybody waits, and the next ones have it.
CONNECT_SECONDS = 1.0
MOST_LINES = 4
# What one connection is asked for at once: more would keep those behind it waiting while others are free.
MOST_NAMES_A_TURN = 64
BYTES_A_TURN = 2**20
# How much one reply says about the next ones.
_NEWS = 1 / 16

Values = Sequence[bytes | None]


@dataclass(slots=True, eq=False)
class _Asked:
    """One caller. `at` is a time of the listening clock."""

    names: Sequence[str]
    at: float
    reply: asyncio.Future[Values | None]

    def end(self, values: Values | None) -> None:
        if not self.reply.done():
            self.reply.set_result(values)


@dataclass(slots=True, eq=False)
class _Turn:
    """One connection at work, and who waits for its replies. `since`: it was sent, or began to connect."""

    since: float
    task: asyncio.Task[None] | None = None
    patience: asyncio.Timeout | None = None
    owed: deque[_Asked] = field(default_factory=deque)
    is_connected: bool = False

    def give_up(self, now: float) -> None:
        if self.patience is not None:
            self.patience.reschedule(now)
            self.patience = None


class RedisReads:
    """Looks up names for many at once. `clock` gives seconds. Belongs to one event loop."""

    def __init__(
        self, connections: RedisConnections, circuit: RedisCircuit, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._connections = connections
        self._circuit = circuit
        self._listening = ListeningClock(self._look, clock=clock)
        self._asked: deque[_Asked] = deque()
        self._waiting: deque[_Asked] = deque()
        self._turns: set[_Turn] = set()
        self._is_gathering = False
        self._answered_at = 0.0
        self._typical_bytes = 0.0

    async def values(self, names: Sequence[str]) -> Values | None:
        """What stands under each name, None for nothing; None for all when Redis does not say in time.

        Never raises; the circuit is told what Redis is to blame for. Who leaves disturbs nobody.
        """
        self._listening.begin()
        asked = _Asked(names, self._listening.now(), asyncio.get_running_loop().create_future())
        self._asked.append(asked)
        self._waiting.append(asked)
        self._begin()
        return await asked.reply

    async def aclose(self) -> None:
        """Waits for those who wait (they have their times)."""
        while self._turns:
            await asyncio.wait([turn.task for turn in self._turns if turn.task])
        self._listening.stop()

    def _begin(self) -> None:
        # One that has not run yet takes all who come until it does.
        if len(self._turns) < MOST_LINES and not self._is_gathering:
            self._is_gathering = True
            turn = _Turn(self._listening.now())
            turn.task = asyncio.create_task(self._take_turns(turn))
            turn.task.add_done_callback(tell_defect)
            self._turns.add(turn)

    async def _take_turns(self, turn: _Turn) -> None:
        """Asks for those who wait until there is nobody."""
        self._is_gathering = False
        may_go_on = False
        try:
            async with asyncio.timeout(None) as turn.patience, self._connections.line() as line:
                turn.is_connected = True
                while self._circuit.may_read and (callers := self._next()):
                    await self._ask(turn, line, callers)
            may_go_on = True
        except TimeoutError:
            may_go_on = self._was_silence_of_one(turn)
        except REDIS_FAILURES as failure:
            if not self._connections.is_closed:
                self._circuit.failed(failure)
        finally:
            _end(turn.owed)
            self._turns.remove(turn)
            self._pass_on(may_go_on=may_go_on and self._circuit.may_read)

    def _next(self) -> list[_Asked]:
        """Those who go together; their names are as many as is good for what answers are like now."""
        room = max(1, min(MOST_NAMES_A_TURN, int(BYTES_A_TURN / max(self._typical_bytes, 1))))
        callers: list[_Asked] = []
        while self._waiting and (not callers or len(self._waiting[0].names) <= room):
            asked = self._waiting.popleft()
            if not asked.reply.done():
                callers.append(asked)
                room -= len(asked.names)
        if self._waiting:
            self._begin()
        return callers

    async def _ask(self, turn: _Turn, line: RedisLine, callers: list[_Asked]) -> None:
        turn.since = self._listening.now()
        turn.owed.extend(callers)
        await line.send(*(("MGET", *asked.names) for asked in callers))
        while turn.owed:
            reply = await line.reply()
            turn.since = self._answered_at = self._listening.now()
            turn.owed.popleft().end(self._read(reply))

    def _read(self, reply: Any) -> Values | None:
        if isinstance(reply, ResponseError):
            self._circuit.failed(reply)
            return None
        self._circuit.answered()
        values: Values = reply
        for value in values:
            if value is not None:
                self._typical_bytes += (len(value) - self._typical_bytes) * _NEWS
        return values

    def _was_silence_of_one(self, turn: _Turn) -> bool:
        """Whether Redis goes on answering others, so that they may be asked for those who wait."""
        if self._listening.now() - self._answered_at < SILENCE_SECONDS:
            self._circuit.trouble.set()
            return True
        if turn.owed or self._waiting:
            self._circuit.timed_out()
        return False

    def _pass_on(self, *, may_go_on: bool) -> None:
        """What becomes of those who still wait when a connection ends: the next asks for them, or nobody does."""
        if not may_go_on:
            _end(self._waiting)
        elif self._waiting:
            self._begin()

    def _look(self) -> bool:
        """Ends what took too long; False when nobody is left who waits."""
        now = self._listening.now()
        while self._asked and (self._asked[0].reply.done() or now - self._asked[0].at >= IN_ALL_SECONDS):
            self._asked.popleft().end(None)
        while self._waiting and self._waiting[0].reply.done():
            self._waiting.popleft()
        for turn in self._turns:
            if self._takes_too_long(turn, now):
                turn.give_up(asyncio.get_running_loop().time())
        return bool(self._turns)

    def _takes_too_long(self, turn: _Turn, now: float) -> bool:
        if not turn.is_connected and now - turn.since >= CONNECT_SECONDS:
            return True
        if not (turn.owed or self._waiting):
            return False
        since = turn.since if turn.owed else max(turn.since, self._waiting[0].at)
        return now - max(since, self._answered_at) >= SILENCE_SECONDS or now - since >= IN_ALL_SECONDS


def _end(callers: deque[_Asked]) -> None:
    while callers:
        callers.popleft().end(None)
