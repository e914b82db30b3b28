"""What do callers see while the service ends?"""

from __future__ import annotations

import asyncio
import logging

import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from app.http.draining import wind_down
from app.http.edge import Edge, Phase, StreamPace
from app.http.passage import Passage
from app.surfaces.dialect_errors import speak_dialect
from contracts import DoneEvent, Problem, StartEvent
from tests.unit.http.asgi import Exchange, events_of, local_scope
from tests.unit.http.fake_service import ANSWER, FakeService
from tests.unit.http.fake_stream import FakeStream

START = StartEvent(request_id="req_1", correlation_id="c-1", provider="local", model="smollm2-135m-instruct")
JSON = {"content-type": "application/json"}


def asking(app: FastAPI, path: str = "/process") -> Exchange:
    return Exchange(app, local_scope("POST", path, JSON), b'{"prompt": "x", "correlation_id": "c-1"}')


def looking(app: FastAPI, path: str) -> Exchange:
    return Exchange(app, local_scope("GET", path))


def ended(app: FastAPI, **seconds: float) -> asyncio.Task[None]:
    """The end of `app` begins."""
    given = {"drain_seconds": 0.0, "stream_drain_seconds": 0.0, **seconds}
    return asyncio.create_task(wind_down(app.state.edge, **given))


async def until(edge: Edge, phase: Phase) -> None:
    for _ in range(10):
        await asyncio.sleep(0)
    assert edge.phase is phase


async def test_draining_takes_calls_and_says_that_it_wants_no_more(app: FastAPI, service: FakeService) -> None:
    """For its time; each answer closes its connection, so that the next request goes elsewhere."""
    task = ended(app, drain_seconds=60)
    await until(app.state.edge, Phase.DRAINING)
    ready, lives, call = looking(app, "/readyz"), looking(app, "/livez"), asking(app)
    for exchange in (ready, lives, call):
        await exchange.run()
    assert [exchange.status for exchange in (ready, lives, call)] == [503, 200, 200]
    assert [exchange.headers["connection"] for exchange in (ready, lives, call)] == ["close"] * 3
    assert (ready.json()["error_type"], lives.json()) == ("shutting_down", {"status": "draining"})
    task.cancel()


async def test_running_keeps_connections(app: FastAPI) -> None:
    """Nobody is sent away before the end."""
    exchange = asking(app)
    await exchange.run()
    assert "connection" not in exchange.headers


async def test_closed_refuses_new_calls(app: FastAPI, service: FakeService) -> None:
    """With the time to come back; what only looks is answered."""
    await ended(app)
    call, stream, look, ready = (
        asking(app),
        asking(app, "/process/stream"),
        looking(app, "/providers"),
        looking(app, "/readyz"),
    )
    for exchange in (call, stream, look, ready):
        await exchange.run()
    assert [exchange.status for exchange in (call, stream, look, ready)] == [503, 503, 200, 503]
    for exchange in (call, stream):
        problem = Problem.model_validate(exchange.json())
        assert (problem.error_type, problem.title) == ("shutting_down", "Service shutting down")
        assert (exchange.headers["retry-after"], exchange.headers["connection"]) == ("1", "close")
        assert exchange.headers["x-request-id"] == problem.request_id
    assert not service.began.is_set()


async def test_call_under_way_is_waited_for(app: FastAPI, service: FakeService) -> None:
    """The end comes when it does, not after all the time that it had."""
    service.hold = asyncio.Event()
    exchange = asking(app)
    call = asyncio.create_task(exchange.run())
    await service.began.wait()
    task = ended(app, stream_drain_seconds=60)
    await until(app.state.edge, Phase.CLOSED)
    service.hold.set()
    async with asyncio.timeout(5):
        await task
        await call
    assert exchange.status == 200


async def test_stream_under_way_ends_whole(app: FastAPI, service: FakeService) -> None:
    """Within its time it is not touched."""
    go_on = asyncio.Event()
    service.stream = FakeStream(START, go_on, DoneEvent(response=ANSWER))
    exchange = asking(app, "/process/stream")
    call = asyncio.create_task(exchange.run())
    await exchange.until_body_holds(b"event: start")
    task = ended(app, stream_drain_seconds=60)
    await until(app.state.edge, Phase.CLOSED)
    go_on.set()
    async with asyncio.timeout(5):
        await task
        await call
    assert [name for name, _ in events_of(exchange.body)] == ["start", "done"]


