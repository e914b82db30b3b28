"""What waits for Redis, for how long, how much of it, and what becomes of it at the end?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError

from app.stores.redis_circuit import RedisCircuit
from app.stores.redis_connections import RedisConnections
from app.stores.redis_writes import (
    BYTES_AT_ONCE,
    MOST_AT_ONCE,
    MOST_BYTES,
    MOST_ENTRIES,
    PATIENCE_SECONDS,
    RedisWrites,
)
from tests.kit.virtual_time import elapse


class Connections:
    """Takes `seconds` for all commands that come together, and answers each with `reply`."""

    def __init__(self) -> None:
        self.seconds = 0.001
        self.reply: Any = b"OK"
        self.failure: Exception | None = None
        self.taken: list[list[str]] = []
        self.at_once = self.most_at_once = 0

    async def ask(self, *commands: tuple[Any, ...], within_seconds: float) -> list[Any]:
        self.taken.append([command[1] for command in commands])
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            async with asyncio.timeout(within_seconds):
                await elapse(self.seconds)
        finally:
            self.at_once -= 1
        if self.failure is not None:
            raise self.failure
        return [self.reply] * len(commands)

    def names(self) -> list[str]:
        return [name for together in self.taken for name in together]


@pytest.fixture
async def connections() -> Connections:
    return Connections()


@pytest.fixture
async def circuit() -> RedisCircuit:
    return RedisCircuit("cache:6379", clock=asyncio.get_running_loop().time)


@pytest.fixture
async def writes(connections: Connections, circuit: RedisCircuit) -> AsyncIterator[RedisWrites]:
    made = RedisWrites(cast("RedisConnections", connections), circuit, clock=lambda: asyncio.get_running_loop().time())
    yield made
    await made.aclose()
    assert asyncio.all_tasks() == {asyncio.current_task()}


def seconds() -> float:
    return asyncio.get_running_loop().time()


async def put(writes: RedisWrites, count: int, *, size: int = 100) -> None:
    await asyncio.gather(*(writes.put(("SET", f"n{number}", b""), size=size) for number in range(count)))


def dropped(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if "not kept" in record.getMessage()]


async def test_writes_are_done_when_redis_is_well(writes: RedisWrites, connections: Connections) -> None:
    """Who brought one goes when it is written; those of one moment go together, each once and none lost."""
    await writes.put(("SET", "one", b""), size=1)
    assert connections.names() == ["one"]
    connections.taken.clear()
    await put(writes, 500)
    assert connections.names() == [f"n{number}" for number in range(500)]
    assert max(map(len, connections.taken)) == MOST_AT_ONCE
    assert connections.most_at_once == 2


async def test_writes_of_large_answers_go_with_fewer(writes: RedisWrites, connections: Connections) -> None:
    """A megabyte together, or a larger one alone."""
    await put(writes, 12, size=BYTES_AT_ONCE // 4)
    await put(writes, 2, size=3 * BYTES_AT_ONCE)
    assert [len(together) for together in connections.taken] == [4, 4, 4, 1, 1]


async def test_writes_keep_nobody_waiting(writes: RedisWrites, connections: Connections) -> None:
    """For more than 50 ms; it is written all the same."""
    connections.seconds = 0.7
    began = seconds()
    await put(writes, 200)
    assert round(seconds() - began, 3) == PATIENCE_SECONDS
    assert len(connections.names()) == 2 * MOST_AT_ONCE
    await writes.settled()
    assert len(connections.names()) == 200
    assert seconds() - began < 1.1


async def test_write_outlives_who_brought_it(writes: RedisWrites, connections: Connections) -> None:
    """A caller who leaves takes neither his own nor another's with him."""
    tasks = [asyncio.create_task(writes.put(("SET", name, b""), size=1)) for name in "abc"]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.wait(tasks)
    assert connections.names() == ["a", "b", "c"]


