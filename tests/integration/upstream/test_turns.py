"""Do a crowd of streams, all with something at once, leave turns of the loop to others?"""

from __future__ import annotations

import asyncio
from collections import Counter

from app.upstream import UpstreamClient, upstream_chunks
from app.upstream.turns import MOST_A_TURN
from tests.integration.upstream.conftest import Vendor, Visit
from tests.integration.upstream.test_connections import post
from tests.kit.streamed_reply import streamed_reply

_STREAMS = 32 * MOST_A_TURN
_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
_PIECE = b"2\r\nhi\r\n"
_END = b"0\r\n\r\n"


class Crowd:
    """Streams that are open at once; what their vendor has to say, it says to all without a pause."""

    def __init__(self) -> None:
        self.open: list[Visit] = []
        self.all_begun = asyncio.Event()
        self.begun = 0
        self.all_read = asyncio.Event()
        self.is_over = asyncio.Event()
        self.turn = 0
        self.read_in: Counter[int] = Counter()

    async def answer(self, visit: Visit) -> None:
        """The vendor's side."""
        self.open.append(visit)
        await visit.send(_HEAD + _PIECE)
        await self.is_over.wait()

    async def read(self, client: UpstreamClient, url: str) -> bytes:
        """The caller's side, which notes in which turn of the loop its second piece was read."""
        async with streamed_reply(client, post(url)) as response:
            body = b""
            async for piece in upstream_chunks(response, "openai"):
                self.read_in[self.turn] += bool(body)
                self.begun += not body
                if self.begun == _STREAMS:
                    self.all_begun.set()
                if self.read_in.total() == _STREAMS:
                    self.all_read.set()
                body += piece
            return body

    async def count_turns(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(0)
            self.turn += 1


async def test_streams_are_read_some_each_turn(direct_client: UpstreamClient, vendor: Vendor, url: str) -> None:
    """All of them are whole, and whoever else is ready runs in between."""
    crowd = Crowd()
    vendor.answer = crowd.answer
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        readers = [tasks.create_task(crowd.read(direct_client, url)) for _ in range(_STREAMS)]
        await crowd.all_begun.wait()
        counting = tasks.create_task(crowd.count_turns())
        for visit in crowd.open:
            await visit.send(_PIECE)
        await crowd.all_read.wait()
        counting.cancel()
        # Those that are woken at once, and the first of those in line.
        assert max(crowd.read_in.values()) <= 2 * MOST_A_TURN
        for visit in crowd.open:
            await visit.send(_END)
        crowd.is_over.set()
    assert {reader.result() for reader in readers} == {b"hihi"}
