"""How does an open answer reach its caller?"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from starlette.types import Message, Scope

from app.http.edge import StreamPace
from app.http.process_events import encode_event
from contracts import (
    DoneEvent,
    ErrorEvent,
    InternalError,
    Problem,
    ProviderUnavailableError,
    RelayedEvent,
    StartEvent,
    StreamEvent,
    TextEvent,
    WarningEvent,
)
from tests.unit.http.asgi import Exchange, events_of, local_scope
from tests.unit.http.fake_service import ANSWER, FakeService
from tests.unit.http.fake_stream import FakeStream

START = StartEvent(request_id="req_1", correlation_id="c-1", provider="local", model="smollm2-135m-instruct")
WHOLE: tuple[StreamEvent, ...] = (
    START,
    TextEvent(text="Hel"),
    WarningEvent(message="max_tokens was not passed on"),
    TextEvent(text="lo\n\ndata: x"),
    DoneEvent(response=ANSWER),
)


def _exchange(app: FastAPI, kind: type[Exchange] = Exchange) -> Exchange:
    scope = local_scope("POST", "/process/stream", {"content-type": "application/json"})
    return kind(app, scope, b'{"prompt": "x", "correlation_id": "c-1"}')


class _SlowExchange(Exchange):
    """Its connection takes nothing before `takes` is set."""

    def __init__(self, app: FastAPI, scope: Scope, *chunks: bytes) -> None:
        super().__init__(app, scope, *chunks)
        self.takes = asyncio.Event()
        self.is_asked = asyncio.Event()

    async def _send(self, message: Message) -> None:
        self.is_asked.set()
        await self.takes.wait()
        await super()._send(message)


class _DeafExchange(Exchange):
    """Its connection takes nothing at all."""

    async def _send(self, message: Message) -> None:
        msg = "gone"
        raise OSError(msg)


async def test_stream_whole_answer_is_relayed(app: FastAPI, service: FakeService) -> None:
    """Every event comes as it is, `done` as the answer itself, under headers that keep proxies from holding it back."""
    service.stream = FakeStream(*WHOLE)
    exchange = _exchange(app)
    await exchange.run()
    assert [name for name, _ in events_of(exchange.body)] == ["start", "text", "warning", "text", "done"]
    assert events_of(exchange.body)[3][1] == {"type": "text", "text": "lo\n\ndata: x"}
    assert events_of(exchange.body)[-1][1] == json.loads(ANSWER.model_dump_json())
    assert exchange.is_whole
    assert service.stream.closed.is_set()
    told = {"content-type", "cache-control", "x-accel-buffering", "x-llm-provider", "x-llm-model", "x-llm-attempts"}
    assert {name: exchange.headers[name] for name in told} == {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
        "x-llm-provider": "local",
        "x-llm-model": "smollm2-135m-instruct",
        "x-llm-attempts": "2",
    }
    assert exchange.headers["x-correlation-id"] == "c-1"


class _ArrivingStream(FakeStream):
    """An open answer whose events come several at once: `together` says how many, time after time."""

    together = (3, 1, 1)

    def __aiter__(self) -> AsyncIterator[StreamEvent]:
        return self._counted(super().__aiter__())

    async def _counted(self, events: AsyncIterator[StreamEvent]) -> AsyncIterator[StreamEvent]:
        for number in self.together:
            for left in range(number - 1, -1, -1):
                self.is_next_at_hand = left > 0
                yield await anext(events)


async def test_stream_events_that_came_at_once_leave_in_one_write(app: FastAPI, service: FakeService) -> None:
    """What came before the first content leaves with it, and what came alone by itself."""
    service.stream = _ArrivingStream(*WHOLE)
    exchange = _exchange(app)
    await exchange.run()
    pieces = [message["body"] for message in exchange.sent if message.get("body")]
    assert [[name for name, _ in events_of(piece)] for piece in pieces] == [
        ["start", "text", "warning"],
        ["text"],
        ["done"],
    ]


async def test_stream_that_fails_beside_others_events_keeps_them(app: FastAPI, service: FakeService) -> None:
    """What came at once with a failure is sent before it."""
    service.stream = _ArrivingStream(*WHOLE[:3], ProviderUnavailableError("local hung up"))
    service.stream.together = (4,)
    exchange = _exchange(app)
    await exchange.run()
    assert [name for name, _ in events_of(exchange.body)] == ["start", "text", "warning", "error"]


async def test_stream_failure_before_the_first_content_is_a_status(app: FastAPI, service: FakeService) -> None:
    """While headers are held back, an error is a real status with its headers."""
    service.stream = ProviderUnavailableError("local cannot serve", retry_after=1.2)
    exchange = _exchange(app)
    await exchange.run()
    assert (exchange.status, exchange.headers["retry-after"]) == (503, "2")
    assert exchange.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("pace", [StreamPace(hold_seconds=0.001, comment_seconds=0.001)])
async def test_stream_headers_are_held_back_only_so_long(app: FastAPI, service: FakeService) -> None:
    """After the hold 200 and comments go out; the events follow when the vendor begins at last."""
    service.hold = asyncio.Event()
    service.stream = FakeStream(*WHOLE)
    exchange = _exchange(app)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(exchange.run())
        await exchange.until_body_holds(b": still here\n\n")
        assert exchange.status == 200
        assert "x-llm-provider" not in exchange.headers
        service.hold.set()
    assert [name for name, _ in events_of(exchange.body)][-1] == "done"
    assert exchange.is_whole


@pytest.mark.parametrize("pace", [StreamPace(hold_seconds=0.001, comment_seconds=0.001)])
async def test_stream_late_failure_of_all_is_its_last_event(app: FastAPI, service: FakeService) -> None:
    """Once 200 is sent, the failure of all candidates is an `error` event with the problem."""
    service.hold = asyncio.Event()
    service.stream = ProviderUnavailableError("local cannot serve", provider="local")
    exchange = _exchange(app)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(exchange.run())
        await exchange.until_body_holds(b": still here\n\n")
        service.hold.set()
    ((name, problem),) = events_of(exchange.body)
    assert name == "error"
    assert Problem.model_validate(problem).error_type == "provider_unavailable"
    assert problem["correlation_id"] == "c-1"
    assert exchange.is_whole


@pytest.mark.parametrize("pace", [StreamPace(comment_seconds=0.001)])
async def test_stream_silence_is_filled_with_comments(app: FastAPI, service: FakeService) -> None:
    """Between events comments keep idle proxies from closing the connection."""
    go_on = asyncio.Event()
    service.stream = FakeStream(START, go_on, DoneEvent(response=ANSWER))
    exchange = _exchange(app)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(exchange.run())
        await exchange.until_body_holds(b": still here\n\n")
        go_on.set()
    assert [name for name, _ in events_of(exchange.body)] == ["start", "done"]


async def test_stream_caller_who_leaves_closes_it(app: FastAPI, service: FakeService) -> None:
    """A caller who leaves an open stream closes the vendor's, and the answer is never called whole."""
    service.stream = FakeStream(START, asyncio.Event())
    exchange = _exchange(app)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(exchange.run())
        await exchange.until_body_holds(b"event: start")
        exchange.leaving.set()
    assert service.stream.closed.is_set()
    assert not exchange.is_whole


