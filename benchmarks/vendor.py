"""What does the vendor answer? A fixed chat completion of 800 bytes, at once, whatever it is asked.

Run as a module it prints its port and serves until it is ended. It speaks just enough HTTP/1.1 to cost next to nothing.
"""

from __future__ import annotations

import asyncio
import json
from typing import cast

import uvloop

MODEL = "bench-model"
REPLY_BYTES = 800


def completion() -> bytes:
    """A chat completion of exactly `REPLY_BYTES` bytes."""
    body = {
        "id": "chatcmpl-bench",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": MODEL,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": ""}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 12, "completion_tokens": 96, "total_tokens": 108},
    }
    missing = REPLY_BYTES - len(json.dumps(body))
    body["choices"] = [
        {"index": 0, "message": {"role": "assistant", "content": "x" * missing}, "finish_reason": "stop"}
    ]
    return json.dumps(body).encode()


_BODY = completion()
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(_BODY) + _BODY


class _Connection(asyncio.Protocol):
    """One keep-alive connection: a whole request in, the fixed answer out."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio.Transport in all but name.
        self._transport = cast(asyncio.Transport, transport)
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (length := whole_message(self._received)) is not None:
            self._received = self._received[length:]
            self._transport.write(_ANSWER)


def whole_message(received: bytes) -> int | None:
    """Bytes of the first request in `received`, or None while it is not all here."""
    head, separator, _ = received.partition(b"\r\n\r\n")
    if not separator:
        return None
    lines = head.lower().split(b"\r\n")
    lengths = [int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:")]
    total = len(head) + len(separator) + sum(lengths)
    return total if len(received) >= total else None


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve())
