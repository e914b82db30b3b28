"""What does a caller see of a row that takes only so many calls at once?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from app.engine.health import Health
from app.engine.statistics import Statistics
from app.resilience.admission import Admission
from contracts.errors import InvalidRequestError
from contracts.requests import StreamRecovery
from contracts.responses import AttemptOutcome
from contracts.streams import WarningEvent
from tests.kit.embedding_engine import EmbeddingEngine
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Fails, Outcome, Says, Silent, broken, invalid, limited, streams, unavailable

ONE = {"alpha": {"max_concurrency": 1}}
DEFECT = RuntimeError("a defect")


def gate(engine: Engine, name: str = "alpha") -> Admission:
    return engine.routes.row(name).admission


async def settle() -> None:
    """Everything that can go on now does."""
    for _ in range(20):
        await asyncio.sleep(0)


async def busy(engine: Engine, **fields: Any) -> asyncio.Task[Any]:
    """Somebody whose call is under way."""
    task = asyncio.create_task(engine.ask(**fields))
    await settle()
    return task


async def test_full_row_is_waited_for_when_it_is_the_only_one() -> None:
    """Each call in its turn, and the time in the line is told apart from the service's own."""
    alpha = FakeProvider("alpha", [Says(after=2)] * 3)
    engine = Engine(alpha, rows=ONE)
    answers = await asyncio.gather(*(engine.ask() for _ in range(3)))
    assert [answer.latency.queue_ms for answer in answers] == [pytest.approx(seconds * 1000) for seconds in (0, 2, 4)]
    assert [answer.latency.overhead_ms for answer in answers] == [pytest.approx(0)] * 3
    assert alpha.times == [pytest.approx(seconds) for seconds in (0, 2, 4)]
    assert (gate(engine).in_flight, gate(engine).queued) == (0, 0)


async def test_full_row_serves_the_urgent_first() -> None:
    """The request's priority decides who is next."""
    alpha = FakeProvider("alpha", [Says(after=2)] * 4)
    engine, served = Engine(alpha, rows=ONE), []

    async def call(priority: str) -> None:
        await engine.ask(priority=priority)
        served.append(priority)

    await asyncio.gather(*(call(priority) for priority in ("normal", "low", "high", "urgent")))
    assert served == ["normal", "urgent", "high", "low"]


async def test_full_row_is_passed_over_for_one_that_is_ready() -> None:
    """A place is waited for no longer than the patience allows, and what is said of it blames nobody."""
    alpha, beta = FakeProvider("alpha", [Says(after=20)]), FakeProvider("beta")
    engine = Engine(alpha, beta, rows=ONE)
    first, began = await busy(engine), engine.now()
    answer = await engine.ask()
    assert (answer.provider, engine.now() - began) == ("beta", pytest.approx(3))
    assert [attempt.outcome for attempt in answer.attempts] == [AttemptOutcome.SUCCESS]
    assert "alpha/alpha-1 was skipped: alpha is full: 1 calls are under way and 0 wait" in answer.warnings
    assert (await first).provider == "alpha"
    assert engine.circuit("alpha", "alpha-1").value == "closed"


async def test_full_row_that_is_slow_is_passed_over_at_once() -> None:
    """Nobody begins to wait where calls lately took longer than the patience."""
    alpha, beta = FakeProvider("alpha", [Says(after=20)] * 2), FakeProvider("beta")
    engine = Engine(alpha, beta, rows=ONE)
    await engine.ask()
    first, began = await busy(engine), engine.now()
    assert ((await engine.ask()).provider, engine.now()) == ("beta", began)
    await first


async def test_full_rows_are_waited_for_when_all_are_full() -> None:
    """A full row is nobody to go on to."""
    alpha, beta = FakeProvider("alpha", [Says(after=20)] * 2), FakeProvider("beta", [Says(after=30)])
    engine = Engine(alpha, beta, rows={**ONE, "beta": {"max_concurrency": 1}})
    calls = [await busy(engine), await busy(engine, preferred_provider="beta")]
    answer = await engine.ask()
    assert (answer.provider, answer.latency.queue_ms) == ("alpha", pytest.approx(20_000))
    await asyncio.gather(*calls)


