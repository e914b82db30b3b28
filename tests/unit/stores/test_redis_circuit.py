"""When may Redis be asked, and what does the log say of it?"""

from __future__ import annotations

import logging

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError

from app.stores.redis_circuit import RedisCircuit
from tests.kit.virtual_time import HandClock


def circuit(hand: HandClock | None = None) -> RedisCircuit:
    return RedisCircuit("cache:6379", clock=(hand or HandClock()).clock.monotonic)


def state(one: RedisCircuit) -> str:
    return f"{'r' if one.may_read else '-'}{'w' if one.may_write else '-'}{'!' if one.trouble.is_set() else ' '}"


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "app.stores")
    return caplog


def levels(log: pytest.LogCaptureFixture) -> list[str]:
    return [record.levelname for record in log.records]


async def test_circuit_opens_at_once_when_a_connection_breaks(log: pytest.LogCaptureFixture) -> None:
    """Once said when it goes, once when it is back."""
    one = circuit()
    assert (state(one), one.fault) == ("rw ", None)
    for _ in range(5):
        one.failed(RedisConnectionError())
        assert (state(one), one.fault) == ("--!", "Redis at cache:6379 cannot be reached")
    for _ in range(5):
        one.probed(None)
        assert (state(one), one.fault) == ("rw ", None)
    assert levels(log) == ["WARNING", "INFO"]


async def test_circuit_opens_after_three_timeouts_in_a_row(log: pytest.LogCaptureFixture) -> None:
    """An answer between them begins the count anew; the first already asks for a look."""
    one = circuit()
    one.timed_out()
    one.timed_out()
    assert (state(one), one.fault) == ("rw!", None)
    one.answered()
    assert state(one) == "rw "
    one.timed_out()
    one.timed_out()
    assert state(one) == "rw!"
    one.timed_out()
    assert (state(one), one.fault) == ("--!", "Redis at cache:6379 did not answer in time")
    assert levels(log) == ["WARNING"]


async def test_circuit_does_not_blame_redis_for_a_busy_process() -> None:
    """When others were answered meanwhile, or a timer rang far too late, somebody looks, and nothing opens."""
    hand = HandClock()
    one = circuit(hand)
    for _ in range(5):
        since = hand.seconds
        hand.advance(0.04)
        one.answered()
        hand.advance(0.01)
        one.kept_waiting(since=since, within_seconds=0.05)
        assert state(one) == "rw!"
        since = hand.seconds
        hand.advance(0.07)
        one.kept_waiting(since=since, within_seconds=0.05)
        assert state(one) == "rw!"
    for _ in range(3):
        since = hand.seconds
        hand.advance(0.05)
        one.kept_waiting(since=since, within_seconds=0.05)
    assert state(one) == "--!"


async def test_circuit_is_closed_by_a_probe_only() -> None:
    """Late news from those who asked before it opened change nothing."""
    one = circuit()
    one.failed(RedisConnectionError())
    one.answered()
    one.failed(OutOfMemoryError())
    assert (state(one), one.fault) == ("--!", "Redis at cache:6379 cannot be reached")
    one.probed(TimeoutError())
    assert (state(one), one.fault) == ("--!", "Redis at cache:6379 did not answer in time")
    one.probed(None)
    one.timed_out()
    assert one.fault is None


async def test_circuit_lets_reads_go_on_when_only_writes_are_refused(log: pytest.LogCaptureFixture) -> None:
    """Also when it was down before, and is a replica now."""
    one = circuit()
    one.failed(OutOfMemoryError())
    assert state(one) == "r-!"
    assert "takes no new answers" in str(one.fault)
    one.answered()
    assert state(one) == "r-!"
    one.failed(RedisConnectionError())
    assert state(one) == "--!"
    one.probed(OutOfMemoryError())
    assert state(one) == "r-!"
    one.probed(None)
    assert state(one) == "rw "
    assert levels(log) == ["WARNING", "WARNING", "WARNING", "INFO"]


async def test_circuit_does_not_repeat_itself_when_a_full_redis_takes_one_now_and_then(
    log: pytest.LogCaptureFixture,
) -> None:
    """What happens twice a second is said once a minute."""
    hand = HandClock()
    one = circuit(hand)
    for _ in range(150):
        one.probed(OutOfMemoryError())
        one.probed(OutOfMemoryError())
        one.probed(None)
        hand.advance(1)
    assert levels(log) == ["WARNING", "INFO"] * 3
