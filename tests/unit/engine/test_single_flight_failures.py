"""Who is told what when a shared call fails, comes too late, or is ended?"""

from __future__ import annotations

import asyncio
import logging

import pytest

from app.engine.single_flight import SingleFlight, of_another
from contracts import errors
from contracts.errors import (
    InternalError,
    InvalidRequestError,
    LLMProviderError,
    LLMTimeoutError,
    ProviderUnavailableError,
)
from contracts.responses import Attempt, AttemptOutcome
from tests.kit.gate import settle
from tests.kit.shared_job import Job, assert_empty, boarded, passengers, within
from tests.kit.virtual_time import elapse, loop_clock


async def test_single_flight_that_fails_is_begun_anew_once() -> None:
    """One follower makes it anew, and all the others get that."""
    flights: SingleFlight[str] = SingleFlight()
    works = [Job(error=ProviderUnavailableError), *(Job(f"job {number}") for number in range(1, 5))]
    outcomes = await asyncio.gather(*passengers(flights, *works), return_exceptions=True)
    assert isinstance(outcomes[0], ProviderUnavailableError)
    assert outcomes[1:] == ["job 1"] * 4
    assert [bool(work.log) for work in works] == [True, True, False, False, False]
    await assert_empty(flights)


async def test_single_flight_that_fails_twice_fails_for_all() -> None:
    """A third call would be no different: each of those who wait gets the second's error, as its own."""
    flights: SingleFlight[str] = SingleFlight()
    failures = [ProviderUnavailableError(f"down {number}", attempts=[ATTEMPT]) for number in range(5)]
    works = [Job(error=lambda failure=failure: failure) for failure in failures]  # type: ignore[misc]
    outcomes = await asyncio.gather(*passengers(flights, *works), return_exceptions=True)
    assert outcomes[:2] == failures[:2]
    assert [str(one) for one in outcomes[2:]] == ["down 1"] * 3
    assert len({id(one) for one in outcomes}) == 5
    assert [one.attempts for one in outcomes if isinstance(one, LLMProviderError)] == [(ATTEMPT,)] * 2 + [()] * 3
    assert [len(work.log) for work in works] == [1, 1, 0, 0, 0]
    await assert_empty(flights)


async def test_single_flight_callers_fault_is_everybodys_at_once() -> None:
    """All of them asked for the same impossible thing."""
    flights: SingleFlight[str] = SingleFlight()
    works = [Job(error=InvalidRequestError) for _ in range(4)]
    outcomes = await asyncio.gather(*passengers(flights, *works), return_exceptions=True)
    assert [type(one) for one in outcomes] == [InvalidRequestError] * 4
    assert [len(work.log) for work in works] == [1, 0, 0, 0]
    await assert_empty(flights)


async def test_single_flight_timeout_is_of_who_met_it() -> None:
    """Any number of impatient ones in a row keep nobody from the answer."""
    flights: SingleFlight[str] = SingleFlight()
    works = [*(Job(error=LLMTimeoutError) for _ in range(4)), Job("good")]
    tasks = passengers(flights, *works)
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in outcomes[:4]] == [LLMTimeoutError] * 4
    assert outcomes[4] == "good"
    await assert_empty(flights)


async def test_single_flight_is_begun_anew_by_who_has_the_most_time() -> None:
    """Else it would end before all others, and be begun for each of them."""
    flights: SingleFlight[str] = SingleFlight()
    works = [Job(error=LLMTimeoutError), Job("hasty"), Job("patient"), Job("hastier")]
    seconds = [100.0, 5.0, 50.0, 4.0]
    tasks = [asyncio.create_task(boarded(flights, work, own)) for work, own in zip(works, seconds, strict=True)]
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert outcomes[1:] == ["patient"] * 3
    assert [bool(work.log) for work in works] == [True, False, True, False]
    await assert_empty(flights)


async def test_single_flight_heir_may_leave_in_that_moment() -> None:
    """Who would begin it anew leaves, some turns of the loop after the failure: the other is answered all the same."""
    answers = set()
    for turns in range(8):
        flights: SingleFlight[str] = SingleFlight()
        works = [Job(error=LLMTimeoutError), Job("hasty"), Job("patient")]
        tasks = [asyncio.create_task(boarded(flights, work, own)) for work, own in zip(works, (99, 5, 50), strict=True)]
        await settle()
        works[0].error = lambda turns=turns, heir=tasks[2]: _after(turns, heir)
        _, answer, heir = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(heir, asyncio.CancelledError)
        answers.add(answer)
        await assert_empty(flights)
    assert answers == {"hasty", "patient"}


