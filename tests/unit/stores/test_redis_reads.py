"""Who shares a connection with whom, who waits for how long, and what is held against Redis?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError

from app.stores.redis_circuit import RedisCircuit
from app.stores.redis_connections import RedisConnections
from app.stores.redis_reads import MOST_LINES, MOST_NAMES_A_TURN, RedisReads, Values
from tests.kit.redis_lines import FOREVER_SECONDS, Lines
from tests.kit.virtual_time import elapse


@pytest.fixture
async def connections() -> Lines:
    return Lines()


@pytest.fixture
async def circuit() -> RedisCircuit:
    return RedisCircuit("cache:6379", clock=asyncio.get_running_loop().time)


@pytest.fixture
async def reads(connections: Lines, circuit: RedisCircuit) -> AsyncIterator[RedisReads]:
    made = RedisReads(cast("RedisConnections", connections), circuit, clock=lambda: asyncio.get_running_loop().time())
    yield made
    await made.aclose()
    assert connections.open == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


def seconds() -> float:
    return asyncio.get_running_loop().time()


async def asked(reads: RedisReads, count: int) -> list[Values | None]:
    return await asyncio.gather(*(reads.values([f"n{number}"]) for number in range(count)))


def own(count: int) -> list[Values | None]:
    return [[f"n{number}".encode()] for number in range(count)]


async def test_reads_go_together(reads: RedisReads, connections: Lines) -> None:
    """Those of one moment fill the turns of a few connections; each gets the reply to its own names."""
    assert await asked(reads, 1000) == own(1000)
    assert connections.callers()[:4] == [MOST_NAMES_A_TURN] * 4
    assert len(connections.turns) == 16
    assert connections.made == MOST_LINES
    assert await reads.values(["a", "b"]) == [b"a", b"b"]


async def test_reads_gather_while_a_turn_is_under_way(reads: RedisReads, connections: Lines) -> None:
    """Who comes when all connections are busy goes with the next turn of one."""
    first = [asyncio.create_task(asked(reads, MOST_NAMES_A_TURN)) for _ in range(MOST_LINES)]
    await elapse(0.001)
    second = asyncio.create_task(asked(reads, 10))
    assert await second == own(10)
    assert connections.callers() == [MOST_NAMES_A_TURN] * MOST_LINES + [10]
    assert await asyncio.gather(*first) == [own(MOST_NAMES_A_TURN)] * MOST_LINES


async def test_reads_of_many_names_go_with_fewer(reads: RedisReads, connections: Lines) -> None:
    """Names are counted; one caller goes whole, however many it has."""
    many = [f"m{number}" for number in range(MOST_NAMES_A_TURN - 1)]
    await asyncio.gather(*(reads.values(names) for names in (many, ["a"], ["b"], [*many, "x", "y"])))
    assert connections.callers() == [2, 1, 1]


async def test_reads_of_large_answers_go_with_fewer(reads: RedisReads, connections: Lines) -> None:
    """When answers are large, a turn is for a few."""
    connections.said = lambda _: b"x" * 2**20
    await asked(reads, 64)
    connections.turns.clear()
    await asked(reads, 8)
    assert connections.callers() == [1] * 8
    connections.said = lambda _: None
    assert await asked(reads, 2) == [[None]] * 2


async def test_silence_costs_everybody_fifty_milliseconds(
    reads: RedisReads, connections: Lines, circuit: RedisCircuit
) -> None:
    """Those who were asked for and those behind them, together; it is held against Redis."""
    connections.after = lambda _: FOREVER_SECONDS
    began = seconds()
    assert await asked(reads, 2000) == [None] * 2000
    assert 0.05 <= seconds() - began < 0.06
    assert not circuit.may_read
    assert connections.made == MOST_LINES


async def test_silence_is_counted_three_times(reads: RedisReads, connections: Lines, circuit: RedisCircuit) -> None:
    """One caller at a time: the third opens the circuit."""
    connections.after = lambda _: FOREVER_SECONDS
    for count in range(3):
        assert circuit.may_read, count
        assert await asked(reads, 1) == [None]
    assert not circuit.may_read


async def test_silence_after_others_were_answered_counts_from_there(
    reads: RedisReads, connections: Lines, circuit: RedisCircuit
) -> None:
    """A turn whose replies come slowly one by one is whole; one that stops in the middle is not."""
    connections.after = lambda _: 0.04
    began = seconds()
    assert await asked(reads, 10) == own(10)
    assert seconds() - began > 0.39
    connections.said = lambda name: name
    slow = iter([0.04, 0.04, FOREVER_SECONDS])
    connections.after = lambda _: next(slow)
    began = seconds()
    assert await asked(reads, 5) == [*own(2), None, None, None]
    assert 0.13 <= seconds() - began < 0.14
    assert circuit.trouble.is_set()


async def test_wait_behind_others_has_an_end_of_its_own(
    reads: RedisReads, connections: Lines, circuit: RedisCircuit
) -> None:
    """Half a second for the last ones of a turn that goes on and on; Redis answers, so it is not to blame."""
    connections.after = lambda _: 0.04
    began = seconds()
    replies = await asked(reads, 600)
    assert seconds() - began < 0.52
    answered = sum(reply is not None for reply in replies)
    assert 4 * 10 <= answered <= 4 * 13
    assert circuit.may_read


async def test_silent_connection_is_not_the_silence_of_redis(
    reads: RedisReads, connections: Lines, circuit: RedisCircuit
) -> None:
    """While others answer it costs its own callers half a second, and those behind it nothing."""
    connections.after = lambda line: FOREVER_SECONDS if line == 1 else 0.02
    lost = asyncio.create_task(asked(reads, 3))
    await elapse(0.001)
    began = seconds()
    while not lost.done():
        assert await asked(reads, 2) == own(2)
    assert await lost == [None] * 3
    assert seconds() - began < 0.55
    assert circuit.may_read
    assert circuit.fault is None


async def test_lateness_of_this_process_is_not_the_silence_of_redis(connections: Lines, circuit: RedisCircuit) -> None:
    """When the loop was held up for seconds the answers are still read."""
    hours = iter(range(0, 10**9, 3600))
    reads = RedisReads(cast("RedisConnections", connections), circuit, clock=lambda: float(next(hours)))
    connections.after = lambda _: 0.01
    assert await asked(reads, 20) == own(20)
    await reads.aclose()


async def test_who_leaves_takes_nobody_with_him(reads: RedisReads, connections: Lines) -> None:
    """Before the turn, during it and after it: the others get their own."""
    early = [asyncio.create_task(reads.values([f"e{number}"])) for number in range(3)]
    await asyncio.sleep(0)
    stays = [asyncio.create_task(reads.values([f"n{number}"])) for number in range(40)]
    early[1].cancel()
    stays[3].cancel()
    await elapse(0.0035)
    stays[20].cancel()
    outcomes = await asyncio.gather(*early, *stays, return_exceptions=True)
    left = [number for number, outcome in enumerate(outcomes) if isinstance(outcome, asyncio.CancelledError)]
    assert left == [1, 6, 23]
    whole = [[b"e0"], [b"e1"], [b"e2"], *own(40)]
    assert [one for one in outcomes if isinstance(one, list)] == [
        one for number, one in enumerate(whole) if number not in left
    ]


async def test_who_left_is_not_asked_for(reads: RedisReads, connections: Lines, circuit: RedisCircuit) -> None:
    """Nor held against Redis, when all connections were busy until he went."""
    busy = [asyncio.create_task(asked(reads, MOST_NAMES_A_TURN)) for _ in range(MOST_LINES)]
    await elapse(0.0005)
    gone = asyncio.create_task(asked(reads, 3))
    await elapse(0.001)
    gone.cancel()
    await elapse(0.02)
    assert await reads.values(["stays"]) == [b"stays"]
    assert None not in await asyncio.gather(*busy)
    assert connections.turns[MOST_LINES:] == [[("MGET", "stays")]]
    assert not circuit.trouble.is_set()


async def test_all_leave_while_nobody_can_connect(reads: RedisReads, connections: Lines, circuit: RedisCircuit) -> None:
    """Nobody waits any more: it goes on for a second, and Redis is not to blame for a slow handshake."""
    connections.connect_seconds = FOREVER_SECONDS
    gone = asyncio.create_task(asked(reads, 3))
    await elapse(0.02)
    gone.cancel()
    began = seconds()
    await reads.aclose()
    assert 0.9 < seconds() - began < 1.1
    assert circuit.fault is None
    assert connections.turns == []


async def test_slow_connecting_costs_nobody_more_than_a_silence(
    reads: RedisReads, connections: Lines, circuit: RedisCircuit
) -> None:
    """The fourth time nobody tries."""
    connections.connect_seconds = FOREVER_SECONDS
    for _ in range(3):
        began = seconds()
        assert await asked(reads, 5) == [None] * 5
        assert 0.05 <= seconds() - began < 0.06
    assert not circuit.may_read


async def test_broken_connection_is_a_miss_for_all_who_wait(
    reads: RedisReads, connections: Lines, circuit: RedisCircuit
) -> None:
    """Those who were answered before have their answers, and so have those of other connections."""
    connections.said = lambda name: RedisConnectionError() if name == b"n2" else name
    replies = await asked(reads, 500)
    first_turns = MOST_LINES * MOST_NAMES_A_TURN
    assert replies[:MOST_NAMES_A_TURN] == [*own(2), *[None] * (MOST_NAMES_A_TURN - 2)]
    assert replies[MOST_NAMES_A_TURN:first_turns] == own(first_turns)[MOST_NAMES_A_TURN:]
    assert replies[first_turns:] == [None] * (500 - first_turns)
    assert circuit.fault == "Redis at cache:6379 cannot be reached"


async def test_refusal_is_a_miss_and_told(reads: RedisReads, connections: Lines, circuit: RedisCircuit) -> None:
    """The replies behind it are read all the same."""
    connections.said = lambda name: NoPermissionError() if name == b"n1" else name
    assert await asked(reads, 3) == [[b"n0"], None, [b"n2"]]
    assert "see its ACL" in str(circuit.fault)
    assert connections.turns == [[("MGET", "n0"), ("MGET", "n1"), ("MGET", "n2")]]


async def test_closed_connections_are_nobodys_fault(
    reads: RedisReads, connections: Lines, circuit: RedisCircuit
) -> None:
    """Who asks after the end gets nothing, and nothing is told."""
    connections.is_closed = True
    connections.said = lambda _: RedisConnectionError("closed")
    assert await asked(reads, 2) == [None, None]
    assert circuit.fault is None


async def test_defect_leaves_nobody_waiting(
    reads: RedisReads, connections: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    """What nobody expected is a miss for all, and is not silent."""
    connections.said = lambda _: ZeroDivisionError()
    assert await asked(reads, 100) == [None] * 100
    connections.said = lambda name: name
    assert await asked(reads, 2) == own(2)
    assert {str(record.exc_info and record.exc_info[0]) for record in caplog.records} == {str(ZeroDivisionError)}
