"""What arrives of a load when the broker is killed in the middle of it, and comes back after so many seconds?

    python -m tests.integration.relay.outage --seconds 60

The relay is locked out a moment before, in the middle of its sending: what it had delivered is read, then the broker is
killed, with all that it held. It comes back without any memory of the producer.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine

from app.engine.events import Events
from app.ports.books import OutboxEvent
from app.relay.relay import Relay
from app.stores.books.database import open_engine
from app.stores.books.outbox import SqlOutbox
from app.stores.books.tables import METADATA
from tests.kit.broker import Broker, Reading, free_port, new_prefix
from tests.kit.doorway import Doorway
from tests.kit.event_stream import check_arrived, put, request_events
from tests.kit.virtual_time import elapse
from tests.kit.waiting import until

RELAY = "llm-provider-service"
BEFORE_SECONDS = 1.0
REQUESTS_A_STEP = 5
STEP_SECONDS = 0.02
RECOVERY_SECONDS = 30


@dataclass(frozen=True)
class Outcome:
    """What was seen. `slowest_commit_seconds`: how long a writer had to wait, at most."""

    written: int
    duplicates: int
    most_waiting: int
    recovered_seconds: float
    slowest_commit_seconds: float
    fault: str


class Load:
    """Requests that end all the time, whatever becomes of their events."""

    def __init__(self, engine: Engine, relay: Relay, events: Events) -> None:
        self._engine, self._relay, self._events = engine, relay, events
        self.written: list[OutboxEvent] = []
        self.slowest_commit_seconds = 0.0
        self.is_over = False

    async def run(self) -> None:
        """Until `is_over`."""
        number = 0
        while not self.is_over:
            step = [e for n in range(REQUESTS_A_STEP) for e in request_events(self._events, number + n)]
            number += REQUESTS_A_STEP
            began = time.perf_counter()
            await asyncio.to_thread(put, self._engine, step)
            self.slowest_commit_seconds = max(self.slowest_commit_seconds, time.perf_counter() - began)
            self.written += step
            self._relay.wake()
            await elapse(STEP_SECONDS)


async def outage(engine: Engine, seconds: float) -> Outcome:
    """Runs it on the outbox of `engine`. Raises AssertionError for whatever is lost, out of order or made up."""
    events, door = Events(new_prefix()), Doorway(free_port())
    outbox = SqlOutbox(engine)
    relay = Relay(outbox, f"127.0.0.1:{door.port}")
    async with door:
        with _broker(door) as broker:
            await relay.start()
            load = Load(engine, relay, events)
            async with asyncio.TaskGroup() as group:
                group.create_task(load.run())
                await elapse(BEFORE_SECONDS)
                before = await _lock_out_and_read(door, broker, events.prefix)
                assert before, "nothing had arrived before the broker was killed"
                broker.kill()
                await elapse(seconds)
                fault, most_waiting = relay.fault(), await outbox.backlog()
                assert fault is not None
                assert most_waiting > 0
                broker.start()
                door.let_in(RELAY)
                began = time.perf_counter()
                await until(lambda: _is_below(outbox, most_waiting), within_seconds=RECOVERY_SECONDS)
                assert relay.fault() is None
                recovered_seconds = time.perf_counter() - began
                await elapse(BEFORE_SECONDS)
                load.is_over = True
            await until(lambda: _is_below(outbox, 1), within_seconds=RECOVERY_SECONDS)
            await relay.aclose()
            after = await asyncio.to_thread(_read, broker, events.prefix)
    duplicates = check_arrived(load.written, [*before, *after])
    slowest = load.slowest_commit_seconds
    return Outcome(len(load.written), duplicates, most_waiting, recovered_seconds, slowest, fault)


@contextmanager
def _broker(door: Doorway) -> Iterator[Broker]:
    broker = Broker(advertised_port=door.port)
    door.broker_port = broker.port
    try:
        yield broker
    finally:
        broker.close()


async def _lock_out_and_read(door: Doorway, broker: Broker, prefix: str) -> list[tuple[str, str, bytes]]:
    door.lock_out(RELAY)
    return await asyncio.to_thread(_read, broker, prefix)


def _read(broker: Broker, prefix: str) -> list[tuple[str, str, bytes]]:
    """All that is there, when nothing more comes."""
    with Reading(broker.servers, prefix) as reading:
        found = -1
        while found != (found := reading.read(within_seconds=1.0)):
            pass
        return reading.messages


async def _is_below(outbox: SqlOutbox, count: int) -> bool:
    return await outbox.backlog() < count


def main() -> None:
    """Runs it on a SQLite file, or on the database of `--database`, whose tables must not be needed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--database", default=None, metavar="URL")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(given.database or f"sqlite:///{folder}/books.sqlite3", is_strict=False)
        METADATA.create_all(engine)
        sys.stdout.write(f"{asyncio.run(outage(engine, given.seconds))}\n")
        engine.dispose()


if __name__ == "__main__":
    main()
