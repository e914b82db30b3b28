"""Do committed events reach a real broker: all, once in quiet times, in order, by one relay of many?"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from app.engine.events import Events
from app.ports.books import OutboxEvent
from app.relay.relay import CLOSE_SECONDS, Relay
from app.relay.sender import MAX_BATCH
from app.stores.books.database import open_engine
from app.stores.books.outbox import LEASE_SECONDS, SqlOutbox
from app.stores.books.tables import METADATA
from contracts.errors import ConfigurationError
from tests.integration.relay.conftest import StartRelay
from tests.kit.broker import Reading, free_port
from tests.kit.event_stream import check_arrived, put, request_events
from tests.kit.waiting import until

TOO_LARGE_BYTES = 1_100_000


@pytest.fixture
def postgresql_engine(postgresql_url: str) -> Iterator[Engine]:
    """The tables of the books on PostgreSQL."""
    opened = open_engine(postgresql_url, is_strict=False)
    METADATA.create_all(opened)
    yield opened
    opened.dispose()


def many(events: Events, count: int) -> list[OutboxEvent]:
    """The events of so many requests."""
    return [event for number in range(count) for event in request_events(events, number)]


def arrived(reading: Reading, count: int) -> Callable[[], bool]:
    """Whether at least so many messages were read."""
    return lambda: reading.read() >= count


async def is_empty(outbox: SqlOutbox) -> bool:
    return await outbox.backlog() == 0


async def has_only(outbox: SqlOutbox, event_id: str) -> bool:
    return [event.event_id for event in await outbox.waiting(10)] == [event_id]


async def test_relay_delivers_all_in_order_and_empties_the_outbox(
    engine: Engine, servers: str, events: Events, reading: Reading, start_relay: StartRelay
) -> None:
    """Batch after batch, each event once, by its schema; what comes later finds it awake."""
    written = many(events, MAX_BATCH)
    put(engine, written)
    relay = await start_relay(servers)
    outbox = SqlOutbox(engine)
    await until(arrived(reading, len(written)))
    later = many(events, 5)
    put(engine, later)
    relay.wake()
    await until(arrived(reading, len(written) + len(later)))
    assert check_arrived([*written, *later], reading.messages) == 0
    await until(lambda: is_empty(outbox))
    assert relay.fault() is None


async def test_relay_of_many_only_one_delivers(
    engine: Engine, servers: str, events: Events, reading: Reading, start_relay: StartRelay
) -> None:
    """Three processes' relays on one outbox send each event once, and another takes over from one that ends."""
    relays = [await start_relay(servers) for _ in range(3)]
    written = many(events, 100)
    for first in range(0, len(written), 30):
        put(engine, written[first : first + 30])
        for relay in relays:
            relay.wake()
    await until(arrived(reading, len(written)))
    for _ in range(2):
        await relays.pop(0).aclose()
        more = many(events, 1)
        put(engine, more)
        written += more
        await until(arrived(reading, len(written)))
    assert check_arrived(written, reading.messages) == 0


async def test_relay_killed_after_sending_loses_nothing(
    postgresql_engine: Engine, servers: str, events: Events, reading: Reading
) -> None:
    """kill -9 between the broker's word and the outbox: another relay sends the batch again, within ten seconds."""
    written = many(events, 20)
    put(postgresql_engine, written)
    url = postgresql_engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.integration.relay.killed_relay", url, servers]
    child = await asyncio.to_thread(subprocess.run, command, timeout=30, check=False)
    assert child.returncode == -9
    outbox = SqlOutbox(postgresql_engine)
    assert await outbox.backlog() == len(written)
    relay = Relay(outbox, servers)
    await relay.start()
    await until(arrived(reading, 2 * len(written)), within_seconds=LEASE_SECONDS + 2)
    await relay.aclose()
    assert check_arrived(written, reading.messages) == len(written)
    assert await outbox.backlog() == 0


async def test_relay_refused_event_holds_nobody_up(
    engine: Engine,
    servers: str,
    events: Events,
    reading: Reading,
    start_relay: StartRelay,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One that is too large stays in the outbox and is told of; all others arrive, those behind it too."""
    written = many(events, 3)
    monster = OutboxEvent(event_id="monster", topic=written[0].topic, key="k", payload=b"secret" * TOO_LARGE_BYTES)
    put(engine, [*written[:4], monster, *written[4:]])
    relay = await start_relay(servers)
    await until(arrived(reading, len(written)))
    more = many(events, 2)
    put(engine, more)
    await until(arrived(reading, len(written) + len(more)))
    assert check_arrived([*written, *more], reading.messages) == 0
    await until(lambda: relay.fault() == "Kafka refuses 1 events, most likely for their size")
    await until(lambda: has_only(SqlOutbox(engine), "monster"))
    assert [record.message for record in caplog.records if "monster" in record.message]
    assert not [record.message for record in caplog.records if "secret" in record.message]


async def test_relay_end_sends_what_was_committed_before_it(
    engine: Engine, servers: str, events: Events, reading: Reading, start_relay: StartRelay
) -> None:
    """SIGTERM: the books are flushed, then the relay ends, and nothing is left; it can be told twice."""
    relay = await start_relay(servers)
    written = many(events, MAX_BATCH)
    put(engine, written)
    await relay.aclose()
    assert await SqlOutbox(engine).backlog() == 0
    await until(arrived(reading, len(written)))
    assert check_arrived(written, reading.messages) == 0
    assert await SqlOutbox(engine).lease()


async def test_relay_end_without_broker_is_quick_and_leaves_all(
    engine: Engine, events: Events, start_relay: StartRelay
) -> None:
    """What could not be sent stays, and the process need not wait for it."""
    put(engine, many(events, 10))
    relay = await start_relay(f"127.0.0.1:{free_port()}")
    await until(lambda: relay.fault() is not None)
    began = time.perf_counter()
    await relay.aclose()
    assert time.perf_counter() - began < CLOSE_SECONDS
    assert await SqlOutbox(engine).backlog() == 30


async def test_relay_end_without_database_is_told(
    engine: Engine, servers: str, start_relay: StartRelay, caplog: pytest.LogCaptureFixture
) -> None:
    """Its lease cannot be given back; that is said, and it ends all the same."""
    caplog.set_level("INFO")
    relay = await start_relay(servers)
    METADATA.drop_all(engine)
    await relay.aclose()
    assert "the relay ends without its outbox" in caplog.text


async def test_relay_is_woken_from_any_thread_at_any_time(engine: Engine, servers: str) -> None:
    """Before it runs, from the writer's thread, and when it has ended."""
    relay = Relay(SqlOutbox(engine), servers)
    relay.wake()
    await relay.start()
    waker = threading.Thread(target=relay.wake)
    waker.start()
    waker.join()
    await relay.aclose()
    relay.wake()
    assert relay.fault() is None


async def test_relay_that_never_ran_can_be_closed(engine: Engine, servers: str) -> None:
    """A start that fails elsewhere closes what was built."""
    relay = Relay(SqlOutbox(engine), servers)
    await relay.aclose()
    assert relay.fault() is None


async def test_relay_wrong_option_is_refused_without_its_value(engine: Engine, servers: str) -> None:
    """What the client does not know is told at the start, by the option's name."""
    relay = Relay(SqlOutbox(engine), servers, options={"security.protocol": "hunter2"})
    with pytest.raises(ConfigurationError, match=r"security\.protocol") as refused:
        await relay.start()
    assert "hunter2" not in f"{refused.value!r}{refused.value.__cause__!r}"
    await relay.aclose()
