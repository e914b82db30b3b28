"""Work that may be shared, and those who share it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from app.engine.single_flight import SingleFlight
from app.resilience.deadline import Deadline
from tests.kit.gate import settle
from tests.kit.virtual_time import elapse, loop_clock


@dataclass(slots=True)
class Job:
    """Implements `single_flight.Work`: lands after a while, or fails, and remembers what became of it."""

    name: str = "job"
    seconds: float = 1.0
    error: Callable[[], BaseException] | None = None
    on_the_way: float = 0.0
    defect: BaseException | None = None
    tidy_seconds: float = 0.0
    is_full: bool = False
    log: list[str] = field(default_factory=list)

    async def land(self) -> str:
        """Its name, after its seconds."""
        self.log.append("began")
        try:
            await elapse(self.seconds)
        except asyncio.CancelledError:
            self.log.append("cancelled")
            raise
        if self.error is not None:
            raise self.error()
        return self.name

    async def go_on(self, landed: str) -> None:
        """What takes its time after it."""
        if self.on_the_way:
            await elapse(self.on_the_way)
        if self.defect is not None:
            raise self.defect
        self.log.append("went on")

    async def tidy(self, landed: str) -> None:
        """Later."""
        if self.tidy_seconds:
            await elapse(self.tidy_seconds)
        self.log.append("tidied")

    def leave(self) -> None:
        """It is for others now."""
        self.log.append("left")

    def takes_more(self) -> bool:
        """As long as it is told so."""
        return not self.is_full


def within(seconds: float = 100.0) -> Deadline:
    """So much time."""
    return Deadline(loop_clock(), seconds)


async def boarded(flights: SingleFlight[str], work: Job, seconds: float = 100.0) -> str:
    """What a passenger gets, who leaves at once."""
    seat = await flights.board("same", work, within(seconds))
    await seat.leave()
    return seat.value


def passengers(flights: SingleFlight[str], *works: Job, seconds: float = 100.0) -> list[asyncio.Task[str]]:
    """One for each work, who come at once."""
    return [asyncio.create_task(boarded(flights, work, seconds)) for work in works]


async def assert_empty(flights: SingleFlight[str]) -> None:
    """Nothing is under way, and no task is left."""
    await settle()
    assert len(flights) == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}
