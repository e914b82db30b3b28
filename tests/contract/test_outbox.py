"""Does the outbox keep its promises on every database: the order, the lease, nothing lost between two looks?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, insert, select, update

from app.engine.events import Events
from app.ports.books import OutboxEvent
from app.stores.books.database import is_sqlite, open_engine, writing
from app.stores.books.outbox import LEASE_SECONDS, RENEW_SECONDS, SqlOutbox
from app.stores.books.tables import FACTS, METADATA, OUTBOX
from contracts.errors import StoreUnavailableError
from tests.kit.event_stream import put, request_events
from tests.kit.virtual_time import HandClock

EVENTS = Events("test")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Each kind of database, with the tables of the books."""
    opened = open_engine(database_url, is_strict=False)
    METADATA.create_all(opened)
    yield opened
    opened.dispose()


def written(engine: Engine, numbers: range) -> list[OutboxEvent]:
    """The events of these requests, in the outbox."""
    events = [event for number in numbers for event in request_events(EVENTS, number)]
    put(engine, events)
    return events


def shift_lease(engine: Engine, seconds: float) -> None:
    """What a clock that steps, or time that passes, makes of a lease that is held."""
    with writing(engine) as connection:
        held = connection.scalar(select(FACTS.c.value).where(FACTS.c.name == "relay"))
        until_us, _, owner = str(held).partition(" ")
        value = f"{int(until_us) + int(seconds * 1_000_000)} {owner}"
        connection.execute(update(FACTS).where(FACTS.c.name == "relay").values(value=value))


async def test_outbox_gives_the_oldest_until_they_are_delivered(engine: Engine) -> None:
    """In the order of the commits, as they were written, at most as many as asked for."""
    outbox, events = SqlOutbox(engine), written(engine, range(4))
    assert await outbox.waiting(5) == events[:5]
    assert await outbox.waiting(100) == events
    assert await outbox.backlog() == len(events)
    await outbox.delivered([event.event_id for event in events[:5]])
    assert await outbox.waiting(100) == events[5:]
    await outbox.delivered([])
    assert await outbox.backlog() == len(events) - 5


async def test_outbox_shows_an_event_that_commits_below_one_already_read(engine: Engine) -> None:
    """A position that was drawn early and committed late is not skipped: the next look finds it, first."""
    outbox = SqlOutbox(engine)
    late, early = request_events(EVENTS, 1)[0], request_events(EVENTS, 2)[0]
    rows = [(7, late), (8, early)]
    values = [
        {"position": p, "event_id": e.event_id, "topic": e.topic, "key": e.key, "payload": e.payload} for p, e in rows
    ]
    if is_sqlite(engine):
        # One transaction at a time: what a crash of a writer leaves to be written later stands in for it.
        with writing(engine) as connection:
            connection.execute(insert(OUTBOX).values(values[1]))
        assert await outbox.waiting(10) == [early]
        with writing(engine) as connection:
            connection.execute(insert(OUTBOX).values(values[0]))
    else:
        with engine.connect() as slow, slow.begin():
            slow.execute(insert(OUTBOX).values(values[0]))
            with writing(engine) as connection:
                connection.execute(insert(OUTBOX).values(values[1]))
            assert await outbox.waiting(10) == [early]
    assert await outbox.waiting(10) == [late, early]
    await outbox.delivered([early.event_id])
    assert await outbox.waiting(10) == [late]


async def test_outbox_lease_is_held_by_one(engine: Engine) -> None:
    """Of many who ask at once, again and again, one gets it, keeps it, and hands it on when it is done."""
    outboxes = [SqlOutbox(engine) for _ in range(6)]
    first = await asyncio.gather(*(outbox.lease() for outbox in outboxes))
    for _ in range(20):
        assert sum(first) == 1
        await outboxes[first.index(True)].release()
        first = await asyncio.gather(*(outbox.lease() for outbox in outboxes))
    assert await asyncio.gather(*(outbox.lease() for outbox in outboxes)) == first
    holder = outboxes.pop(first.index(True))
    await outboxes[0].release()
    assert not await outboxes[0].lease()
    await holder.release()
    assert await outboxes[0].lease()
    assert not await holder.lease()


async def test_outbox_lease_is_renewed_before_it_ends(engine: Engine) -> None:
    """The holder asks the database again in time; until then it need not."""
    hand = HandClock()
    holder, other = SqlOutbox(engine, monotonic=hand.clock.monotonic), SqlOutbox(engine)
    assert await holder.lease()
    shift_lease(engine, -LEASE_SECONDS / 2)
    assert await holder.lease()
    hand.advance(RENEW_SECONDS)
    assert await holder.lease()
    shift_lease(engine, -LEASE_SECONDS / 2 - 1)
    assert not await other.lease()


@pytest.mark.parametrize("step_seconds", [-LEASE_SECONDS - 0.1, 3600.0], ids=["time passed", "clock set back"])
async def test_outbox_lease_of_the_dead_is_taken_over(engine: Engine, step_seconds: float) -> None:
    """When it has ended, and also when a clock that was set back would make it last for an hour."""
    hand = HandClock()
    dead, heir = SqlOutbox(engine, monotonic=hand.clock.monotonic), SqlOutbox(engine)
    assert await dead.lease()
    assert not await heir.lease()
    shift_lease(engine, step_seconds)
    assert await heir.lease()
    hand.advance(RENEW_SECONDS)
    assert not await dead.lease()


async def test_outbox_without_its_table_says_so(database_url: str) -> None:
    """Every verb raises the error of the tree, without the URL's password; and the lease counts as lost."""
    bare = open_engine(database_url, is_strict=False)
    outbox = SqlOutbox(bare)
    for ask in (
        outbox.lease,
        outbox.release,
        outbox.backlog,
        lambda: outbox.waiting(1),
        lambda: outbox.delivered(["x"]),
    ):
        with pytest.raises(StoreUnavailableError, match="the database"):
            await ask()
    bare.dispose()
