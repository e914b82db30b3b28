"""How late is the first token of a stream, and each one after it?

Run as a module it reads one JSON line, the fields of `StreamLoad`, and prints one, the fields of `StreamFigures`: a
bounded number of streams at a time, begun one after the other so that they do not march in step, each followed by the
next, for a bounded time. The tokens hold the moment at which the vendor sent them, on the clock of this machine.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import cast

import uvloop

TOKEN = re.compile(rb'"(\d{9,}) "')
_LAST_CHUNK = b"0\r\n\r\n"
_PAUSE_SECONDS = 0.2
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class StreamLoad:
    """What to send: loopback only, `streams` at a time; measured are those begun in `seconds` after `ramp_seconds`."""

    port: int
    path: str
    body: str
    streams: int
    ramp_seconds: float
    seconds: float

    def request(self) -> bytes:
        """The request as it goes over the wire."""
        body = self.body.encode()
        head = f"POST {self.path} HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\ncontent-type: application/json\r\n"
        return f"{head}authorization: Bearer bench\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


@dataclass(frozen=True)
class StreamFigures:
    """What came back, in milliseconds: to the first token, between two, and from the vendor to here."""

    streams: int
    tokens: int
    first_p50_ms: float
    first_p99_ms: float
    gap_p50_ms: float
    gap_p99_ms: float
    delay_p50_ms: float
    delay_p99_ms: float


@dataclass(slots=True)
class _Heard:
    """One stream, in nanoseconds: when it was asked for, and for each token when it was sent and when it came."""

    asked_at: int
    tokens: list[tuple[int, int]] = field(default_factory=list)


class _Caller(asyncio.Protocol):
    """One keep-alive connection that hears one stream at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio.Transport in all but name.
        self._transport = cast(asyncio.Transport, transport)

    async def hear(self, request: bytes) -> _Heard:
        """A whole stream; raises RuntimeError when the answer is none, or is cut."""
        self._head, self._tail = b"", b""
        self._heard = _Heard(time.monotonic_ns())
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        await self._done
        return self._heard

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        if not self._head:
            self._head = data
            if not data.startswith(b"HTTP/1.1 200"):
                self._done.set_exception(RuntimeError(f"not a 200: {data[:600]!r}"))
                return
        # A token may be cut in two; what follows the last one is looked at again with the next data.
        data = self._tail + data
        end = 0
        for token in TOKEN.finditer(data):
            self._heard.tokens.append((int(token[1]), now))
            end = token.end()
        self._tail = data[max(end, len(data) - 256) :]
        if data.endswith(_LAST_CHUNK):
            self._done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if hasattr(self, "_done") and not self._done.done():
            self._done.set_exception(RuntimeError("the stream was cut"))

    def close(self) -> None:
        """Leaves."""
        self._transport.close()


async def measure(load: StreamLoad) -> StreamFigures:
    """Put `load` on the port and measure; raises RuntimeError when a stream is not whole."""
    starts_at = time.monotonic_ns() + int(load.ramp_seconds * 1e9)
    ends_at = starts_at + int(load.seconds * 1e9)
    patience = load.ramp_seconds + load.seconds + _PATIENCE_SECONDS
    async with asyncio.timeout(patience), asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_listen(load, number * load.ramp_seconds / load.streams, ends_at))
            for number in range(load.streams)
        ]
    return _figures([heard for task in tasks for heard in task.result() if heard.asked_at >= starts_at])


async def _listen(load: StreamLoad, wait_seconds: float, ends_at: int) -> list[_Heard]:
    dice = random.Random(wait_seconds)
    await asyncio.sleep(wait_seconds)
    _, caller = await asyncio.get_running_loop().create_connection(_Caller, "127.0.0.1", load.port)
    heard = []
    try:
        while time.monotonic_ns() < ends_at:
            heard.append(await caller.hear(load.request()))
            # A next one at once would be measured against the closing of the last one, not against its like.
            await asyncio.sleep(_PAUSE_SECONDS * dice.random())
    finally:
        caller.close()
    return heard


def _figures(heard: list[_Heard]) -> StreamFigures:
    first = sorted(one.tokens[0][1] - one.asked_at for one in heard)
    came = [[at for _, at in one.tokens] for one in heard]
    gaps = sorted(later - sooner for times in came for sooner, later in pairwise(times))
    delays = sorted(at - sent for one in heard for sent, at in one.tokens)
    return StreamFigures(
        streams=len(heard),
        tokens=len(delays),
        first_p50_ms=_at(first, 0.5),
        first_p99_ms=_at(first, 0.99),
        gap_p50_ms=_at(gaps, 0.5),
        gap_p99_ms=_at(gaps, 0.99),
        delay_p50_ms=_at(delays, 0.5),
        delay_p99_ms=_at(delays, 0.99),
    )


def _at(ordered: list[int], share: float) -> float:
    return round(ordered[int(len(ordered) * share)] / 1e6, 3)


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(measure(StreamLoad(**json.loads(sys.stdin.readline())))))))
