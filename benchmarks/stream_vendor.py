"""How does the vendor stream? A chat completion, token by token, each token the moment at which it was sent.

The first token comes at once, the others one by one after a fixed gap. Run as a module with the number of tokens and
the gap in milliseconds it prints its port and serves until it is ended.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any, cast

import uvloop

from benchmarks.vendor import MODEL, whole_message

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_ENVELOPE = {"id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": MODEL}
_SLOT = "<sent>"


def _event(choices: list[dict[str, Any]], **fields: Any) -> str:
    return f"data: {json.dumps({**_ENVELOPE, 'choices': choices, **fields})}\n\n"


_OPENING = _event([{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}])
_TOKEN = _event([{"index": 0, "delta": {"content": _SLOT}, "finish_reason": None}])
_END = (
    _event([{"index": 0, "delta": {}, "finish_reason": "stop"}])
    + _event([], usage={"prompt_tokens": 12, "completion_tokens": 96, "total_tokens": 108})
    + "data: [DONE]\n\n"
)


class _Connection(asyncio.Protocol):
    """One keep-alive connection: a whole request in, a stream out."""

    tokens = 0
    gap_seconds = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio.Transport in all but name.
        self._transport = cast(asyncio.Transport, transport)
        self._loop = asyncio.get_running_loop()
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (length := whole_message(self._received)) is not None:
            self._received = self._received[length:]
            self._transport.write(_HEAD + _chunk(_OPENING))
            self._say(self.tokens, self._loop.time())

    def _say(self, left: int, due_at: float) -> None:
        if self._transport.is_closing():
            return
        if not left:
            self._transport.write(_chunk(_END) + b"0\r\n\r\n")
            return
        self._transport.write(_chunk(_TOKEN.replace(_SLOT, f"{time.monotonic_ns()} ")))
        due_at += self.gap_seconds
        self._loop.call_at(due_at, self._say, left - 1, due_at)


def _chunk(text: str) -> bytes:
    return b"%x\r\n%s\r\n" % (len(text), text.encode())


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    _Connection.tokens, _Connection.gap_seconds = int(sys.argv[1]), float(sys.argv[2]) / 1000
    uvloop.run(_serve())
