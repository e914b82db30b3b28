"""The engine as the service drives it, around scripted providers, with everything it recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.engine.accounts import Accounts
from app.engine.answer_cache import AnswerCache
from app.engine.events import Events
from app.engine.intake import Order, take_in
from app.engine.plain import PlainCalls
from app.engine.runtime import Runtime, Snapshots
from app.engine.steering import Steering
from app.engine.stream import StreamedCalls
from app.ports import AttemptRecord, RequestRecord, ResponseCache
from app.ports.books import Books
from app.resilience.routes import Routes
from app.stores.memory_cache import MemoryCache
from contracts.caller import IN_PROCESS_CALLER
from contracts.calls import ModelCall
from contracts.config import LLMProviderConfig
from contracts.errors import LLMProviderError
from contracts.providers import CircuitState
from contracts.requests import LLMRequest
from contracts.responses import LLMResponse
from contracts.streams import AnswerStream, StreamEvent
from tests.kit.fake_provider import FakeProvider
from tests.kit.virtual_time import loop_clock


class Records:
    """Observer and limiter: keeps every record; refuses requests with `refusal` when that is set."""

    def __init__(self) -> None:
        self.attempts: list[AttemptRecord] = []
        self.requests: list[RequestRecord] = []
        self.settled: list[RequestRecord] = []
        self.refusal: LLMProviderError | None = None

    def attempt_ended(self, record: AttemptRecord) -> None:
        """One upstream call has ended."""
        self.attempts.append(record)

    def request_ended(self, record: RequestRecord) -> None:
        """One request has ended."""
        self.requests.append(record)

    async def admit(self, call: ModelCall) -> None:
        """Refuses when told to."""
        if self.refusal is not None:
            raise self.refusal

    def settle(self, record: RequestRecord) -> None:
        """The allowance is settled."""
        self.settled.append(record)

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        """Provider and outcome (or error_type) of each attempt."""
        return [(record.provider, record.error_type or record.outcome.value) for record in self.attempts]


class Engine:
    """Takes requests for `providers`, tried in the order given. Make it inside a running loop.

    Rows of the configuration that no provider is given for are there, enabled, and lack a key. `rows` adds to a
    provider's row, `config` to the configuration; answers are kept in `store`, by default in memory.
    """

    def __init__(
        self,
        *providers: FakeProvider,
        rows: Mapping[str, Mapping[str, Any]] | None = None,
        store: ResponseCache | None = None,
        books: Books | None = None,
        events: Events | None = None,
        **config: Any,
    ) -> None:
        self.given = list(providers)
        self.clock = loop_clock()
        self.records = Records()
        self._config = _config(providers, rows or {}, config)
        given = {provider.name: provider for provider in providers}
        self._providers = {name: given.get(name) or _keyless(name, self._config) for name in self._config.providers}
        self.routes = Routes(self._config.circuit_breaker, self.clock)
        self.routes.adopt_limits(self._config.providers)
        self.snapshots = Snapshots(
            Runtime(1, self._config, self._providers, self.routes, steering=Steering(self.clock))
        )
        self.cache = AnswerCache(store or MemoryCache(self._config.cache, clock=self.clock.monotonic))
        self.accounts = Accounts(
            observers=(self.records, self.cache), limiter=self.records, clock=self.clock, books=books, events=events
        )
        self._plain = PlainCalls(self.accounts, self.cache)
        self._streamed = StreamedCalls(self.accounts, self.cache)

    async def ask(self, **fields: Any) -> LLMResponse:
        """The answer to a plain request."""
        with self.snapshots.taken() as runtime:
            order = take_in(
                _request(fields), IN_PROCESS_CALLER, now=self.clock.now(), is_stream=False, config=self._config
            )
            return await self._plain.answer(order, runtime)

    def _order(self, fields: dict[str, Any], *, is_stream: bool) -> Order:
        now = self.clock.now()
        return take_in(_request(fields), IN_PROCESS_CALLER, now=now, is_stream=is_stream, config=self._config)

    async def failure(self, **fields: Any) -> LLMProviderError:
        """The error of a plain request that must fail."""
        try:
            await self.ask(**fields)
        except LLMProviderError as error:
            return error
        msg = "the request was answered"
        raise AssertionError(msg)

    async def open(self, **fields: Any) -> AnswerStream:
        """A stream whose first content is here."""
        order = self._order(fields, is_stream=True)
        runtime = self.snapshots.take()
        try:
            return await self._streamed.open(order, runtime, lambda: self.snapshots.give_back(runtime))
        except BaseException:
            self.snapshots.give_back(runtime)
            raise

    async def events(self, **fields: Any) -> list[StreamEvent]:
        """All events of a stream."""
        async with await self.open(**fields) as stream:
            return [event async for event in stream]

    async def open_and_close(self, **fields: Any) -> AnswerStream:
        """A stream that was opened and left at once: for who serves it."""
        async with await self.open(**fields) as stream:
            return stream

    async def failure_of_stream(self, **fields: Any) -> LLMProviderError:
        """The error of a stream that must fail before its first content."""
        try:
            await self.open(**fields)
        except LLMProviderError as error:
            return error
        msg = "the stream was opened"
        raise AssertionError(msg)

    async def wait(self, seconds: float) -> None:
        """`seconds` pass."""
        await self.clock.sleep(seconds)

    def now(self) -> float:
        """Seconds of the loop."""
        return self.clock.monotonic()

    def circuit(self, provider: str, model: str) -> CircuitState:
        """State of a route's circuit."""
        return self.routes.route(provider, model).breaker.state

    @property
    def users(self) -> int:
        """Requests that still hold the snapshot."""
        return self.snapshots.current.users

    @property
    def open_calls(self) -> int:
        """Upstream calls that are still open."""
        return sum(provider.open_calls for provider in self._providers.values())


def _request(fields: Mapping[str, Any]) -> LLMRequest:
    said = {} if "messages" in fields else {"prompt": "Say hello."}
    return LLMRequest.model_validate({**said, **fields})


def _config(
    providers: tuple[FakeProvider, ...], rows: Mapping[str, Mapping[str, Any]], config: Mapping[str, Any]
) -> LLMProviderConfig:
    names = [provider.name for provider in providers]
    given = {provider.name: {"type": provider.type.value, **rows.get(provider.name, {})} for provider in providers}
    order = [name for name in names if name != "local"]
    return LLMProviderConfig.model_validate({"fallback_order": order, **config, "providers": given})


def _keyless(name: str, config: LLMProviderConfig) -> FakeProvider:
    return FakeProvider(name, kind=config.providers[name].type, unusable=f"{name} has no key: set {name.upper()}_KEY")
