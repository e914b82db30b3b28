"""What one request did: its attempts as they end, told to the observers and kept for the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING

from app.engine.intake import Order
from app.engine.open_attempt import OpenAttempt, cost_of_usage
from app.engine.selection import Target
from app.ports import AttemptRecord
from app.ports.records import StartRecord, new_request_record
from app.ports.trail import current_trail, new_span_id
from app.pricing import Prices
from app.resilience.admission import Place
from app.resilience.breaker import Breaker
from app.resilience.deadline import AT_ONCE
from contracts.cache import CacheResult
from contracts.chat import Usage
from contracts.errors import InternalError, LLMProviderError
from contracts.redaction import without_keys
from contracts.responses import Attempt, Cost

if TYPE_CHECKING:
    from app.engine.accounts import Accounts


class Trace:
    """The attempts of one request, why candidates were skipped, and where its time went.

    As a context it admits the request before its block. However that ends, the request's record is made, and kept
    before anybody is told. The block may raise, besides its own errors, RateLimitExceededError, and
    StoreUnavailableError where nothing can be kept that must be. (A generator for each request takes twice its time.)
    """

    __slots__ = (
        "_abandoned",
        "_failed",
        "_span_id",
        "accounts",
        "attempts",
        "began",
        "cache",
        "calls",
        "clock",
        "has_begun",
        "has_ended",
        "has_left",
        "order",
        "prices",
        "queue_seconds",
        "receipt",
        "trail",
        "ttft_seconds",
        "upstream_seconds",
        "warnings",
    )

    def __init__(self, order: Order, accounts: Accounts, prices: Prices) -> None:
        self.order = order
        self.accounts = accounts
        self.prices = prices
        self.clock = accounts.clock
        self.began = accounts.clock.monotonic()
        self.trail = current_trail()
        self.attempts: list[Attempt] = []
        self.calls: list[AttemptRecord] = []
        self.warnings: list[str] = []
        self.upstream_seconds = 0.0
        self.queue_seconds = 0.0
        self.ttft_seconds: float | None = None
        self.cache = CacheResult.BYPASS
        self.has_ended = False
        # Its caller left, but others share its call: it ends with that.
        self.has_left = False
        # What `kept` waits for.
        self.receipt: Awaitable[None] | None = None
        # Events name it; whoever writes spans draws what is missing.
        self._span_id = new_span_id() if self.trail is not None and accounts.events is not None else None
        self._failed: list[tuple[int, Breaker]] = []
        # Told by an event and nothing else: without events nobody need be told.
        self.has_begun = accounts.events is None
        self._abandoned: tuple[Target | None, Usage | None] = (None, None)

    def __aenter__(self) -> Awaitable[None]:
        accounts = self.accounts
        if accounts.admits is None and (accounts.books is None or accounts.books.has_room()):
            return AT_ONCE
        return self._admitted()

    def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> Awaitable[None]:
        if error is not None:
            return self._broken_off(error)
        return AT_ONCE if self.receipt is None else self.kept()

    async def _admitted(self) -> None:
        accounts = self.accounts
        try:
            if accounts.books is not None and not accounts.books.has_room():
                await accounts.books.room()
            if accounts.admits is not None and (admission := accounts.admits(self.order.call)) is not None:
                await admission
        except BaseException as error:
            await self._broken_off(error)
            raise

    async def _broken_off(self, error: BaseException) -> None:
        self.break_off(error)
        # Nobody who left, and nobody who meets a defect of ours, is kept waiting.
        if isinstance(error, LLMProviderError):
            await self.kept()

    def begin(self, first: Target | None = None) -> None:
        """The request begins: `first` will be asked first. Told once."""
        if self.has_begun:
            return
        self.has_begun = True
        call, trail = self.order.call, self.trail
        self.accounts.began(
            StartRecord(
                request_id=call.request_id,
                correlation_id=call.correlation_id,
                operation=call.operation,
                caller=call.caller,
                provider=first.provider.name if first else None,
                model=self.accounts.told_models[first.model] if first else None,
                started_at=self.order.received_at,
                user_id=self.order.user_id,
                metadata=self.order.metadata,
                trace_id=trail.trace_id if trail else None,
                span_id=self._span_id,
                is_sampled=trail.is_sampled if trail else True,
            )
        )

    async def kept(self) -> None:
        """Waits, where that was asked for, until the row of the request, if it has ended, is on disk.

        Raises StoreUnavailableError when it can be kept nowhere.
        """
        receipt, self.receipt = self.receipt, None
        if receipt is not None:
            await receipt

    def attempt(
        self, target: Target, *, is_retry: bool, place: Place | None = None, circuit: Breaker | None = None
    ) -> OpenAttempt:
        """An attempt on `target` begins; `place` at its row is free again when it ends. `circuit`: its route's."""
        return OpenAttempt(self, target, is_retry, place, circuit)

    def failed_at(self, circuit: Breaker) -> None:
        """The call that is told next has failed, on a route whose `circuit` was closed before."""
        self._failed.append((len(self.calls), circuit))

    def seconds(self) -> float:
        """Since the request came in."""
        return self.clock.monotonic() - self.began

    def abandon(self, target: Target, usage: Usage | None) -> None:
        """The caller has left while `target` was asked, which had used `usage` by then."""
        self._abandoned = (target, usage)

    @contextmanager
    def recorded(self, *, outlives_caller: bool = False) -> Iterator[None]:
        """Ends the request with whatever leaves the block as an exception: an error, a defect, a cancellation.

        `outlives_caller`: the block goes on for others when its caller has left, and the request ends with it.
        """
        try:
            yield
        except BaseException as error:
            self.break_off(error, outlives_caller=outlives_caller)
            raise

    def break_off(self, error: BaseException, *, outlives_caller: bool = False) -> None:
        """The request has ended with what left its block (see `recorded`)."""
        if isinstance(error, LLMProviderError):
            self.refuse(error)
        elif isinstance(error, Exception):
            self.refuse(InternalError())
        elif outlives_caller or not self.has_left:
            target, usage = self._abandoned
            cost = cost_of_usage(self, target, usage, None)
            self.end(target=target, usage=usage, cost=cost, is_cancelled=True)

    def refuse(
        self,
        error: LLMProviderError,
        *,
        target: Target | None = None,
        usage: Usage | None = None,
        cost: Cost | None = None,
    ) -> None:
        """The request has ended with `error`, which now carries its ids."""
        call = self.order.call
        error.request_id, error.correlation_id = call.request_id, call.correlation_id
        self.end(target=target, error=error, usage=usage, cost=cost)

    def end(
        self,
        *,
        target: Target | None = None,
        error: LLMProviderError | None = None,
        usage: Usage | None = None,
        cost: Cost | None = None,
        fallback_used: bool = False,
        is_cancelled: bool = False,
    ) -> None:
        """The request has ended, one way or another; only the first end counts. `cost` is settled, as in the answer."""
        if self.has_ended:
            return
        self.has_ended = True
        if not self.has_begun:
            self.begin()
        call, trail = self.order.call, self.trail
        told_models = self.accounts.told_models
        asked = self.order.model or None
        record = new_request_record(
            request_id=call.request_id,
            correlation_id=call.correlation_id,
            operation=call.operation,
            caller=call.caller,
            provider=target.provider.name if target else None,
            model=told_models[target.model] if target else None,
            requested_model=told_models[asked] if asked is not None else None,
            is_stream=self.order.is_stream,
            started_at=self.order.received_at,
            duration_seconds=self.clock.monotonic() - self.began,
            calls=self._marked_calls() if self._failed else tuple(self.calls),
            fallback_used=fallback_used,
            error_type=error.error_type if error else None,
            is_cancelled=is_cancelled or self.has_left,
            usage=usage,
            cost_usd=cost.usd if cost is not None else None,
            cache=self.cache,
            signal_type=self.order.signal_type.value if self.order.signal_type else None,
            tags=self.order.tags,
            user_id=self.order.user_id,
            metadata=self.order.metadata,
            queue_seconds=self.queue_seconds,
            upstream_seconds=self.upstream_seconds,
            ttft_seconds=self.ttft_seconds,
            error_message=without_keys(str(error)) if error else None,
            trace_id=trail.trace_id if trail else None,
            span_id=self._span_id,
            parent_span_id=trail.parent_span_id if trail else None,
            is_sampled=trail.is_sampled if trail else True,
        )
        self.receipt = self.accounts.request_ended(record)

    def _marked_calls(self) -> tuple[AttemptRecord, ...]:
        """With those marked that opened a circuit, which is known once the request has settled it."""
        calls, seen = list(self.calls), set[tuple[str, str]]()
        for number, circuit in reversed(self._failed):
            record = calls[number]
            if (record.provider, record.model) not in seen and circuit.outage is not None:
                calls[number] = replace(record, circuit_breaker_opened=True)
            seen.add((record.provider, record.model))
        return tuple(calls)
