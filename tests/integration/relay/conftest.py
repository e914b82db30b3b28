"""A broker that all tests of the relay share, a database of each test, and relays between the two."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
from sqlalchemy import Engine

from app.engine.events import Events
from app.relay.relay import Relay
from app.stores.books.database import open_engine
from app.stores.books.outbox import SqlOutbox
from app.stores.books.tables import METADATA
from tests.kit.broker import Broker, Reading, new_prefix, stated_servers

StartRelay = Callable[..., Awaitable[Relay]]


@pytest.fixture(scope="session")
def servers() -> Iterator[str]:
    """Where a broker is that nobody kills."""
    if stated := stated_servers():
        yield stated
        return
    broker = Broker()
    yield broker.servers
    broker.close()


@pytest.fixture
def own_broker() -> Iterator[Broker]:
    """A broker of this test alone."""
    broker = Broker()
    yield broker
    broker.close()


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    """A database with the tables of the books."""
    opened = open_engine(sqlite_url, is_strict=False)
    METADATA.create_all(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def events() -> Events:
    """Events of topics that are this test's own."""
    return Events(new_prefix())


@pytest.fixture
def reading(servers: str, events: Events) -> Iterator[Reading]:
    """Reads them."""
    with Reading(servers, events.prefix) as reading:
        yield reading


@pytest.fixture
async def start_relay(engine: Engine) -> AsyncIterator[StartRelay]:
    """Starts relays of the outbox in `engine`, and ends them."""
    started: list[Relay] = []

    async def start(servers: str, **options: float) -> Relay:
        started.append(Relay(SqlOutbox(engine), servers, **options))
        await started[-1].start()
        return started[-1]

    yield start
    for relay in started:
        await relay.aclose()
