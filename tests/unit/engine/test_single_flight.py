"""Do those who ask for the same get one outcome, and does nothing stay behind?"""

from __future__ import annotations

import asyncio

import pytest

from app.engine.single_flight import Seat, SingleFlight
from contracts.errors import (
    ShuttingDownError,
)
from tests.kit.gate import settle
from tests.kit.shared_job import Job, assert_empty, boarded, passengers, within
from tests.kit.virtual_time import elapse


async def test_single_flight_gives_all_one_outcome() -> None:
    """The first one's work is done, once; the others get what it gave."""
    flights: SingleFlight[str] = SingleFlight()
    works = [Job(f"job {number}") for number in range(5)]
    assert await asyncio.gather(*passengers(flights, *works)) == ["job 0"] * 5
    assert [work.log for work in works] == [["began", "went on", "tidied"], [], [], [], []]
    await assert_empty(flights)


async def test_single_flight_is_of_one_name() -> None:
    """Other names are other calls; a call that has ended is none any more."""
    flights: SingleFlight[str] = SingleFlight()
    one, other, later = Job("one"), Job("other"), Job("later")
    seats = await asyncio.gather(flights.board("1", one, within()), flights.board("2", other, within()))
    assert [(seat.value, seat.is_own) for seat in seats] == [("one", True), ("other", True)]
    for seat in seats:
        await seat.leave()
    assert (await flights.board("1", later, within())).value == "later"
    await assert_empty(flights)


async def test_single_flight_is_joined_until_it_has_ended() -> None:
    """Who comes after it landed, while it goes on, gets it too; who comes in the moment of its end does not."""
    flights: SingleFlight[str] = SingleFlight()
    first, second, third = Job("first", on_the_way=5), Job("second"), Job("third")
    seat = await flights.board("same", first, within())
    joined = await flights.board("same", second, within())
    assert (joined.value, joined.is_own, second.log) == ("first", False, [])
    await elapse(6)
    assert await boarded(flights, third) == "third"
    await seat.leave()
    await joined.leave()
    await assert_empty(flights)


async def test_single_flight_goes_on_without_who_began_it() -> None:
    """He is told so once, and the others get what he began."""
    flights: SingleFlight[str] = SingleFlight()
    works = [Job("mine"), Job(), Job()]
    tasks = passengers(flights, *works)
    await settle()
    tasks[0].cancel()
    assert await asyncio.gather(*tasks[1:]) == ["mine"] * 2
    assert works[0].log == ["began", "left", "went on", "tidied"]
    await assert_empty(flights)


async def test_single_flight_ends_with_its_last_passenger() -> None:
    """At once; has ended when he is gone; who comes then begins anew."""
    flights: SingleFlight[str] = SingleFlight()
    works = [Job(seconds=50), Job(), Job("anew")]
    tasks = passengers(flights, *works[:2])
    await settle()
    for task in tasks:
        task.cancel()
    late = asyncio.create_task(boarded(flights, works[2]))
    await asyncio.wait(tasks)
    assert works[0].log == ["began", "left", "cancelled"]
    assert await late == "anew"
    await assert_empty(flights)


async def test_single_flight_that_landed_ends_with_its_last_seat() -> None:
    """What goes on after landing goes on for those who hold a seat; the last one ends it."""
    flights: SingleFlight[str] = SingleFlight()
    work = Job(on_the_way=50)
    seat, other = await flights.board("same", work, within()), await flights.board("same", Job(), within())
    await seat.leave()
    assert (work.log, len(flights)) == (["began", "left"], 1)
    await other.leave()
    await assert_empty(flights)
    assert work.log == ["began", "left"]


async def test_single_flight_tidies_up_for_nobody() -> None:
    """What is left to do when all is over is done though nobody is there."""
    flights: SingleFlight[str] = SingleFlight()
    work = Job(tidy_seconds=5)
    assert await boarded(flights, work) == "job"
    assert (work.log, len(flights)) == (["began", "went on"], 1)
    await elapse(6)
    assert work.log == ["began", "went on", "tidied"]
    await assert_empty(flights)


async def test_single_flight_close_ends_all_and_begins_none() -> None:
    """Who waits, and who comes after it, hears that the service ends; nothing is begun anew."""
    flights: SingleFlight[str] = SingleFlight()
    works = [Job(seconds=50) for _ in range(4)]
    tasks = passengers(flights, *works[:3])
    await settle()
    await flights.aclose()
    outcomes = await asyncio.gather(*tasks, *passengers(flights, works[3]), return_exceptions=True)
    assert [type(one) for one in outcomes] == [ShuttingDownError] * 4
    assert [work.log for work in works] == [["began", "cancelled"], [], [], []]
    await assert_empty(flights)


async def test_single_flight_close_breaks_off_what_landed() -> None:
    """A seat knows why."""
    flights: SingleFlight[str] = SingleFlight()
    seat: Seat[str] = await flights.board("same", Job(on_the_way=50), within())
    await flights.aclose()
    assert isinstance(seat.failure(), ShuttingDownError)
    await seat.leave()
    await assert_empty(flights)


async def test_single_flight_close_of_none_is_nothing() -> None:
    """It may be closed twice."""
    flights: SingleFlight[str] = SingleFlight()
    await flights.aclose()
    await flights.aclose()
    with pytest.raises(ShuttingDownError):
        await boarded(flights, Job())
    await assert_empty(flights)
