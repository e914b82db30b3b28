"""How does a connection live: which requests come from it, in what order, and when does it end?"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from app.http.disconnect import unless_caller_leaves
from tests.integration.cli.line import ASKED, REST_SECONDS, Message, Receive, Send, Talk, body, sending, start


@pytest.mark.parametrize("value", [b"close", b"Close"])
async def test_connection_is_closed_where_the_answer_says_so(value: bytes) -> None:
    """After the last of it."""
    talk = Talk(sending(start((b"connection", value), (b"content-length", b"1")), body(b"a")))
    assert (await talk.say(ASKED)).lower().count(b"connection: close") == 1
    assert talk.line.closed.is_set()


async def test_connection_of_old_callers_is_closed() -> None:
    """HTTP/1.0 keeps none, and is told."""
    talk = Talk(sending(start((b"content-length", b"1")), body(b"a")))
    assert await talk.say(b"GET / HTTP/1.0\r\n\r\n") == (
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\na"
    )
    assert talk.line.closed.is_set()


async def test_requests_that_come_together_are_answered_in_turn() -> None:
    """The second waits for the first, and nothing more is read meanwhile."""
    go_on = asyncio.Event()

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        if scope["path"] == "/first":
            await go_on.wait()
        length = b"%d" % len(scope["path"])
        await sending(start((b"content-length", length)), body(scope["raw_path"]))(scope, receive, send)

    talk = Talk(answer)
    talk.connection.data_received(b"GET /first HTTP/1.1\r\n\r\nGET /second HTTP/1.1\r\n\r\n")
    await asyncio.sleep(0)
    assert (talk.line.written, talk.line.is_reading) == ([], False)
    go_on.set()
    await talk.until_over()
    assert [one.rpartition(b"\r\n\r\n")[2] for one in talk.line.written] == [b"/first", b"/second"]
    assert talk.line.is_reading


async def test_connection_that_rests_is_closed() -> None:
    """After its time without a request; nothing is left behind that would look again."""
    talk = Talk(sending(start((b"content-length", b"0")), body()))
    await talk.say(ASKED)
    assert not talk.line.closed.is_set()
    async with asyncio.timeout(5):
        await talk.line.closed.wait()
    assert talk.connection.timeout_keep_alive_task is None


async def _waiting(go_on: asyncio.Event) -> Talk:
    """A connection that was answered once, and whose second request waits to `go_on`."""

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        if scope["path"] == "/slow":
            await go_on.wait()
        await sending(start((b"content-length", b"0")), body())(scope, receive, send)

    talk = Talk(answer)
    await talk.say(ASKED)
    talk.connection.data_received(b"GET /slow HTTP/1.1\r\n\r\n")
    return talk


@pytest.mark.parametrize("rests", [0.5, 3])
async def test_connection_rests_from_its_last_answer_on(rests: float) -> None:
    """Also when a request took longer than a connection may rest, or came and went within a rest."""
    go_on, loop = asyncio.Event(), asyncio.get_running_loop()
    talk = await _waiting(go_on)
    loop.call_later(rests * REST_SECONDS, go_on.set)
    await talk.until_over()
    assert not talk.line.closed.is_set()
    began = loop.time()
    async with asyncio.timeout(5):
        await talk.line.closed.wait()
    assert loop.time() - began > 0.8 * REST_SECONDS


async def test_connection_that_is_lost_is_looked_after_no_more() -> None:
    """Its timer goes with it, and what its application still sends goes nowhere."""
    go_on = asyncio.Event()
    talk = await _waiting(go_on)
    talk.connection.connection_lost(None)
    go_on.set()
    await talk.until_over()
    assert (len(talk.line.written), talk.connection.timeout_keep_alive_task) == (1, None)


async def test_request_reaches_the_application_as_it_came() -> None:
    """The path decoded, its bytes and the query as they are; the body after it was asked for."""
    seen: list[Any] = []

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        seen.extend((scope["method"], scope["path"], scope["raw_path"], scope["query_string"], await receive()))
        await sending(start((b"content-length", b"0")), body())(scope, receive, send)

    talk = Talk(answer)
    await talk.say(b"POST /a%20b?c=%20d HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nok")
    assert talk.line.written[0] == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert seen == [
        "POST",
        "/a b",
        b"/a%20b",
        b"c=%20d",
        {"type": "http.request", "body": b"ok", "more_body": False},
    ]


async def test_target_that_is_none_is_refused() -> None:
    """By the server: there is nothing that an application could be asked."""
    talk = Talk(sending(start(), body()))
    assert (await talk.say(b"GET http://:0x/ HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 400 ")
    assert talk.line.closed.is_set()


async def test_long_target_is_read_like_a_short_one() -> None:
    """Only short ones are kept for the next request."""
    seen: list[str] = []

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        seen.append(scope["path"])
        await sending(start((b"content-length", b"0")), body())(scope, receive, send)

    talk = Talk(answer)
    for path in ("/short", "/short", "/" + "x" * 1000):
        await talk.say(f"GET {path} HTTP/1.1\r\n\r\n".encode())
    assert seen == ["/short", "/short", "/" + "x" * 1000]


async def test_body_is_received_as_it_comes() -> None:
    """Who asks waits for the next piece; of a body that nobody takes no more than 64 KB and one read are kept."""
    seen: list[Message] = []
    go_on = asyncio.Event()

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        seen.append(await receive())
        await go_on.wait()
        seen.extend([await receive(), await receive()])
        await sending(start((b"content-length", b"0")), body())(scope, receive, send)

    talk = Talk(answer)
    talk.connection.data_received(b"POST / HTTP/1.1\r\nContent-Length: 70002\r\n\r\n")
    await asyncio.sleep(0)
    talk.connection.data_received(b"a")
    await asyncio.sleep(0)
    for _ in range(7):
        talk.connection.data_received(b"b" * 10_000)
    is_reading = [talk.line.is_reading]
    go_on.set()
    await asyncio.sleep(0)
    is_reading.append(talk.line.is_reading)
    assert is_reading == [False, True]
    await talk.say(b"c")
    assert [(one["body"], one["more_body"]) for one in seen] == [(b"a", True), (b"b" * 70_000, True), (b"c", False)]


@pytest.mark.parametrize("is_lost", [True, False])
async def test_whoever_listens_learns_of_the_end(is_lost: bool) -> None:
    """That of the connection, and that of the answer."""
    heard: list[Message] = []
    go_on = asyncio.Event()

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        listener = asyncio.ensure_future(receive())
        await go_on.wait()
        await sending(start((b"content-length", b"0")), body())(scope, receive, send)
        heard.append(await listener)

    talk = Talk(answer)
    talk.connection.data_received(ASKED)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    if is_lost:
        talk.connection.connection_lost(None)
    go_on.set()
    await talk.until_over()
    assert heard == [{"type": "http.disconnect"}]


async def test_request_for_another_protocol_is_answered_in_this_one() -> None:
    """There is no other here."""
    talk = Talk(sending(start((b"content-length", b"1")), body(b"a")))
    answer = await talk.say(b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    assert answer.endswith(b"\r\n\r\na")


async def test_paths_stand_below_that_of_a_proxy() -> None:
    """The decoded one, and its bytes."""
    seen: list[Any] = []

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        seen.extend((scope["root_path"], scope["path"], scope["raw_path"]))
        await sending(start((b"content-length", b"0")), body())(scope, receive, send)

    talk = Talk(answer)
    talk.connection.root_path = "/below"
    await talk.say(ASKED)
    assert seen == ["/below", "/below/a", b"/below/a"]


async def test_connection_that_breaks_while_it_rests_is_looked_after_no_more() -> None:
    """Neither is one on which nothing was asked."""
    talk = Talk(sending(start((b"content-length", b"0")), body()))
    await talk.say(ASKED)
    talk.connection.connection_lost(ConnectionResetError())
    assert talk.connection.timeout_keep_alive_task is None
    unused = Talk(sending()).connection
    unused.connection_lost(ConnectionResetError())
    assert unused.timeout_keep_alive_task is None


async def test_body_behind_its_answer_is_nobodys() -> None:
    """It is read past, and the next request is answered."""
    talk = Talk(sending(start((b"content-length", b"1")), body(b"a")))
    await talk.say(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n")
    await talk.say(b"ok")
    await talk.say(ASKED)
    assert (len(talk.line.written), talk.state.total_requests) == (2, 2)


async def test_caller_who_leaves_ends_the_work_at_once() -> None:
    """Where the application asks for it: nobody listens, and it is no defect."""
    ended: list[str] = []

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        try:
            await unless_caller_leaves(scope, receive, asyncio.Event().wait())
        except ClientDisconnect:
            ended.append("left")
            await sending(start((b"content-length", b"0")), body())(scope, receive, send)

    talk = Talk(answer)
    talk.connection.data_received(ASKED)
    await asyncio.sleep(0)
    (task,) = talk.state.tasks
    talk.connection.connection_lost(None)
    await talk.until_over()
    assert (ended, task.cancelling(), talk.line.written) == (["left"], 0, [])


async def test_caller_who_leaves_does_not_end_what_must_not_be() -> None:
    """Before the application asks for it, and after; it learns of it when it asks the next time."""
    ended: list[str] = []
    go_on = asyncio.Event()

    async def seven() -> int:
        return 7

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        assert await unless_caller_leaves(scope, receive, seven()) == 7
        await go_on.wait()
        try:
            await unless_caller_leaves(scope, receive, asyncio.Event().wait())
        except ClientDisconnect:
            ended.append("left")

    talk = Talk(answer)
    talk.connection.data_received(ASKED)
    await asyncio.sleep(0)
    talk.connection.connection_lost(None)
    await asyncio.sleep(0)
    go_on.set()
    await talk.until_over()
    assert ended == ["left"]


async def test_caller_who_leaves_is_not_all_that_ends_work() -> None:
    """Work that another has cancelled, too, is cancelled."""
    ended: list[bool] = []

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        try:
            await unless_caller_leaves(scope, receive, asyncio.Event().wait())
        except asyncio.CancelledError:
            ended.append(True)
            raise

    talk = Talk(answer)
    talk.connection.data_received(ASKED)
    await asyncio.sleep(0)
    (task,) = talk.state.tasks
    task.cancel()
    talk.connection.connection_lost(None)
    await talk.until_over()
    assert ended == [True]