@pytest.mark.parametrize("pace", [StreamPace(), StreamPace(hold_seconds=0.001, comment_seconds=0.001)])
async def test_stream_caller_who_leaves_early_cancels_its_opening(app: FastAPI, service: FakeService) -> None:
    """A caller who leaves before the first content cancels the work, headers sent or not."""
    service.hold = asyncio.Event()
    exchange = _exchange(app)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(exchange.run())
        await service.began.wait()
        exchange.leaving.set()
    assert service.cancelled.is_set()


async def test_stream_caller_who_leaves_as_it_opens_closes_it(app: FastAPI, service: FakeService) -> None:
    """A stream that opened for a caller who had just left is closed, not leaked."""
    service.stream = FakeStream(START, asyncio.Event())
    exchange = _exchange(app)
    exchange.leaving.set()
    await exchange.run()
    assert service.began.is_set()
    assert service.stream.closed.is_set()
    assert not exchange.is_whole


@pytest.mark.parametrize("pace", [StreamPace(), StreamPace(hold_seconds=0.001, comment_seconds=0.001)])
async def test_stream_whose_task_is_killed_as_it_opens_is_not_opened(app: FastAPI, service: FakeService) -> None:
    """A task that the server ends ends the opening with it, headers sent or not, and says nothing more."""
    service.hold = asyncio.Event()
    exchange = _exchange(app)
    running = asyncio.create_task(exchange.run())
    await service.began.wait()
    if app.state.edge.pace.hold_seconds < 1:
        await exchange.until_body_holds(b": still here\n\n")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert service.cancelled.is_set()
    assert events_of(exchange.body) == []