async def test_full_line_is_503_with_the_time_to_come_back() -> None:
    """At once, without an attempt, and the caller's library may try again."""
    alpha = FakeProvider("alpha", [Says(after=10)])
    engine = Engine(alpha, rows={"alpha": {"max_concurrency": 1, "max_queue": 0}})
    first, began = await busy(engine), engine.now()
    error = await engine.failure()
    assert (error.status, error.error_type, error.attempts) == (503, "provider_unavailable", ())
    assert (error.retry_after, error.retry_is_pointless) == (pytest.approx(1), False)
    assert engine.now() == began
    await first
    assert (await engine.ask()).provider == "alpha"


async def test_full_row_is_waited_for_within_the_deadline_only() -> None:
    """Then 503, and the caller's place in the line is free."""
    alpha = FakeProvider("alpha", [Says(after=20)])
    engine = Engine(alpha, rows=ONE)
    first, began = await busy(engine), engine.now()
    error = await engine.failure(timeout_seconds=5)
    assert (error.status, engine.now() - began) == (503, pytest.approx(4.9))
    assert gate(engine).queued == 0
    await first


async def test_full_row_that_breaks_down_is_not_called_by_those_who_waited() -> None:
    """A circuit that opened meanwhile refuses them but for one early probe, and their places are free again."""
    alpha = FakeProvider("alpha", [unavailable(after=2)] * 4)
    engine = Engine(alpha, rows=ONE, max_retries=0, circuit_breaker={"failure_threshold": 1})
    errors = await asyncio.gather(*(engine.failure() for _ in range(4)))
    assert sorted(error.error_type for error in errors) == ["circuit_open"] * 2 + ["provider_unavailable"] * 2
    assert (len(alpha.asked), gate(engine).in_flight) == (2, 0)


async def test_full_row_whose_circuit_is_open_is_not_waited_for() -> None:
    """Its line is for those who may call it."""
    alpha = FakeProvider("alpha", [Says(after=30), unavailable()])
    engine = Engine(
        alpha, rows={"alpha": {"max_concurrency": 2}}, max_retries=0, circuit_breaker={"failure_threshold": 1}
    )
    slow = await busy(engine)
    await engine.failure()
    gate(engine).adopt(engine.snapshots.current.config.providers["alpha"].model_copy(update=ONE["alpha"]))
    began = engine.now()
    assert ((await engine.failure()).error_type, engine.now()) == ("circuit_open", began)
    slow.cancel()
    await settle()
    assert gate(engine).in_flight == 0


@pytest.mark.parametrize("outcome", [Says(), unavailable(), invalid(), limited(100), broken(), Fails(lambda: DEFECT)])
async def test_place_of_a_plain_call_is_free_however_it_ends(outcome: Outcome) -> None:
    """Answered, failed, refused or broken."""
    alpha = FakeProvider("alpha", [outcome])
    engine = Engine(alpha, rows=ONE, max_retries=0)
    await asyncio.gather(engine.ask(), return_exceptions=True)
    assert (len(alpha.asked), gate(engine).in_flight) == (1, 0)


@pytest.mark.parametrize("seconds", [0.0, 1.0, 3.0])
async def test_place_of_a_caller_who_leaves_is_free(seconds: float) -> None:
    """Before the call, during it, and while he waits for his turn."""
    engine = Engine(FakeProvider("alpha", [Says(after=2), Silent()]), rows=ONE)
    first = asyncio.create_task(engine.ask())
    leaving = asyncio.create_task(engine.ask())
    await engine.wait(seconds)
    leaving.cancel()
    await settle()
    assert leaving.cancelled()
    await first
    assert (gate(engine).in_flight, gate(engine).queued) == (0, 0)


async def test_request_whose_caller_leaves_the_queue_has_its_record() -> None:
    """It made no call, and is not forgotten for it."""
    engine = Engine(FakeProvider("alpha", [Says(after=2)]), rows=ONE)
    first = asyncio.create_task(engine.ask())
    leaving = asyncio.create_task(engine.ask(tags=["left"]))
    await engine.wait(1.0)
    leaving.cancel()
    await first
    (record,) = [record for record in engine.records.requests if record.tags == ("left",)]
    assert (record.is_cancelled, record.calls, record.outcome) == (True, (), "cancelled")


