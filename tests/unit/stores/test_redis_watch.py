"""When is Redis looked at, and what becomes of the watch itself?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any, cast

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError, OutOfMemoryError

from app.stores.redis_circuit import RedisCircuit
from app.stores.redis_connections import RedisConnections
from app.stores.redis_watch import RedisWatch
from tests.kit.virtual_time import elapse


class Connections:
    """Answers probes as it is told, and notes when they came (in seconds since the first)."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.replies: list[Any] = [b"OK", [b"1"]]
        self.times: list[float] = []
        self.commands: list[tuple[Any, ...]] = []
        self.drops = 0

    async def drop_idle(self) -> None:
        self.drops += 1

    async def warm(self, *, within_seconds: float) -> None:
        assert within_seconds == 1
        self.times.append(asyncio.get_running_loop().time())
        if self.failure is not None:
            raise self.failure

    async def ask(self, *commands: tuple[Any, ...], within_seconds: float) -> list[Any]:
        assert within_seconds == 0.05
        self.commands += commands
        return self.replies

    def looks(self) -> list[float]:
        """How long after the one before each look came, since the last time this was asked."""
        times, self.times = self.times, self.times[-1:]
        return [round(after - before, 3) for before, after in pairwise(times)]


@pytest.fixture
async def connections() -> Connections:
    return Connections()


@pytest.fixture
async def circuit() -> RedisCircuit:
    return RedisCircuit("cache:6379")


@pytest.fixture
async def watch(connections: Connections, circuit: RedisCircuit) -> AsyncIterator[RedisWatch]:
    made = RedisWatch(cast("RedisConnections", connections), circuit, within_seconds=0.05)
    yield made
    await made.aclose()


async def test_watch_looks_at_once_and_every_five_seconds(watch: RedisWatch, connections: Connections) -> None:
    """With a write and a read, of a name of its own that does not stay."""
    watch.begin()
    await elapse(10.1)
    assert connections.looks() == [5, 5]
    (write, read) = connections.commands[:2]
    assert write == ("SET", read[1], "1", "EX", 10)
    assert read[0] == "MGET"
    assert read[1].startswith("llm-provider-service:cache:probe:")


async def test_watch_begins_once(watch: RedisWatch, connections: Connections) -> None:
    """Whoever asks for it first."""
    watch.begin()
    await elapse(0.1)
    watch.begin()
    await elapse(0.1)
    assert len(connections.times) == 1


async def test_watch_looks_often_while_it_is_down(
    watch: RedisWatch, connections: Connections, circuit: RedisCircuit
) -> None:
    """Twice a second, on new connections, until it is back; what is wrong is said as it is now."""
    watch.begin()
    await elapse(1)
    circuit.failed(RedisConnectionError())
    connections.failure = RedisConnectionError()
    await elapse(2.1)
    assert connections.looks() == [1.5, 0.5, 0.5, 0.5]
    assert connections.drops == 4
    connections.failure = TimeoutError()
    await elapse(0.5)
    assert str(circuit.fault).endswith("did not answer in time")
    connections.failure = None
    await elapse(0.5)
    assert circuit.fault is None
    await elapse(5)
    assert connections.looks() == [0.5, 0.5, 5]


async def test_watch_sees_without_traffic_that_it_is_gone(
    watch: RedisWatch, connections: Connections, circuit: RedisCircuit
) -> None:
    """One that breaks at once, one that does not answer within seconds of the first late probe."""
    watch.begin()
    await elapse(1)
    connections.failure = TimeoutError()
    await elapse(4.5)
    assert circuit.fault is None
    await elapse(1)
    assert str(circuit.fault).endswith("did not answer in time")
    connections.failure = None
    await elapse(1)
    assert circuit.fault is None
    connections.failure = RedisConnectionError()
    await elapse(5)
    assert str(circuit.fault).endswith("cannot be reached")


@pytest.mark.parametrize(
    "replies,may_read",
    [([OutOfMemoryError(), [None]], True), ([NoPermissionError(), NoPermissionError()], False)],
)
async def test_watch_sees_what_is_refused(
    watch: RedisWatch, connections: Connections, circuit: RedisCircuit, replies: list[Any], may_read: bool
) -> None:
    """A refused write lets reads go on, a refused read nothing."""
    watch.begin()
    connections.replies = replies
    await elapse(1)
    assert (circuit.may_read, circuit.may_write) == (may_read, False)
    await elapse(1)
    assert connections.looks() == [0.5, 0.5, 0.5]


async def test_watch_is_told_and_goes_on_after_a_defect(
    watch: RedisWatch, connections: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    """What nobody expected ends neither the watch nor the process, and is not silent."""
    watch.begin()
    connections.failure = ZeroDivisionError()
    await elapse(5.1)
    connections.failure = None
    await elapse(10)
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.ERROR]
    assert connections.looks() == [5, 5, 5]


async def test_watch_leaves_nothing_behind(watch: RedisWatch, connections: Connections) -> None:
    """After its end it looks no more, and is not begun again."""
    watch.begin()
    await elapse(1)
    await watch.aclose()
    await watch.aclose()
    watch.begin()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    await elapse(20)
    assert len(connections.times) == 1


async def test_watch_that_never_began_can_end(connections: Connections, circuit: RedisCircuit) -> None:
    """A cache that nobody used is closed too."""
    watch = RedisWatch(cast("RedisConnections", connections), circuit, within_seconds=0.05)
    await watch.aclose()
    assert connections.times == []
