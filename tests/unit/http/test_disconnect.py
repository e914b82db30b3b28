"""What happens to work whose caller has left?"""

from __future__ import annotations

import asyncio

import pytest
from fastapi import FastAPI
from starlette.requests import ClientDisconnect
from starlette.types import Message

from app.http.disconnect import LISTENS_AFTER_SECONDS, unless_caller_leaves
from tests.unit.http.asgi import Exchange, local_scope
from tests.unit.http.fake_service import FakeService

JSON = {"content-type": "application/json"}


async def _never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def test_disconnect_work_that_ends_first_is_given() -> None:
    """The result comes through, and nobody listens any more."""

    async def work() -> int:
        return 7

    before = asyncio.all_tasks()
    assert await unless_caller_leaves({}, _never, work()) == 7
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_disconnect_error_of_the_work_is_raised() -> None:
    """What the work raises is raised."""

    async def work() -> None:
        raise ValueError

    with pytest.raises(ValueError):
        await unless_caller_leaves({}, _never, work())


async def test_disconnect_caller_who_leaves_cancels_the_work() -> None:
    """Unread pieces of the body are thrown away; the disconnect ends the work and the task stays usable."""
    messages = [{"type": "http.request", "body": b"late"}, {"type": "http.disconnect"}]
    ended = asyncio.Event()

    async def receive() -> Message:
        return messages.pop(0)

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(ClientDisconnect):
        await unless_caller_leaves({}, receive, work())
    assert ended.is_set()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_disconnect_cancellation_from_outside_goes_through() -> None:
    """A task that is cancelled by the server is cancelled, not a caller who left."""
    task = asyncio.create_task(unless_caller_leaves({}, _never, asyncio.Event().wait()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("path", ["/process", "/providers/local/test"])
async def test_disconnect_plain_post_is_cancelled(app: FastAPI, service: FakeService, path: str) -> None:
    """A caller who leaves a plain POST cancels what the service is doing for it, and nothing is answered as whole."""
    service.hold = asyncio.Event()
    exchange = Exchange(app, local_scope("POST", path, JSON), b'{"prompt": "x"}')
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(exchange.run())
        await service.began.wait()
        exchange.leaving.set()
    assert service.cancelled.is_set()
    assert exchange.status == 499


async def test_disconnect_nobody_listens_to_what_is_answered_at_once() -> None:
    """A task for it would be most of what the edge costs."""
    asked: list[int] = []

    async def receive() -> Message:
        asked.append(1)
        return {"type": "http.disconnect"}

    async def work() -> int:
        for _ in range(5):
            await asyncio.sleep(0)
        return 7

    assert await unless_caller_leaves({}, receive, work()) == 7
    assert asked == []


async def test_disconnect_each_caller_is_listened_for_in_his_turn() -> None:
    """Those who ended before are passed over, and those who came later are listened for later."""
    asked: list[str] = []
    loop, later = asyncio.get_running_loop(), asyncio.Event()

    async def ask(name: str, work: asyncio.Event) -> None:
        async def receive() -> Message:
            asked.append(name)
            return {"type": "http.disconnect"}

        await unless_caller_leaves({}, receive, work.wait())

    over, never = asyncio.Event(), asyncio.Event()
    over.set()
    first = [asyncio.create_task(ask(name, work)) for name, work in (("first", never), ("over", over))]
    loop.call_later(LISTENS_AFTER_SECONDS / 2, later.set)
    await later.wait()
    second = asyncio.create_task(ask("second", never))
    async with asyncio.timeout(5):
        ended = await asyncio.gather(*first, second, return_exceptions=True)
    assert [type(one) for one in ended] == [ClientDisconnect, type(None), ClientDisconnect]
    assert asked == ["first", "second"]


def test_disconnect_every_loop_is_waited_for() -> None:
    """A process may have one after the other."""

    async def leave() -> None:
        async def receive() -> Message:
            return {"type": "http.disconnect"}

        with pytest.raises(ClientDisconnect):
            await unless_caller_leaves({}, receive, asyncio.Event().wait())

    for _ in range(2):
        asyncio.run(asyncio.wait_for(leave(), 5))
