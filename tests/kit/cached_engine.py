"""The engine, asked for answers that may be kept and shared."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from app.engine.intake import Order, take_in
from app.engine.runtime import Runtime
from contracts.cache import CacheResult
from contracts.caller import IN_PROCESS_CALLER, Caller
from contracts.config import LLMProviderConfig
from contracts.requests import LLMRequest
from contracts.responses import LLMResponse
from contracts.streams import AnswerStream, DoneEvent, StreamEvent, TextEvent
from tests.kit.engine import Engine
from tests.kit.gate import settle


class CachedEngine(Engine):
    """An `Engine` whose callers ask for the cache, unless they say otherwise."""

    async def ask(self, *, caller: Caller = IN_PROCESS_CALLER, **fields: Any) -> LLMResponse:
        """The answer to a plain request."""
        with self.snapshots.taken() as runtime:
            return await self._plain.answer(self.order(caller, is_stream=False, **fields), runtime)

    async def open(self, *, caller: Caller = IN_PROCESS_CALLER, **fields: Any) -> AnswerStream:
        """A stream whose first content is here."""
        runtime = self.snapshots.take()
        try:
            order = self.order(caller, is_stream=True, **fields)
            return await self._streamed.open(order, runtime, lambda: self.snapshots.give_back(runtime))
        except BaseException:
            self.snapshots.give_back(runtime)
            raise

    async def answer(self, *, is_stream: bool, **fields: Any) -> LLMResponse:
        """The answer to a plain request, or at the end of a stream."""
        return done(await self.events(**fields)) if is_stream else await self.ask(**fields)

    def order(self, caller: Caller = IN_PROCESS_CALLER, *, is_stream: bool = False, **fields: Any) -> Order:
        """What a request asks for."""
        said = {} if "messages" in fields else {"prompt": "Say hello."}
        request = LLMRequest.model_validate({"use_cache": True, **said, **fields})
        config = self.snapshots.current.config
        return take_in(request, caller, now=self.clock.now(), is_stream=is_stream, config=config)

    def reconfigure(self, rows: Mapping[str, Mapping[str, Any]] | None = None, **changes: Any) -> None:
        """The next revision: `changes` are laid over the configuration, `rows` over its rows; providers stay."""
        before = self.snapshots.current
        data = before.config.model_dump()
        for name, row in (rows or {}).items():
            data["providers"][name].update(row)
        config = LLMProviderConfig.model_validate({**data, **changes})
        following = Runtime(before.revision + 1, config, before.providers, before.routes, steering=before.steering)
        self.snapshots.swap(following)

    async def stop(self) -> None:
        """As the service ends."""
        await self._streamed.aclose()
        await self._plain.aclose()

    @property
    def under_way(self) -> int:
        """Calls that are shared and have not ended."""
        return len(self._plain.flights) + len(self._streamed.flights)


class Crowd:
    """Callers who ask the same at once, under ids of their own: `r0`, `r1` …; the first of them begins the call."""

    def __init__(
        self, engine: CachedEngine, size: int, *, is_stream: bool = False, name: str = "r", **fields: Any
    ) -> None:
        self.engine = engine
        ask = self._read if is_stream else engine.ask
        self.tasks: list[asyncio.Task[Any]] = [
            asyncio.create_task(ask(request_id=f"{name}{number}", correlation_id=f"c{number}", **fields))
            for number in range(size)
        ]
        self.events: dict[str, list[StreamEvent]] = {}

    async def outcomes(self) -> list[LLMResponse | BaseException]:
        """What each caller got: an answer (of a stream: its last event's), or what was raised."""
        return await asyncio.gather(*self.tasks, return_exceptions=True)

    async def answers(self) -> list[LLMResponse]:
        """The same, where everybody is answered."""
        outcomes = await self.outcomes()
        assert [one for one in outcomes if isinstance(one, BaseException)] == []
        return [one for one in outcomes if isinstance(one, LLMResponse)]

    async def _read(self, **fields: Any) -> object:
        async with await self.engine.open(**fields) as stream:
            events = self.events.setdefault(stream.request_id, [])
            async for event in stream:
                events.append(event)
        last = events[-1]
        return last.response if isinstance(last, DoneEvent) else last


def done(events: Sequence[StreamEvent]) -> LLMResponse:
    """The response in the last event."""
    assert isinstance(events[-1], DoneEvent), events[-1]
    return events[-1].response


def text(events: Sequence[StreamEvent]) -> str:
    """All text that was read."""
    return "".join(event.text for event in events if isinstance(event, TextEvent))


def results(responses: Sequence[LLMResponse]) -> dict[CacheResult, int]:
    """How many had which result at the cache."""
    found = [response.cache for response in responses]
    return {result: found.count(result) for result in CacheResult if result in found}


async def left(*tasks: asyncio.Task[Any]) -> None:
    """The callers leave, and have left."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def assert_nothing_is_left(engine: CachedEngine, *, requests: int) -> None:
    """Nothing open, held or under way, no task besides the test's own, and one record for each request."""
    await settle()
    assert (engine.users, engine.open_calls, engine.under_way) == (0, 0, 0)
    assert asyncio.all_tasks() <= {asyncio.current_task()}
    recorded = [record.request_id for record in engine.records.requests]
    assert (len(recorded), len(set(recorded))) == (requests, requests)
    assert engine.records.settled == engine.records.requests
