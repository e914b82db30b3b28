"""Who gets a place at a row, who waits for one, and who is refused?"""

from __future__ import annotations

import asyncio

import pytest

from app.resilience.admission import RowFullError
from contracts.requests import Priority
from tests.kit.gate import asking, entered, gate, limits, settle
from tests.kit.virtual_time import elapse

NORMAL = Priority.NORMAL


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_admission_without_limits_only_counts() -> None:
    """Everybody goes, and is counted until his call has ended."""
    open_gate = gate()
    places = [open_gate.enter_at_once() for _ in range(1000)]
    assert (open_gate.in_flight, open_gate.queued, open_gate.refusal(NORMAL, 0)) == (1000, 0, None)
    for place in places:
        assert place is not None
        place.release(5)
    assert open_gate.in_flight == 0


async def test_admission_never_lets_more_in_than_it_may() -> None:
    """With two places, each of twenty callers gets one in turn, and no more than two are inside."""
    narrow, most = gate(max_concurrency=2), 0

    async def call() -> None:
        nonlocal most
        place = await entered(narrow)
        most = max(most, narrow.in_flight)
        await elapse(1)
        place.release()

    began = now()
    await asyncio.gather(*(call() for _ in range(20)))
    assert (most, narrow.in_flight, narrow.queued) == (2, 0, 0)
    assert now() - began == pytest.approx(10)


async def test_admission_place_ends_once() -> None:
    """However often, and in whatever way, it is given up."""
    narrow = gate(max_concurrency=1)
    place = await entered(narrow)
    place.release()
    place.release()
    place.forgo()
    assert narrow.in_flight == 0
    other = await entered(narrow)
    other.forgo()
    other.release()
    assert narrow.in_flight == 0


async def test_admission_serves_by_priority() -> None:
    """The urgent overtake those who came before them; equals keep their turn; nobody overtakes from outside."""
    narrow = gate(max_concurrency=1)
    place = await entered(narrow)
    served: list[str] = []
    calls: list[asyncio.Task[None]] = []

    async def call(priority: Priority, name: str) -> None:
        mine = await entered(narrow, priority)
        served.append(name)
        mine.release()

    for priority in (Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.URGENT):
        calls += [asyncio.create_task(call(priority, f"{priority}{number}")) for number in "12"]
    await settle()
    assert narrow.queued == 8
    place.release()
    assert narrow.enter_at_once() is None
    await asyncio.gather(*calls)
    assert served == ["urgent1", "urgent2", "high1", "high2", "normal1", "normal2", "low1", "low2"]


async def test_admission_full_line_refuses_at_once() -> None:
    """With the time to come back, taken from how long calls took lately."""
    narrow = gate(max_concurrency=2, max_queue=3)
    first = [await entered(narrow) for _ in range(2)]
    await elapse(8)
    for place in first:
        place.release()
    held = [await entered(narrow) for _ in range(2)]
    waiting = [asking(narrow) for _ in range(3)]
    await settle()
    began = now()
    with pytest.raises(RowFullError, match="alpha is full: 2 calls are under way and 3 wait") as refused:
        await entered(narrow)
    assert now() == began
    assert (refused.value.status, refused.value.was_sent) == (503, False)
    assert refused.value.retry_after == pytest.approx(4 * 8 / 2)
    for place in held:
        place.forgo()
    for task in waiting:
        (await task).forgo()
    assert narrow.in_flight == 0


async def test_admission_line_of_no_length_refuses_whoever_would_wait() -> None:
    """`max_queue: 0` is a limit without a line."""
    narrow = gate(max_concurrency=1, max_queue=0)
    place = await entered(narrow)
    with pytest.raises(RowFullError):
        await entered(narrow)
    place.release()
    (await entered(narrow)).release()


async def test_admission_nobody_waits_longer_than_he_said() -> None:
    """Then he is refused, and has left the line."""
    narrow = gate(max_concurrency=1)
    place = await entered(narrow)
    began = now()
    with pytest.raises(RowFullError):
        await entered(narrow, within=3)
    assert (now() - began, narrow.queued) == (pytest.approx(3), 0)
    place.release()
    assert narrow.in_flight == 0


async def test_admission_who_leaves_is_forgotten_at_once() -> None:
    """His place in the line is free, and those behind him move up."""
    narrow = gate(max_concurrency=1, max_queue=2)
    place = await entered(narrow)
    leaving, staying = asking(narrow), asking(narrow)
    await settle()
    leaving.cancel()
    await settle()
    assert narrow.queued == 1
    third = asking(narrow)
    await settle()
    place.release()
    (await staying).release()
    (await third).release()
    assert (narrow.in_flight, narrow.queued, leaving.cancelled()) == (0, 0, True)


async def test_admission_place_given_to_who_leaves_is_passed_on() -> None:
    """Whoever is cancelled in the moment that he is let in takes nothing with him."""
    narrow = gate(max_concurrency=1, requests_per_minute=10)
    place = await entered(narrow)
    leaving, staying = asking(narrow), asking(narrow)
    await settle()
    await elapse(30)
    place.release()
    leaving.cancel()
    assert (await staying) is not None
    assert (narrow.in_flight, narrow.queued, leaving.cancelled()) == (1, 0, True)


async def test_admission_who_is_cancelled_before_his_turn_is_passed_over() -> None:
    """A release between a cancellation and its handling lets in the next one."""
    narrow = gate(max_concurrency=1)
    place = await entered(narrow)
    leaving, staying = asking(narrow), asking(narrow)
    await settle()
    leaving.cancel()
    place.release()
    (await staying).release()
    assert narrow.in_flight == 0


async def test_admission_takes_over_more_room_at_once() -> None:
    """Those who wait go as soon as the limit allows, and all of them when it is gone."""
    narrow = gate(max_concurrency=1)
    first = await entered(narrow)
    waiting = [asking(narrow) for _ in range(5)]
    await settle()
    narrow.adopt(limits(max_concurrency=3))
    await settle()
    assert (narrow.in_flight, narrow.queued) == (3, 3)
    narrow.adopt(limits())
    await settle()
    assert (narrow.in_flight, narrow.queued) == (6, 0)
    for place in (first, *(await asyncio.gather(*waiting))):
        place.release()
    assert narrow.in_flight == 0


async def test_admission_takes_over_less_room_in_time() -> None:
    """Calls under way stay, and nobody follows until there is room under the new limit."""
    wide = gate()
    places = [await entered(wide) for _ in range(4)]
    wide.adopt(limits(max_concurrency=2))
    late = asking(wide)
    for place in places[:2]:
        place.release()
    await settle()
    assert (wide.in_flight, late.done()) == (2, False)
    places[2].release()
    (await late).release()
    places[3].release()
    assert wide.in_flight == 0


@pytest.mark.parametrize(
    "fields,expected",
    [({}, 100), ({"max_concurrency": 10}, 100), ({"max_concurrency": 100}, 400), ({"max_queue": 7}, 7)],
)
def test_admission_line_has_a_length_by_default(fields: dict[str, int], expected: int) -> None:
    """Four times the places, at least 100; or what is said."""
    assert limits(**fields).longest_queue == expected