@pytest.mark.parametrize("size,room", [(100, MOST_ENTRIES), (MOST_BYTES // 10, 10)])
async def test_writes_are_bounded(
    writes: RedisWrites, connections: Connections, caplog: pytest.LogCaptureFixture, size: int, room: int
) -> None:
    """So many entries, so many bytes; what is too much is dropped, and told in one line with how much waits."""
    connections.seconds = 0.01
    assert writes.has_room(size)
    await put(writes, room, size=size)
    assert dropped(caplog) == []
    connections.taken.clear()
    await writes.settled()
    connections.seconds = 0.9
    await put(writes, room + 50, size=size)
    assert not writes.has_room(size)
    assert dropped(caplog) == [f"answers not kept, since {room} were waiting for Redis: 1"]
    connections.seconds = 0.001
    while not writes.has_room(size * room if size > 100 else 100):
        await writes.settled()
    await writes.put(("SET", "later", b""), size=size)
    assert connections.names()[-1] == "later"
    assert "n0" in connections.names()
    assert f"n{room + 1}" not in connections.names()


async def test_writes_end_when_redis_is_silent(
    writes: RedisWrites, connections: Connections, circuit: RedisCircuit
) -> None:
    """What timed out is lost; three times in a row open the circuit, and then nothing is taken."""
    connections.seconds = 1000
    began = seconds()
    await put(writes, 5 * MOST_AT_ONCE)
    while circuit.may_write:
        await elapse(0.1)
    assert seconds() - began < 2.2
    count = len(connections.taken)
    await elapse(5)
    await put(writes, 3)
    assert len(connections.taken) == count
    assert writes.has_room(MOST_BYTES)


async def test_writes_end_when_redis_breaks(
    writes: RedisWrites, connections: Connections, circuit: RedisCircuit
) -> None:
    """At once, for all that wait."""
    connections.failure = RedisConnectionError()
    began = seconds()
    await put(writes, 900)
    assert seconds() - began < 0.01
    assert len(connections.taken) <= 2
    assert circuit.fault == "Redis at cache:6379 cannot be reached"
    assert writes.has_room(MOST_BYTES)


async def test_writes_end_when_redis_is_full(
    writes: RedisWrites, connections: Connections, circuit: RedisCircuit
) -> None:
    """Reads go on; nothing more is sent until it is known to take some again."""
    connections.reply = OutOfMemoryError()
    await put(writes, 900)
    assert len(connections.taken) <= 2
    assert (circuit.may_read, circuit.may_write) == (True, False)
    circuit.probed(None)
    connections.reply = b"OK"
    await put(writes, 2)
    assert connections.names()[-2:] == ["n0", "n1"]


async def test_closing_works_off_what_waits(
    writes: RedisWrites, connections: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    """All that can be written in a second is, and nothing comes after it."""
    connections.seconds = 0.1
    await put(writes, 1000)
    await writes.aclose()
    assert len(set(connections.names())) == 1000
    await put(writes, 1)
    await writes.aclose()
    assert len(connections.names()) == 1000
    assert dropped(caplog) == []


async def test_closing_ends_in_a_second_and_tells_what_is_lost(
    writes: RedisWrites, connections: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever Redis does."""
    connections.seconds = 0.6
    await put(writes, 1000)
    began = seconds()
    await writes.aclose()
    assert 0.9 < seconds() - began < 1.1
    assert dropped(caplog) == [f"answers not kept, since Redis did not take them in time: {1000 - 2 * MOST_AT_ONCE}"]


async def test_settled_waits_for_nothing_when_there_is_nothing(writes: RedisWrites) -> None:
    """Nor for longer than a second."""
    began = seconds()
    await writes.settled()
    assert seconds() == began


async def test_defect_does_not_stop_the_writing(
    writes: RedisWrites, connections: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    """What nobody expected is told, and the next one is written."""
    caplog.set_level(logging.ERROR)
    connections.failure = ZeroDivisionError()
    await put(writes, 300)
    connections.failure = None
    await put(writes, 1)
    assert connections.names()[-1] == "n0"
    assert {record.levelname for record in caplog.records} == {"ERROR"}
    assert writes.has_room(MOST_BYTES)
