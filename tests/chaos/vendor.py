"""A vendor that misbehaves on purpose: a real server on loopback, its fault chosen by the model's name.

It speaks OpenAI's and Anthropic's dialects under any first path segment, which names the row that calls; a second one
names a fault for models that cannot (`/c/no-prefill/v1/messages`). It keeps count: `GET /_seen?run=…`. Run by itself it
prints its port and lives until its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.chaos.vendor_call import Call
from tests.chaos.vendor_dialects import AnthropicMessages, Asked, Dialect, OpenAIChat, asked_of
from tests.chaos.vendor_exchange import CallerLeftError, Connection, Exchange, Request
from tests.chaos.vendor_faults import fault_of, spelled
from tests.chaos.vendor_seen import Memory, Seen

_DIALECTS: dict[str, Dialect] = {"/chat/completions": OpenAIChat(), "/messages": AnthropicMessages()}
_UNREAD = "/eager/"
_NOTHING_READ = Asked(last_role="", said_words=0, input_words=1, wants_usage=False, run="", ends_in_space=False)


class Vendor:
    """The server at `port`; `memory` is what it saw."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.port = 0
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()

    async def start(self) -> None:
        """Listens on any free port of loopback."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Ends every connection, and listens no more."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.reset()
        while self._connections:
            await asyncio.gather(*(connection.closed.wait() for connection in self._connections))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer)
        self._connections.add(connection)
        try:
            while (request := await connection.request(_UNREAD)) is not None:
                if await self._answer(connection, request):
                    break
        except CallerLeftError:
            pass  # Nobody is left to be told.
        finally:
            await connection.close()
            self._connections.discard(connection)

    async def _answer(self, connection: Connection, request: Request) -> bool:
        """Whether the connection is over."""
        url = urlsplit(request.target)
        dialect = next((_DIALECTS[end] for end in _DIALECTS if url.path.endswith(end)), None)
        if dialect is not None and request.method == "POST":
            return await self._misbehave(connection, request, dialect, url.path)
        told = self._told(url.path, {name: values[0] for name, values in parse_qs(url.query).items()})
        body = json.dumps(told).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        await connection.write(head.encode() + body)
        return False

    def _told(self, path: str, query: dict[str, str]) -> object:
        if path == "/_seen":
            return self.memory.report(query["run"].split(",") if "run" in query else None)
        if path == "/_heal":
            self.memory.healed.add(query["run"])
            return {}
        if path == "/_open":
            return {"connections": len(self._connections), "exchanges": self.memory.open_exchanges()}
        return {"object": "list", "data": [{"id": "ok", "object": "model"}], "has_more": False}

    async def _misbehave(self, connection: Connection, request: Request, dialect: Dialect, path: str) -> bool:
        row, *rest = path.strip("/").split("/")
        body: dict[str, Any] = json.loads(request.body or b'{"model": ""}')
        named, amount, run = spelled(body["model"])
        given = spelled(rest[0])[:2] if rest[0] != "v1" else (named, amount)
        asked = asked_of(body) if request.body is not None else _NOTHING_READ
        seen = Seen(
            row=row,
            run=run or asked.run or row,
            model=body["model"],
            fault=given[0],
            path=path,
            is_stream=bool(body.get("stream")),
            last_role=asked.last_role,
            said_words=asked.said_words,
            input_words=asked.input_words,
        )
        self.memory.note(seen)
        exchange = Exchange(connection, seen)
        fault = fault_of(seen, given[1], self.memory, time.monotonic())
        has_left = True
        try:
            await fault(Call(exchange, dialect, asked, seen.model, given[1], seen.is_stream))
            has_left = False
        except CallerLeftError:
            pass  # The record says so.
        finally:
            exchange.finish(has_left=has_left)
        return exchange.is_over


async def main() -> None:
    """Serves until standard input ends."""
    vendor = Vendor()
    await vendor.start()
    sys.stdout.write(f"{vendor.port}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await vendor.stop()


if __name__ == "__main__":
    asyncio.run(main())