async def test_place_of_an_unsendable_call_is_free() -> None:
    """What could not be written in the vendor's dialect was no call."""

    def unwritable() -> Exception:
        error = InvalidRequestError("it takes no such thing")
        error.was_sent = False
        return error

    engine = Engine(FakeProvider("alpha", [Fails(unwritable)]), rows=ONE)
    await engine.failure()
    assert gate(engine).in_flight == 0


CUT = streams("Hello, ", unavailable())


@pytest.mark.parametrize("recovery", [StreamRecovery.ERROR, StreamRecovery.CONTINUE, StreamRecovery.BUFFER])
@pytest.mark.parametrize("outcome", [Says(), CUT, streams("Hello", Fails(lambda: DEFECT)), unavailable()])
async def test_place_of_a_stream_is_free_however_it_ends(outcome: Outcome, recovery: StreamRecovery) -> None:
    """Whole, cut, broken by a defect, or never opened."""
    engine = Engine(FakeProvider("alpha", [outcome]), rows=ONE, max_retries=0)
    await asyncio.gather(engine.events(stream_recovery=recovery), return_exceptions=True)
    assert gate(engine).in_flight == 0


async def test_stream_holds_its_place_until_it_ends() -> None:
    """The next caller begins when the last event was read, not when the first was there."""
    alpha = FakeProvider("alpha", [streams("a", Silent()), Says()])
    engine = Engine(alpha, rows=ONE)
    stream = await engine.open()
    waiting = await busy(engine)
    await engine.wait(10)
    assert (gate(engine).in_flight, gate(engine).queued, len(alpha.asked)) == (1, 1, 1)
    await stream.aclose()
    assert (await waiting).latency.queue_ms == pytest.approx(10_000)
    assert gate(engine).in_flight == 0


async def close_unread(engine: Engine) -> None:
    stream = await engine.open()
    await stream.aclose()
    await stream.aclose()


async def close_in_the_middle(engine: Engine) -> None:
    async with await engine.open() as stream:
        await anext(aiter(stream))


async def close_while_reading(engine: Engine) -> None:
    stream = await engine.open()

    async def read() -> None:
        async for _ in stream:
            pass

    reader = asyncio.create_task(read())
    await settle()
    await stream.aclose()
    await reader


@pytest.mark.parametrize("leave", [close_unread, close_in_the_middle, close_while_reading])
async def test_stream_that_is_left_gives_its_place_up(leave: Callable[[Engine], Any]) -> None:
    """Never read, in the middle, and from another task; and it gives it up once."""
    engine = Engine(FakeProvider("alpha", [streams("a", "b", Silent())]), rows=ONE)
    await leave(engine)
    assert gate(engine).in_flight == 0


async def test_stream_that_goes_on_elsewhere_holds_one_place_at_a_time() -> None:
    """The candidate that broke off is free for others while the next one writes on."""
    alpha, beta = FakeProvider("alpha", [CUT]), FakeProvider("beta", [streams("world", Silent())])
    engine = Engine(alpha, beta, rows={**ONE, "beta": {"max_concurrency": 1}}, stream_recovery="continue")
    async with await engine.open() as stream:
        async for event in stream:
            if isinstance(event, WarningEvent):
                break
        assert (gate(engine).in_flight, gate(engine, "beta").in_flight) == (0, 1)
    assert gate(engine, "beta").in_flight == 0


async def test_embeddings_take_a_place_too() -> None:
    """One after the other."""
    alpha = FakeProvider("alpha", [Says(after=2)] * 2, embeds=["vectors-1"])
    engine = EmbeddingEngine(alpha, rows=ONE)
    answers = await asyncio.gather(engine.embed("a"), engine.embed("b"))
    assert [answer.latency.queue_ms for answer in answers] == [pytest.approx(0), pytest.approx(2000)]
    assert gate(engine).in_flight == 0


async def test_full_row_shows_who_is_inside_and_who_waits() -> None:
    """`GET /providers` counts both."""
    engine = Engine(FakeProvider("alpha", [Says(after=2)] * 3), rows=ONE)
    calls = [await busy(engine) for _ in range(3)]
    info = Health(Statistics(engine.clock), engine.clock).info(engine.given[0], engine.snapshots.current)
    assert (info.in_flight, info.queued) == (1, 2)
    await asyncio.gather(*calls)