def _after(turns: int, heir: asyncio.Task[str]) -> LLMTimeoutError:
    """A timeout; so many turns of the loop later the heir leaves."""
    loop = asyncio.get_running_loop()

    def turn(left: int) -> None:
        if left:
            loop.call_soon(turn, left - 1)
        else:
            heir.cancel()

    turn(turns)
    return LLMTimeoutError()


async def test_single_flight_keeps_nobody_beyond_its_deadline() -> None:
    """Who has less time than the call leaves it alone, with an error that says so; the others wait on."""
    flights: SingleFlight[str] = SingleFlight()
    began = loop_clock().monotonic()
    patient = passengers(flights, Job("late", seconds=60), Job())
    (hasty,) = passengers(flights, Job(), seconds=7)
    with pytest.raises(LLMTimeoutError, match=r"an identical request gave no answer within the 7 s of this one"):
        await hasty
    assert loop_clock().monotonic() - began == pytest.approx(7)
    assert await asyncio.gather(*patient) == ["late"] * 2
    await assert_empty(flights)


async def test_single_flight_last_one_whose_time_is_up_meets_a_timeout() -> None:
    """Who began it has left: with the last deadline the call ends, and is not begun anew."""
    flights: SingleFlight[str] = SingleFlight()
    works = [Job(seconds=60), Job("anew")]
    (owner,) = passengers(flights, works[0])
    (last,) = passengers(flights, works[1], seconds=7)
    await settle()
    owner.cancel()
    with pytest.raises(LLMTimeoutError):
        await last
    assert [work.log for work in works] == [["began", "left", "cancelled"], []]
    await assert_empty(flights)


async def test_single_flight_is_not_begun_anew_without_time() -> None:
    """Whose deadline passes as the call fails meets a timeout, not a call of no time at all."""
    flights: SingleFlight[str] = SingleFlight()
    works = [Job(seconds=7, error=LLMTimeoutError), Job(), Job()]
    tasks = passengers(flights, *works, seconds=7.05)
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in outcomes] == [LLMTimeoutError] * 3
    assert [bool(work.log) for work in works] == [True, False, False]
    await assert_empty(flights)


async def test_single_flight_defect_is_told_to_who_began_it(caplog: pytest.LogCaptureFixture) -> None:
    """He gets it as it is; who tried again gets his; the others learn that it was ours."""
    flights: SingleFlight[str] = SingleFlight()
    works = [Job(error=lambda: RuntimeError("a prompt")) for _ in range(4)]
    outcomes = await asyncio.gather(*passengers(flights, *works), return_exceptions=True)
    assert [type(one) for one in outcomes] == [RuntimeError, RuntimeError, InternalError, InternalError]
    assert caplog.records == []
    await assert_empty(flights)


@pytest.mark.parametrize("has_landed", [False, True])
async def test_single_flight_defect_that_nobody_meets_is_logged(
    has_landed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """After landing, or when who began it has left: where it happened is in the log, its words are not."""
    flights: SingleFlight[str] = SingleFlight()
    defect = RuntimeError("a prompt")
    work = Job(on_the_way=1, defect=defect) if has_landed else Job(error=lambda: defect)
    tasks = passengers(flights, work, Job())
    await settle()
    if not has_landed:
        tasks[0].cancel()
    seat = await flights.board("same", Job(), within())
    await elapse(5)
    (record,) = caplog.records
    assert (record.levelno, "a prompt" in caplog.text) == (logging.ERROR, False)
    assert "RuntimeError" in record.getMessage()
    assert "land" in record.getMessage() or "go_on" in record.getMessage()
    assert seat.failure().error_type == "internal_error"
    await asyncio.gather(*tasks, return_exceptions=True)
    await assert_empty(flights)


ATTEMPT = Attempt(provider="alpha", model="m", outcome=AttemptOutcome.FAILED, duration_ms=1)
ERRORS = sorted(
    {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, LLMProviderError) and kind is not LLMProviderError
    },
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_error_of_another_is_a_copy(kind: type[LLMProviderError]) -> None:
    """Each error of the tree keeps its kind, words and times, but not the calls and not the identity."""
    error = kind("the words", provider="alpha", model="m", retry_after=7, request_id="r1", attempts=[ATTEMPT])
    error.retry_is_pointless = True
    shared = of_another(error)
    assert (type(shared), str(shared), shared.provider, shared.retry_after) == (kind, "the words", "alpha", 7)
    assert (shared.retry_is_pointless, shared.attempts) == (True, ())
    shared.request_id = "r2"
    assert (error.request_id, error.attempts) == ("r1", (ATTEMPT,))


def test_error_of_another_hides_a_defect() -> None:
    """Whatever was no error of ours is one now."""
    assert type(of_another(RuntimeError("a prompt"))) is InternalError