@pytest.mark.parametrize("pace", [StreamPace(hold_seconds=0.001, comment_seconds=10)])
async def test_stream_events_wait_for_a_head_that_is_being_sent(app: FastAPI, service: FakeService) -> None:
    """A late head whose connection is slow to take it still goes before the events."""
    service.hold = asyncio.Event()
    service.stream = FakeStream(*WHOLE)
    exchange = _exchange(app, _SlowExchange)
    assert isinstance(exchange, _SlowExchange)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(exchange.run())
        await exchange.is_asked.wait()
        service.hold.set()
        for _ in range(5):
            await asyncio.sleep(0)
        assert exchange.sent == []
        exchange.takes.set()
    assert [message["type"] for message in exchange.sent].count("http.response.start") == 1
    assert exchange.status == 200
    assert [name for name, _ in events_of(exchange.body)][-1] == "done"


async def test_stream_whose_head_cannot_be_sent_is_closed(app: FastAPI, service: FakeService) -> None:
    """What opened is closed, though nobody read an event of it."""
    service.stream = FakeStream(*WHOLE)
    with pytest.raises(InternalError):
        await _exchange(app, _DeafExchange).run()
    assert service.stream.closed.is_set()


async def test_stream_defect_ends_in_an_error_event(
    app: FastAPI, service: FakeService, caplog: pytest.LogCaptureFixture
) -> None:
    """A defect of ours in mid-stream is an `error` event that tells nothing, and one log line without its words."""
    service.stream = FakeStream(START, RuntimeError("s3cret prompt"))
    exchange = _exchange(app)
    with caplog.at_level(logging.DEBUG):
        await exchange.run()
    name, problem = events_of(exchange.body)[-1]
    assert (name, problem["error_type"], exchange.is_whole) == ("error", "internal_error", True)
    assert "RuntimeError" in caplog.text
    assert "s3cret" not in caplog.text + exchange.body.decode()
    assert service.stream.closed.is_set()


def test_stream_error_event_is_the_problem_itself() -> None:
    """The data of `error` is the problem document."""
    problem = Problem(type="urn:x", title="X", status=503, detail="x", error_type="x")
    encoded = encode_event(ErrorEvent(problem=problem))
    assert encoded == f"event: error\ndata: {problem.model_dump_json()}\n\n".encode()


@pytest.mark.parametrize("name,line", [("ping", b"event: ping\n"), ("message", b"")])
def test_stream_relayed_event_keeps_its_name(name: str, line: bytes) -> None:
    """A vendor's own event, however many lines it has; one without a name stays without."""
    assert encode_event(RelayedEvent(event=name, data="a\nb")) == line + b"data: a\ndata: b\n\n"
