"""How do observers learn what happened, without any caller waiting for them?"""

from __future__ import annotations

import logging
import threading
import timeit
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from app.observers.fanout import Fanout
from app.ports.records import AttemptRecord, Observer, RequestRecord
from tests.kit.witnessed import SECRET, call, request

PATIENCE_SECONDS = 10.0


class Keeper:
    """Keeps all it is told."""

    def __init__(self) -> None:
        self.seen: list[AttemptRecord | RequestRecord] = []

    def attempt_ended(self, record: AttemptRecord) -> None:
        self.seen.append(record)

    def request_ended(self, record: RequestRecord) -> None:
        self.seen.append(record)


class Stuck(Keeper):
    """Does not come back before it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.is_let_go = threading.Event()
        self.is_held = threading.Event()

    def request_ended(self, record: RequestRecord) -> None:
        self.is_held.set()
        self.is_let_go.wait(PATIENCE_SECONDS)
        super().request_ended(record)


class Raising(Keeper):
    """Fails on every second record, with a message that nobody may read."""

    def request_ended(self, record: RequestRecord) -> None:
        super().request_ended(record)
        if len(self.seen) % 2:
            raise ValueError(SECRET)


class Sending(Keeper):
    """Loses two of what it gathered, then fails to send at all."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[int] = []

    def send(self) -> int:
        self.sent.append(len(self.seen))
        if len(self.sent) > 1:
            raise OSError(SECRET)
        return 2


@asynccontextmanager
async def started(observers: Mapping[str, Observer], capacity: int = 64) -> AsyncIterator[Fanout]:
    """A fan-out at work; its end does not wait for what is stuck."""
    fanout = Fanout(observers, capacity=capacity)
    fanout.start()
    try:
        yield fanout
    finally:
        await fanout.aclose(within_seconds=0.0)


async def test_fanout_hands_every_record_to_each_observer_in_order() -> None:
    """Calls and requests alike, once each."""
    first, second = Keeper(), Keeper()
    told = [call(model=f"m{n}") if n % 3 else request(request_id=f"r{n}") for n in range(50)]
    async with started({"first": first, "second": second}) as fanout:
        for record in told:
            if isinstance(record, RequestRecord):
                fanout.request_ended(record)
            else:
                fanout.attempt_ended(record)
        assert await fanout.caught_up("first", within_seconds=PATIENCE_SECONDS)
        assert await fanout.caught_up("second", within_seconds=PATIENCE_SECONDS)
    assert first.seen == second.seen == told
    assert fanout.dropped() == {"first": 0, "second": 0}


async def test_fanout_stuck_observer_delays_nobody_and_drops_its_own() -> None:
    """Its lane fills and counts what it misses, while another sees all."""
    stuck, well = Stuck(), Keeper()
    async with started({"stuck": stuck, "well": well}, capacity=10) as fanout:
        fanout.request_ended(request())
        assert stuck.is_held.wait(PATIENCE_SECONDS)
        for _ in range(25):
            fanout.request_ended(request())
            assert await fanout.caught_up("well", within_seconds=PATIENCE_SECONDS)
        assert not await fanout.caught_up("stuck", within_seconds=0.01)
        assert len(well.seen) == 26
        assert fanout.dropped() == {"stuck": 15, "well": 0}
        stuck.is_let_go.set()
        assert await fanout.caught_up("stuck", within_seconds=PATIENCE_SECONDS)
    assert len(stuck.seen) == 11


async def test_fanout_failing_observer_is_counted_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    """Each failure is a missed record; the log has one line of it, without the error's words."""
    raising, well = Raising(), Keeper()
    with caplog.at_level(logging.DEBUG):
        async with started({"raising": raising, "well": well}) as fanout:
            for _ in range(6):
                fanout.request_ended(request())
            assert await fanout.caught_up("raising", within_seconds=PATIENCE_SECONDS)
            assert await fanout.caught_up("well", within_seconds=PATIENCE_SECONDS)
    assert (len(raising.seen), len(well.seen)) == (6, 6)
    assert fanout.dropped() == {"raising": 3, "well": 0}
    (line,) = [one.getMessage() for one in caplog.records if "raising" in one.getMessage()]
    assert line == "the observer raising misses records, 1 by now: ValueError"
    assert SECRET not in caplog.text


async def test_fanout_gathering_observer_sends_when_nothing_waits() -> None:
    """It is told once for all that waited; what it could not send, and a failure to send, count as missed."""
    sending = Sending()
    async with started({"sending": sending}) as fanout:
        for _ in range(5):
            fanout.attempt_ended(call())
        assert await fanout.caught_up("sending", within_seconds=PATIENCE_SECONDS)
        assert sending.sent[-1] == 5
        missed = fanout.dropped()["sending"]
        assert missed == 2 + len(sending.sent) - 1
        fanout.attempt_ended(call())
        assert await fanout.caught_up("sending", within_seconds=PATIENCE_SECONDS)
        assert fanout.dropped()["sending"] == missed + 1


async def test_fanout_end_lets_observers_see_what_waits() -> None:
    """What was told before the end is observed, when there is time for it."""
    keeper = Keeper()
    fanout = Fanout({"keeper": keeper})
    for _ in range(20):
        fanout.request_ended(request())
    fanout.start()
    await fanout.aclose(within_seconds=PATIENCE_SECONDS)
    assert len(keeper.seen) == 20


async def test_fanout_end_does_not_wait_for_who_is_stuck(caplog: pytest.LogCaptureFixture) -> None:
    """What is left counts as dropped, and the log says so."""
    stuck = Stuck()
    fanout = Fanout({"stuck": stuck})
    fanout.start()
    fanout.request_ended(request())
    assert stuck.is_held.wait(PATIENCE_SECONDS)
    for _ in range(7):
        fanout.request_ended(request())
    await fanout.aclose(within_seconds=0.01)
    stuck.is_let_go.set()
    assert fanout.dropped() == {"stuck": 7}
    assert "the observer stuck was too slow for the last 7 records" in caplog.text


def test_fanout_costs_its_caller_microseconds() -> None:
    """Less than 20 for three observers, on a machine that is busy with other tests; alone it is half of one."""
    fanout = Fanout({"a": Keeper(), "b": Keeper(), "c": Keeper()}, capacity=1_000_000)
    record = request()
    seconds = min(timeit.repeat(lambda: fanout.request_ended(record), number=2000, repeat=9)) / 2000
    assert seconds < 20e-6
