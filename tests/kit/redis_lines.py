"""Connections to a Redis that answers as a test says, and when: what was asked for together can be seen."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from redis.exceptions import NoPermissionError

from tests.kit.virtual_time import elapse

FOREVER_SECONDS = 1000.0


class Lines:
    """Answers each name with itself, or as `said` says, after `after(line)` seconds for each reply."""

    def __init__(self) -> None:
        self.is_closed = False
        self.connect_seconds = 0.0
        self.after: Callable[[int], float] = lambda _: 0.001
        self.said: Callable[[bytes], Any] = lambda name: name
        self.turns: list[list[tuple[Any, ...]]] = []
        self.made = self.open = 0

    @asynccontextmanager
    async def line(self) -> AsyncGenerator[Line]:
        """A connection, after `connect_seconds`."""
        self.made += 1
        self.open += 1
        try:
            mine = Line(self, self.made)
            if self.connect_seconds:
                await elapse(self.connect_seconds)
            yield mine
        finally:
            self.open -= 1

    def callers(self) -> list[int]:
        """How many went together, turn by turn."""
        return [len(turn) for turn in self.turns]


class Line:
    """One connection, as `app.stores.redis_connections.RedisLine` is."""

    def __init__(self, lines: Lines, number: int) -> None:
        self._lines, self._number = lines, number
        self._commands: list[tuple[Any, ...]] = []

    async def send(self, *commands: tuple[Any, ...]) -> None:
        """Notes them."""
        self._lines.turns.append(list(commands))
        self._commands += commands

    async def reply(self) -> Any:
        """Says the next; a NoPermissionError is a refusal, any other error breaks the connection."""
        await elapse(self._lines.after(self._number))
        verb, *names = self._commands.pop(0)
        assert verb == "MGET"
        said = [self._lines.said(name.encode()) for name in names]
        failure = next((one for one in said if isinstance(one, Exception)), None)
        if isinstance(failure, NoPermissionError):
            return failure
        if failure is not None:
            raise failure
        return said
