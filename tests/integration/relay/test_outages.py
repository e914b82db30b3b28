"""What becomes of events when the broker is killed, hangs, was never there; and when the outbox fails meanwhile?"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest
from sqlalchemy import Engine

from app.engine.events import Events
from app.ports.books import OutboxEvent
from app.relay.relay import Relay
from app.stores.books.database import open_engine
from app.stores.books.outbox import SqlOutbox
from app.stores.books.tables import METADATA
from contracts.errors import StoreUnavailableError
from tests.integration.relay.conftest import StartRelay
from tests.integration.relay.outage import outage
from tests.kit.broker import Broker, Reading
from tests.kit.event_stream import check_arrived, put, request_events
from tests.kit.waiting import until

OUTAGE_SECONDS = 5.0
# Of the return of the broker: a pause between two looks, one look, and what the outage left to send.
RECOVERED_WITHIN_SECONDS = 10.0


class MemoryOutbox:
    """An outbox that does what a test says: `troubles` are raised by the next looks, `is_leased` is who may deliver."""

    def __init__(self, events: Sequence[OutboxEvent] = (), troubles: Sequence[Exception] = ()) -> None:
        self.events = list(events)
        self.troubles = list(troubles)
        self.is_leased = True
        self.is_released = False
        self.is_asked = False
        self.was_read = False
        self.refused_leases = 0

    async def lease(self) -> bool:
        self.refused_leases += not self.is_leased
        return self.is_leased

    async def release(self) -> None:
        self.is_released = True

    async def waiting(self, limit: int) -> Sequence[OutboxEvent]:
        self.is_asked = True
        if self.troubles:
            raise self.troubles.pop(0)
        self.was_read = bool(self.events)
        return self.events[:limit]

    async def delivered(self, event_ids: Sequence[str]) -> None:
        self.events = [event for event in self.events if event.event_id not in event_ids]

    async def backlog(self) -> int:
        return len(self.events)


def some(events: Events, count: int = 10) -> list[OutboxEvent]:
    return [event for number in range(count) for event in request_events(events, number)]


async def test_outage_under_load_loses_nothing(database_url: str) -> None:
    """The broker is killed, and back in five seconds without its memory: all arrives in order, writers never wait."""
    engine = open_engine(database_url, is_strict=False)
    METADATA.create_all(engine)
    outcome = await outage(engine, OUTAGE_SECONDS)
    engine.dispose()
    assert outcome.written > 1000
    assert outcome.recovered_seconds < RECOVERED_WITHIN_SECONDS
    assert outcome.slowest_commit_seconds < 1
    assert outcome.fault.endswith("cannot be reached")


async def test_broker_that_comes_late_is_used(
    engine: Engine, events: Events, own_broker: Broker, start_relay: StartRelay, caplog: pytest.LogCaptureFixture
) -> None:
    """A service may start before its broker; the log has one line for its absence and one for its coming."""
    caplog.set_level(logging.INFO, "app.relay")
    own_broker.kill()
    written = some(events)
    put(engine, written)
    relay = await start_relay(own_broker.servers)
    await until(lambda: relay.fault() == f"Kafka at {own_broker.servers} cannot be reached")
    own_broker.start()
    await until(lambda: relay.fault() is None)
    await until(lambda: outbox_is_empty(engine))
    with Reading(own_broker.servers, events.prefix) as reading:
        await until(lambda: reading.read() >= len(written))
        assert check_arrived(written, reading.messages) == 0
    told = [record.levelname for record in caplog.records if record.name == "app.relay.broker_state"]
    assert told == ["WARNING", "INFO"]
    assert len([record for record in caplog.records if record.name == "app.relay.library"]) <= 1


async def test_idle_relay_sees_the_broker_go_and_come(
    engine: Engine, own_broker: Broker, start_relay: StartRelay
) -> None:
    """Health is right without an event."""
    relay = await start_relay(own_broker.servers)
    await until(lambda: relay.fault() is None)
    own_broker.kill()
    await until(lambda: relay.fault() is not None)
    own_broker.start()
    await until(lambda: relay.fault() is None)
    assert relay.fault() is None


async def test_broker_that_hangs_is_told_and_gets_all_when_it_goes_on(
    engine: Engine, events: Events, own_broker: Broker, start_relay: StartRelay
) -> None:
    """It holds its connections and answers nothing; what was on its way may come twice."""
    relay = await start_relay(own_broker.servers, patience_seconds=1.0)
    with Reading(own_broker.servers, events.prefix) as reading:
        written = some(events)
        put(engine, written)
        await until(lambda: reading.read() >= len(written))
        own_broker.pause()
        more = some(events)
        put(engine, more)
        await until(lambda: relay.fault() is not None)
        own_broker.resume()
        await until(lambda: outbox_is_empty(engine))
        await until(lambda: reading.read() >= len(written) + len(more))
        assert check_arrived([*written, *more], reading.messages) <= len(more)
    assert relay.fault() is None


async def test_relay_goes_on_when_the_outbox_fails(
    servers: str, events: Events, reading: Reading, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that is away is waited for in silence (the books tell of it); a defect is logged."""
    written = some(events)
    outbox = MemoryOutbox(written, [StoreUnavailableError("away"), RuntimeError("a defect")])
    relay = Relay(outbox, servers)
    await relay.start()
    await until(lambda: reading.read() >= len(written))
    await relay.aclose()
    assert check_arrived(written, reading.messages) == 0
    assert [record.message for record in caplog.records] == ["the relay broke off and goes on"]
    assert outbox.is_released


async def test_relay_that_loses_its_lease_takes_back_what_is_on_its_way(own_broker: Broker, events: Events) -> None:
    """Another delivers it now: it does not wait for the broker any longer, and takes nothing out of the outbox."""
    outbox = MemoryOutbox()
    relay = Relay(outbox, own_broker.servers, patience_seconds=60.0)
    await relay.start()
    await until(lambda: outbox.is_asked)
    own_broker.pause()
    outbox.events += some(events)
    await until(lambda: outbox.was_read)
    outbox.is_leased = False
    await until(lambda: outbox.refused_leases == 1)
    own_broker.resume()
    await until(lambda: outbox.refused_leases > 1)
    await relay.aclose()
    assert len(outbox.events) == 30


async def test_relay_ended_while_the_broker_hangs_leaves_what_was_on_its_way(
    own_broker: Broker, events: Events
) -> None:
    """The end is bounded, and cuts a batch off: it is still in the outbox."""
    outbox = MemoryOutbox()
    relay = Relay(outbox, own_broker.servers, patience_seconds=60.0)
    await relay.start()
    await until(lambda: outbox.is_asked)
    own_broker.pause()
    outbox.events += some(events)
    await until(lambda: outbox.was_read)
    await relay.aclose()
    assert len(outbox.events) == 30
    own_broker.resume()


async def outbox_is_empty(engine: Engine) -> bool:
    return await SqlOutbox(engine).backlog() == 0
