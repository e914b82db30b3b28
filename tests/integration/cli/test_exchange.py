"""What goes over a connection, byte by byte, for what an application sends?"""

from __future__ import annotations

import asyncio
import gc

import pytest

from app.cli import exchange
from app.http import disconnect, whole_answer
from tests.integration.cli.line import ASKED, Message, Receive, Send, Talk, body, sending, start, whole


async def test_answer_leaves_in_one_piece() -> None:
    """Its head waits for its body, the next one's too, and the connection stays."""
    talk = Talk(sending(start((b"content-length", b"2")), body(b"ok")))
    for _ in range(2):
        await talk.say(ASKED)
    assert talk.line.written == [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"] * 2
    assert (talk.line.closed.is_set(), talk.state.total_requests) == (False, 2)


async def test_pieces_leave_as_they_come() -> None:
    """Without a length in chunks, the first one with the head; an empty one has the head leave alone."""
    talk = Talk(sending(start(), body(more=True), body(b"a", more=True), body(b"bc", more=True), body(b"d"), body()))
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    await talk.say(ASKED)
    assert talk.line.written == [head, b"1\r\na\r\n", b"2\r\nbc\r\n", b"1\r\nd\r\n0\r\n\r\n"]


async def test_head_of_pieces_waits_no_longer_than_the_turn() -> None:
    """A caller sees it though the body is long in coming."""
    go_on = asyncio.Event()

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        await send(start())
        await go_on.wait()
        await send(body(b"a"))

    talk = Talk(answer)
    talk.connection.data_received(ASKED)
    for _ in range(2):
        assert talk.line.written == []
        await asyncio.sleep(0)
    assert talk.line.written == [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"]
    go_on.set()
    await talk.until_over()
    assert talk.line.written[1:] == [b"1\r\na\r\n0\r\n\r\n"]


@pytest.mark.parametrize("length", [[], [(b"content-length", b"2")]])
async def test_head_before_a_close_leaves_first(length: list[tuple[bytes, bytes]]) -> None:
    """After what was written before it; none is lost, and nothing comes after it."""

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        await send(start(*length))
        raise ZeroDivisionError

    talk = Talk(answer)
    await talk.say(b"POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nok")
    await asyncio.sleep(0)
    assert [one.partition(b"\r\n")[0] for one in talk.line.written] == [b"HTTP/1.1 100 Continue", b"HTTP/1.1 200 OK"]
    assert talk.line.closed.is_set()


@pytest.mark.parametrize("length", [[], [(b"content-length", b"2")]])
async def test_answer_on_a_closed_connection_goes_nowhere(
    length: list[tuple[bytes, bytes]], caplog: pytest.LogCaptureFixture
) -> None:
    """Between a caller's leaving and the loop's word of it, an answer is no defect of the application."""
    go_on = asyncio.Event()

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        await go_on.wait()
        await sending(start(*length), body(b"a", more=True), body(b"b"))(scope, receive, send)

    talk = Talk(answer)
    talk.connection.data_received(ASKED)
    talk.line.close()
    go_on.set()
    await talk.until_over()
    assert (talk.line.written, talk.state.total_requests, caplog.messages) == ([], 1, [])


async def test_answer_that_says_it_is_chunked_is() -> None:
    """Once, as it said."""
    answer = await Talk(sending(start((b"transfer-encoding", b"chunked")), body(b"a"))).say(ASKED)
    assert answer == b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    "asked,status,length", [(b"HEAD / HTTP/1.1\r\n\r\n", 200, b"2"), (b"GET / HTTP/1.1\r\n\r\n", 204, None)]
)
async def test_answers_without_bodies_end_with_their_heads(asked: bytes, status: int, length: bytes | None) -> None:
    """HEAD is answered with the length of what is not there."""
    headers = [(b"content-length", length)] if length else []
    talk = Talk(sending(start(*headers, status=status), body(b"ok" if length else b"")))
    answer = await talk.say(asked)
    assert answer.endswith(b"\r\n\r\n")
    assert (answer.count(b"\r\n\r\n"), b"chunked" in answer, talk.line.closed.is_set()) == (1, False, False)


@pytest.mark.parametrize(
    "name,value",
    [(b"x", b"a\r\nset-cookie: b"), (b"x", b"a\0"), (b"x\r\ny", b"a"), (b"x y", b"a"), (b"x:", b"a"), (b"x\t", b"a")],
)
async def test_header_that_is_none_never_leaves(name: bytes, value: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody can put a line of his own into a head: it is a defect of the application."""
    answer = await Talk(sending(start((name, value)), body(b"a"))).say(ASKED)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert value.split(b"\r\n")[-1] not in answer.split(b"\r\n")[1:-2]
    assert "a header that cannot be one" in caplog.text


async def test_tab_in_a_value_is_one() -> None:
    """As the standard has it."""
    answer = await Talk(sending(start((b"x", b"a\tb"), (b"content-length", b"0")), body())).say(ASKED)
    assert answer == b"HTTP/1.1 200 OK\r\nx: a\tb\r\ncontent-length: 0\r\n\r\n"


@pytest.mark.parametrize("data", [b"longer", b"s"])
async def test_body_of_another_length_breaks_the_connection(data: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Its reader would take the next answer for the rest of it, or wait for ever."""
    talk = Talk(sending(start((b"content-length", b"2")), body(data)))
    await talk.say(ASKED)
    assert talk.line.closed.is_set()
    assert "of another length" in caplog.text


@pytest.mark.parametrize("messages", [[body(b"x")], [start(), start()], [start(), body(), body(b"again")]])
async def test_messages_out_of_turn_are_defects(messages: list[Message], caplog: pytest.LogCaptureFixture) -> None:
    """A body before its head, two heads, and what follows the end."""
    await Talk(sending(*messages)).say(ASKED)
    assert "out of turn" in caplog.text


async def test_full_buffer_has_the_application_wait() -> None:
    """Until the system takes more."""
    sent: list[bytes] = []

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        await send(start())
        for piece in (b"a", b"b"):
            await send(body(piece, more=True))
            sent.append(piece)
        await send(body())

    talk = Talk(answer)
    talk.connection.pause_writing()
    talk.connection.data_received(ASKED)
    await asyncio.sleep(0)
    assert (sent, talk.line.written) == ([], [])
    talk.connection.resume_writing()
    await talk.until_over()
    assert b"".join(talk.line.written).endswith(b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n")


def test_extensions_have_one_name_on_either_side() -> None:
    """The server and the application do not import each other."""
    assert exchange.WHOLE_ANSWER == whole_answer.WHOLE_ANSWER
    assert exchange.CALLER_LEAVES == disconnect.CALLER_LEAVES


async def test_whole_answer_leaves_as_it_comes() -> None:
    """In one piece, with its length and what the server says of itself; the connection stays."""
    talk = Talk(sending(whole("x: a\tb", status=201)))
    talk.state.default_headers = [(b"date", b"today")]
    for _ in range(2):
        await talk.say(ASKED)
    assert talk.line.written == [b"HTTP/1.1 201 Created\r\nx: a\tb\r\ncontent-length: 2\r\ndate: today\r\n\r\nok"] * 2
    assert (talk.line.closed.is_set(), talk.state.total_requests) == (False, 2)


async def test_whole_answer_to_head_has_no_body() -> None:
    """But its length."""
    answer = await Talk(sending(whole("x: a"))).say(b"HEAD / HTTP/1.1\r\n\r\n")
    assert answer == b"HTTP/1.1 200 OK\r\nx: a\r\ncontent-length: 2\r\n\r\n"


@pytest.mark.parametrize("line", ["x: a\r\nset-cookie: b", "x: a\n", "x: a\0", "x: a\x7f"])
async def test_whole_answer_with_a_line_that_is_none_never_leaves(line: str, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody can put a line of his own into its head either."""
    answer = await Talk(sending(whole("y: b", line))).say(ASKED)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert (b"set-cookie" in answer, "a header that cannot be one" in caplog.text) == (False, True)


@pytest.mark.parametrize("lines,version", [(["connection: close"], b"1.1"), (["x: a"], b"1.0")])
async def test_whole_answer_is_the_last_where_it_says_so(lines: list[str], version: bytes) -> None:
    """Or where its caller is of those who keep no connection, and is told."""
    talk = Talk(sending(whole(*lines)))
    answer = await talk.say(b"GET / HTTP/" + version + b"\r\n\r\n")
    assert (answer.count(b"connection: close"), talk.line.closed.is_set()) == (1, True)


@pytest.mark.parametrize("messages", [[start(), whole()], [whole(), whole()], [whole(), body()]])
async def test_whole_answer_is_the_only_one(messages: list[Message], caplog: pytest.LogCaptureFixture) -> None:
    """Neither behind a head, nor before anything else."""
    await Talk(sending(*messages)).say(ASKED)
    assert "out of turn" in caplog.text


async def test_whole_answer_waits_for_a_full_buffer() -> None:
    """Until the system takes more."""
    talk = Talk(sending(whole()))
    talk.connection.pause_writing()
    talk.connection.data_received(ASKED)
    await asyncio.sleep(0)
    assert talk.line.written == []
    talk.connection.resume_writing()
    await talk.until_over()
    assert len(talk.line.written) == 1


@pytest.mark.parametrize(
    "messages,status,told",
    [([], b"500", "without starting"), ([start((b"content-length", b"2"))], b"200", "without completing")],
)
async def test_answer_that_does_not_end_is_a_defect(
    messages: list[Message], status: bytes, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whose caller learns of it by a 500, or by a connection that is closed on a head."""
    talk = Talk(sending(*messages))
    answer = await talk.say(ASKED)
    assert (answer.split()[1], talk.line.closed.is_set()) == (status, True)
    assert told in caplog.text


async def test_failure_of_an_application_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """By the server, and not by the loop once more when its task is thrown away."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    talk = Talk(answer)
    await talk.say(ASKED)
    del talk
    await asyncio.sleep(0)
    gc.collect()
    assert (complaints, caplog.text.count("Exception in ASGI application")) == ([], 1)
