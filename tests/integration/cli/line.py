"""A connection of ours over a transport that keeps all that is written: what a real socket does not show."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

from uvicorn.server import ServerState

from app.cli.connection import Connection
from app.cli.exchange import WHOLE_ANSWER
from app.cli.serving import server_config

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Answer = Callable[[Message, Receive, Send], Awaitable[None]]

REST_SECONDS = 0.05
ASKED = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n"


class Line:
    """A transport: what was written to it, and whether it was closed. Its buffer is never full by itself."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = asyncio.Event()
        self.is_reading = True

    def write(self, data: bytes) -> None:
        if self.is_closing():
            msg = "as uvloop has it: the handle is closed"
            raise RuntimeError(msg)
        self.written.append(data)

    def is_closing(self) -> bool:
        return self.closed.is_set()

    def close(self) -> None:
        self.closed.set()

    def pause_reading(self) -> None:
        self.is_reading = False

    def resume_reading(self) -> None:
        self.is_reading = True

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"sockname": ("127.0.0.1", 80), "peername": ("127.0.0.1", 50123)}.get(name, default)


class Talk:
    """A connection of ours to an application that answers as `answer` does."""

    def __init__(self, answer: Answer) -> None:
        config = server_config(answer)
        config.timeout_keep_alive = cast("int", REST_SECONDS)
        config.load()
        self.state = ServerState()
        self.line = Line()
        kind = cast("type[Connection]", config.http_protocol_class)
        self.connection = kind(config=config, server_state=self.state, app_state={})
        self.connection.connection_made(cast("asyncio.Transport", self.line))

    async def say(self, data: bytes) -> bytes:
        """What was written when all requests that `data` begins are over."""
        self.connection.data_received(data)
        await self.until_over()
        return b"".join(self.line.written)

    async def until_over(self) -> None:
        """Until no request is under way."""
        async with asyncio.timeout(5):
            while self.state.tasks:
                await asyncio.wait(set(self.state.tasks))


def sending(*messages: Message) -> Answer:
    """An application that sends so, one message after the other."""

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(dict(message))

    return answer


def start(*headers: tuple[bytes, bytes], status: int = 200) -> Message:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(data: bytes = b"", *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


def whole(*lines: str, data: bytes = b"ok", status: int = 200) -> Message:
    return {"type": WHOLE_ANSWER, "status": status, "lines": list(lines), "body": data}
