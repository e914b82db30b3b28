"""An open answer that gives what a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Self

from contracts import CacheResult, StreamEvent


class FakeStream:
    """An open answer with the given events; an exception among them is raised, an Event is waited for."""

    request_id = "req_1"
    correlation_id = "c-1"
    provider = "local"
    model = "smollm2-135m-instruct"
    attempts = 2
    cache = CacheResult.BYPASS

    def __init__(self, *events: StreamEvent | Exception | asyncio.Event) -> None:
        self._events = events
        self.closed = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[StreamEvent]:
        for event in self._events:
            if isinstance(event, Exception):
                raise event
            if isinstance(event, asyncio.Event):
                await event.wait()
            else:
                yield event

    async def aclose(self) -> None:
        self.closed.set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()
