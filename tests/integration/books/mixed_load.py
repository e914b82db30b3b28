"""One service under a thousand requests of every kind: what did its callers get, and what do all its books say?

The service keeps SQLite books and sends its events to a real broker; its vendors are on loopback and keep their own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Table, select

from app.service import LLMProviderService
from app.settings import Settings
from app.stores.books.database import open_engine, reading
from app.stores.books.tables import CALLS, REQUESTS
from contracts import ComparisonRequest, EmbeddingRequest, LLMProviderError, LLMRequest
from contracts.config import LLMProviderConfig
from contracts.reports import LLMServiceStatistics
from contracts.responses import LLMResponse
from contracts.streams import DoneEvent
from contracts.usage_reports import UsageGrouping, UsageReport
from tests.kit.broker import Reading, new_prefix
from tests.kit.metrics_page import Page
from tests.kit.priced_vendor import Bill, PricedVendor, rows_of
from tests.kit.virtual_time import elapse
from tests.kit.waiting import until

REQUESTS_IN_ALL = 1_000
_AT_ONCE = 24
_BEFORE_LEAVING_SECONDS = 0.03
_ESSAYS = {"essay_a": "The sea is deep.", "essay_b": "Fish."}
_SCHEMA = {"type": "json_schema", "json_schema": {"type": "object", "required": ["winner"]}}
_CONFIG: dict[str, Any] = {
    "fallback_order": ["first", "second", "mock"],
    "retry_delay_seconds": 0.05,
    "max_retries": 1,
    "circuit_breaker": {"enabled": False},
}

Row = Mapping[str, Any]


@dataclass
class Told:
    """What callers got: `answers` that were whole, and how many `requests` they made."""

    requests: int = 0
    answers: list[LLMResponse] = field(default_factory=list)
    errors: list[LLMProviderError] = field(default_factory=list)


@dataclass(frozen=True)
class Books:
    """What every witness says after the load."""

    told: Told
    bills: Sequence[Bill]
    requests: Sequence[Row]
    calls: Sequence[Row]
    reports: Mapping[str, UsageReport]
    statistics: LLMServiceStatistics
    page: Page
    events: Sequence[dict[str, Any]]

    def of(self, topic: str) -> list[dict[str, Any]]:
        """The events whose topic ends so."""
        return [event for event in self.events if event["event_type"].endswith(f".{topic}.v1")]


class Load:
    """Asks `service` for everything that it can do."""

    def __init__(self, service: LLMProviderService) -> None:
        self.told = Told()
        self._service = service
        self._number = 0

    async def run(self) -> None:
        """`REQUESTS_IN_ALL` of them at least, some at once."""
        kinds: list[Callable[[str], Awaitable[None]]] = [
            self._plain,
            self._stream,
            self._kept,
            self._kept_stream,
            self._shared,
            self._refused,
            self._fallen_over,
            self._failed,
            self._cut,
            self._continued,
            self._cut_for_good,
            self._left,
            self._left_stream,
            self._batch,
            self._compared,
            self._embedded,
            self._mended,
            self._mocked,
            self._unknown,
        ]
        places = asyncio.Semaphore(_AT_ONCE)

        async def one(kind: Callable[[str], Awaitable[None]], number: int) -> None:
            async with places:
                await kind(f"Question {number}.")

        rounds = 0
        while self.told.requests < REQUESTS_IN_ALL:
            await asyncio.gather(*(one(kind, rounds) for kind in kinds))
            rounds += 1

    async def _ask(self, prompt: str, **fields: Any) -> None:
        self.told.requests += 1
        try:
            self.told.answers.append(await self._service.process_request(LLMRequest(prompt=prompt, **fields)))
        except LLMProviderError as error:
            self.told.errors.append(error)

    async def _read(self, prompt: str, *, events: int | None = None, **fields: Any) -> None:
        """Reads a stream to its end, or leaves it after so many events."""
        self.told.requests += 1
        try:
            async with await self._service.process_stream(LLMRequest(prompt=prompt, **fields)) as stream:
                seen = 0
                async for event in stream:
                    seen += 1
                    if isinstance(event, DoneEvent):
                        self.told.answers.append(event.response)
                    if seen == events:
                        return
        except LLMProviderError as error:
            self.told.errors.append(error)

    async def _plain(self, prompt: str) -> None:
        await self._ask(prompt, tags=["plain"])

    async def _stream(self, prompt: str) -> None:
        await self._read(f"{prompt} Slowly.", tags=["stream", "twice"])

    async def _kept(self, prompt: str) -> None:
        for _ in range(3):
            await self._ask(f"{prompt} Again.", use_cache=True)

    async def _kept_stream(self, prompt: str) -> None:
        for _ in range(2):
            await self._read(f"{prompt} Once more.", use_cache=True)

    async def _shared(self, prompt: str) -> None:
        asked = [self._ask(f"{prompt} Together. first=slow", use_cache=True) for _ in range(4)]
        read = [self._read(f"{prompt} As one. first=slow", use_cache=True) for _ in range(3)]
        await asyncio.gather(*asked, *read)

    async def _refused(self, prompt: str) -> None:
        await self._ask(f"{prompt} first=refusing")

    async def _fallen_over(self, prompt: str) -> None:
        await self._ask(f"{prompt} first=broken", tags=["fallback"])
        await self._read(f"{prompt} first=broken")

    async def _failed(self, prompt: str) -> None:
        await self._ask(f"{prompt} first=broken second=broken", fallback_providers=["second"])

    async def _cut(self, prompt: str) -> None:
        await self._ask(f"{prompt} first=cut")

    async def _continued(self, prompt: str) -> None:
        await self._read(f"{prompt} first=cut", stream_recovery="continue")

    async def _cut_for_good(self, prompt: str) -> None:
        await self._read(f"{prompt} first=cut", stream_recovery="error")

    async def _left(self, prompt: str) -> None:
        leaving = asyncio.create_task(self._ask(f"{prompt} first=silent"))
        await elapse(_BEFORE_LEAVING_SECONDS)
        leaving.cancel()
        await asyncio.wait([leaving])

    async def _left_stream(self, prompt: str) -> None:
        await self._read(f"{prompt} first=stalling", events=2)

    async def _batch(self, prompt: str) -> None:
        requests = [
            LLMRequest(prompt=f"{prompt} Part {part}. first={word}") for part, word in enumerate(("", "broken"))
        ]
        self.told.requests += len(requests)
        self._sort(await self._service.process_batch(requests))

    async def _compared(self, prompt: str) -> None:
        self.told.requests += 2
        asked = ComparisonRequest(user_prompt=prompt, provider="first", check_order=True, **_ESSAYS)
        await self._service.compare(asked)

    async def _embedded(self, prompt: str) -> None:
        self.told.requests += 1
        await self._service.embed(EmbeddingRequest(input=(prompt,), model="first/text-embedding-3-small"))

    async def _mended(self, prompt: str) -> None:
        await self._ask(f"{prompt} first=odd", response_format=_SCHEMA)

    async def _mocked(self, prompt: str) -> None:
        await self._ask(prompt, preferred_provider="mock", model="mock-echo")
        await self._read(prompt, preferred_provider="mock", model="mock-cut")

    async def _unknown(self, prompt: str) -> None:
        await self._ask(prompt, preferred_provider="nobody")

    def _sort(self, answers: Sequence[LLMResponse | LLMProviderError]) -> None:
        for answer in answers:
            if isinstance(answer, LLMResponse):
                self.told.answers.append(answer)
            else:
                self.told.errors.append(answer)


async def books_of_a_mixed_load(folder: Path, servers: str) -> Books:
    """Starts a service, asks, and reads what everybody says; ends it."""
    async with PricedVendor() as vendor:
        return await _books_of(vendor, folder, servers)


async def _books_of(vendor: PricedVendor, folder: Path, servers: str) -> Books:
    rows = {**dict(rows_of(vendor)), "mock": {"enabled": True}}
    settings = Settings(
        config=LLMProviderConfig.model_validate({**_CONFIG, "providers": rows}),
        database_url=SecretStr(f"sqlite:///{folder}/books.sqlite3"),
        state_dir=folder,
        kafka_bootstrap_servers=servers,
        kafka_topic_prefix=(prefix := new_prefix()),
    )
    service = LLMProviderService(settings=settings)
    await service.start()
    try:
        load = Load(service)
        await load.run()
        return await _what_all_say(service, settings, load.told, vendor.bills, servers, prefix)
    finally:
        await service.stop()


async def _what_all_say(
    service: LLMProviderService, settings: Settings, told: Told, bills: Sequence[Bill], servers: str, prefix: str
) -> Books:
    statistics = await service.get_statistics()
    groups = (None, UsageGrouping.PROVIDER, UsageGrouping.MODEL)
    reports = {str(by or "totals"): await service.get_usage_report(group_by=by) for by in groups}
    requests, calls = _table(settings, REQUESTS), _table(settings, CALLS)
    with Reading(servers, prefix) as reader:
        wanted = 2 * len(requests) + sum(call["outcome"] == "failed" for call in calls)
        await until(lambda: reader.read() >= wanted, within_seconds=60)
        reader.read()
        events = [json.loads(value) for _, _, value in reader.messages]
    page = Page(await service.witnesses.page())
    return Books(told, tuple(bills), requests, calls, reports, statistics, page, events)


def _table(settings: Settings, table: Table) -> list[Row]:
    assert settings.database_url is not None
    engine = open_engine(settings.database_url.get_secret_value(), is_strict=False)
    with reading(engine) as connection:
        rows = [dict(row) for row in connection.execute(select(table)).mappings()]
    engine.dispose()
    return rows


def dollars(picodollars: int) -> Decimal:
    """Of whole picodollars."""
    return Decimal(picodollars).scaleb(-12)