async def test_stream_that_does_not_end_is_told_so(
    app: FastAPI, service: FakeService, caplog: pytest.LogCaptureFixture
) -> None:
    """Its last event is an error of the service, its end is a whole one, and the vendor's stream is closed."""
    service.stream = FakeStream(START, asyncio.Event())
    exchange = asking(app, "/process/stream")
    call = asyncio.create_task(exchange.run())
    await exchange.until_body_holds(b"event: start")
    with caplog.at_level(logging.INFO):
        await ended(app, stream_drain_seconds=0.001)
    await call
    (_, (name, problem)) = events_of(exchange.body)
    assert (name, problem["error_type"], problem["correlation_id"]) == ("error", "shutting_down", "c-1")
    assert exchange.is_whole
    assert service.stream.closed.is_set()
    assert "1 calls did not end in time and are cut" in caplog.messages


async def test_hurried_end_cuts_at_once(app: FastAPI, service: FakeService) -> None:
    """Whoever does not wait for the end in order ends it by cancelling."""
    service.hold = asyncio.Event()
    exchange = asking(app)
    call = asyncio.create_task(exchange.run())
    await service.began.wait()
    task = ended(app, drain_seconds=60, stream_drain_seconds=60)
    await until(app.state.edge, Phase.DRAINING)
    task.cancel()
    await call
    assert (exchange.status, app.state.edge.phase) == (503, Phase.CLOSED)


@pytest.mark.parametrize("pace", [StreamPace(), StreamPace(hold_seconds=0.001, comment_seconds=0.001)])
async def test_stream_that_did_not_begin_is_told_so(app: FastAPI, service: FakeService, pace: StreamPace) -> None:
    """By its status while headers are held back, else by its only event; the work for it is cancelled."""
    service.hold = asyncio.Event()
    exchange = asking(app, "/process/stream")
    call = asyncio.create_task(exchange.run())
    await service.began.wait()
    if pace.hold_seconds < 1:
        await exchange.until_body_holds(b": still here\n\n")
    await ended(app)
    await call
    problem = events_of(exchange.body)[0][1] if exchange.status == 200 else exchange.json()
    assert (problem["error_type"], service.cancelled.is_set()) == ("shutting_down", True)
    assert exchange.status == (503 if pace.hold_seconds > 1 else 200)


async def test_call_that_does_not_end_is_503(app: FastAPI, service: FakeService) -> None:
    """A plain call is answered too."""
    service.hold = asyncio.Event()
    exchange = asking(app)
    call = asyncio.create_task(exchange.run())
    await service.began.wait()
    await ended(app)
    await call
    assert (exchange.status, exchange.json()["error_type"]) == (503, "shutting_down")
    assert service.cancelled.is_set()


async def test_body_that_has_begun_is_left_unfinished() -> None:
    """Of any other answer than a stream of ours, only a broken connection can say that it is not whole."""

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        await asyncio.Event().wait()

    edge = Edge()
    exchange = Exchange(Passage(endless, edge, speak_dialect), local_scope())
    call = asyncio.create_task(exchange.run())
    await exchange.until_body_holds(b"half")
    edge.under_way.cut()
    await call
    assert (exchange.status, exchange.body, exchange.is_whole) == (200, b"half", False)


async def test_lifespan_passes_by() -> None:
    """What is no request is not counted."""
    edge, seen = Edge(), []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((scope["type"], len(edge.under_way)))

    exchange = Exchange(Passage(app, edge, speak_dialect), {"type": "lifespan"})
    await exchange.run()
    assert seen == [("lifespan", 0)]


async def test_closed_stays_closed() -> None:
    """The app's own end comes after it, and opens nothing."""
    edge = Edge()
    edge.close()
    edge.drain()
    assert edge.phase is Phase.CLOSED
