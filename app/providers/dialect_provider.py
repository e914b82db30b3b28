"""How is a vendor called? One class for every row; how it is spoken to stands in its vendor's dialect."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import httpx2

from app import catalogue
from app.ports import CallLimits
from app.ports.withheld import Withheld
from app.providers.aside import MANY_BYTES, aside, size_of
from app.providers.dialect import Decoder, EmbeddingExchange, Exchange
from app.providers.dialect_stream import ACCEPTED, DialectStream, OpenedEvents, bounded_body, open_events
from app.providers.endpoint import Endpoint, FixedEndpoint
from app.providers.extras import with_losses
from app.providers.passing import heard, returned
from app.providers.rate_headers import LIMIT_WORD, limit_headers, may_tell_limits
from app.providers.row_facts import RowFacts
from app.providers.server_advice import missing_model, unreachable
from app.providers.token_counts import CountExchange, count_exchange, counts_tokens
from app.providers.vendor import Clock, Vendor
from app.upstream import FormedRequest, UpstreamClient
from app.wires.adopted import adopted
from app.wires.answer_json import text_of
from app.wires.json_text import dump_json
from contracts.calls import EmbeddingReply, ModelCall, Reply, Wire
from contracts.errors import (
    InvalidRequestError,
    LLMProviderError,
    LLMTimeoutError,
    ModelNotFoundError,
    ProviderUnavailableError,
    UnsupportedParameterError,
)
from contracts.providers import ProviderCapabilities, ProviderType, RateLimit
from contracts.requests import UnsupportedParameters

_OK = 200
_JSON = "application/json"
_MANY_BYTES = 2**20  # Of vectors, read in some 50 milliseconds.

_AnyExchange = TypeVar("_AnyExchange", Exchange, EmbeddingExchange, CountExchange)


class DialectProvider:
    """A configured row of a vendor (implements `app.ports.Provider`)."""

    def __init__(
        self,
        row: RowFacts,
        vendor: Vendor,
        *,
        endpoint: Endpoint,
        upstream: UpstreamClient,
        withheld: Withheld,
        clock: Clock,
    ) -> None:
        self.name = row.name
        self.type: ProviderType = vendor.kind
        self.default_model = row.default_model
        self.makes_embeddings = vendor.dialect.makes_embeddings
        self.counts_tokens = counts_tokens(vendor.kind, row.wires)
        self.default_embedding_model = row.default_embedding_model
        self.capabilities: ProviderCapabilities = vendor.capabilities
        self._row = row
        self._dialect = vendor.dialect
        self._caller_headers = vendor.caller_headers
        self._silence_hint = vendor.silence_hint
        self._endpoint = endpoint
        # Where nearly every row is, without anybody to ask about it.
        self._fixed = endpoint if isinstance(endpoint, FixedEndpoint) else None
        self._upstream = upstream
        named: dict[str, Any] = {"kind": self.type, "provider": self.name}
        self._plain = partial(vendor.dialect.exchange, stream=False, **named)
        self._streamed = partial(vendor.dialect.exchange, stream=True, **named)
        self._vectors = partial(vendor.dialect.embedding_exchange, **named)
        self._count = partial(count_exchange, wires=row.wires, **named)
        self._withheld = withheld
        self._clock = clock
        self._rate_limits: dict[str, RateLimit] = {}
        self._spent_until: dict[str, datetime] = {}

    def unusable_reason(self) -> str | None:
        """Why it cannot be called now and what to do about it; None when it can."""
        return self._row.unusable_reason()

    def offers(self, model: str) -> bool:
        """Whether this row may serve `model` when a caller names the model without naming the provider."""
        if self._row.models:
            return model in self._row.models
        return model == self.default_model or catalogue.is_known(self.type, model)

    def speaks(self, wire: Wire) -> bool:
        """Whether the body of a caller of that dialect can go to this row as it came."""
        return wire in self._row.wires

    def offers_embeddings(self, model: str) -> bool:
        """The same for vectors; a model that the row lists is taken at the caller's word to make some."""
        if not self.makes_embeddings:
            return False
        if self._row.models:
            return model in self._row.models
        return model == self.default_embedding_model or catalogue.embeds(self.type, model)

    async def complete(self, call: ModelCall, *, model: str, limits: CallLimits) -> Reply:
        """One plain call. Raises errors of `contracts.errors`."""
        # As `_asked`, of which it is the usual case: a coroutine in between is one more to make and wake.
        exchange, request = await self._prepared(call, model, self._plain, _JSON)
        response = await self._upstream.fetch(
            request, provider=self.name, connect_timeout_seconds=limits.connect_timeout_seconds
        )
        if response.status_code != _OK or self._spent_until or LIMIT_WORD in response.names:
            self._judge(response, model)
        content = response.content
        try:
            reply = exchange.decode(content)
        except LLMProviderError:
            with self._withheld:
                raise
        raw = None if exchange.passed is None or reply.raw is not None else text_of(content)
        return returned(reply, exchange, call.source, provider=self.name, wires=self._row.wires, raw=raw)

    async def open_stream(self, call: ModelCall, *, model: str, limits: CallLimits) -> DialectStream:
        """One streamed call, opened: the vendor answered 200 and its body is not read yet."""
        exchange, request = await self._prepared(call, model, self._streamed, ACCEPTED[self._dialect.framing])
        decoder = exchange.decoder()
        with self._withheld:
            response = await self._upstream.open(
                request, provider=self.name, connect_timeout_seconds=limits.connect_timeout_seconds
            )
            try:
                opened = await self._events(response, decoder, model)
            except BaseException:
                await response.aclose()
                raise
        return DialectStream(
            decoder,
            opened,
            connection=response,
            withheld=self._withheld,
            returned=partial(
                returned, exchange=exchange, source=call.source, provider=self.name, wires=self._row.wires
            ),
            is_relayed=exchange.passed is not None,
        )

    async def embed(self, call: ModelCall, *, model: str, limits: CallLimits) -> EmbeddingReply:
        """The vectors of the call's texts. Raises errors of `contracts.errors`."""
        exchange, content = await self._asked(call, model, self._vectors, limits)
        with self._withheld:
            reply = await aside(len(content), partial(exchange.decode, content), most_bytes=_MANY_BYTES)
        raw = None if exchange.passed is None else text_of(content)
        return replace(reply, warnings=(*exchange.encoded.warnings, *reply.warnings), raw=raw)

    async def count_tokens(self, call: ModelCall, *, model: str, limits: CallLimits) -> int:
        """How many tokens the call's input has. Raises errors of `contracts.errors`."""
        exchange, content = await self._asked(call, model, self._count, limits)
        with self._withheld:
            return exchange.decode(content)

    async def list_models(self, *, limits: CallLimits) -> list[str]:
        """Asks the vendor which models this key may use. Where nobody answers, the error says where that was."""
        request = (await self._endpoint.locate()).request("GET", self._dialect.models_path)
        seconds = limits.connect_timeout_seconds
        try:
            response = await self._upstream.fetch(request, provider=self.name, connect_timeout_seconds=seconds)
        except (ProviderUnavailableError, LLMTimeoutError) as error:
            raise unreachable(error, request.url, provider=self.name, hint=self._silence_hint) from error
        self._remember_limits(response, None)
        with self._withheld:
            if response.status_code != _OK:
                raise self._error(response, response.content, None)
            return self._dialect.decode_models(response.content, provider=self.name)

    def missing_default_model(self, listed: Sequence[str]) -> str | None:
        """Why the default model cannot be served by a vendor that lists `listed`; None when it can."""
        if self._row.only_model is not None:
            return None
        return missing_model(self.default_model, listed, provider=self.name, pull_command=self._row.pull_command)

    def rate_limits(self) -> list[RateLimit]:
        """The limits that the vendor last reported in its headers."""
        return list(self._rate_limits.values())

    def spent_until(self, model: str) -> datetime | None:
        """When a limit of `model` that its last reply said is used up is reset; None: none is, or nobody knows when."""
        return self._spent_until.get(model)

    async def aclose(self) -> None:
        """Ends what this row alone holds open."""
        if self._row.owns_upstream:
            await self._upstream.aclose()

    async def _asked(
        self, call: ModelCall, model: str, make: Callable[..., _AnyExchange], limits: CallLimits
    ) -> tuple[_AnyExchange, bytes]:
        """What `make` gives, and the body of the whole answer to it.

        Raises the error that an answer of another status is.
        """
        exchange, request = await self._prepared(call, model, make, _JSON)
        seconds = limits.connect_timeout_seconds
        response = await self._upstream.fetch(request, provider=self.name, connect_timeout_seconds=seconds)
        self._judge(response, model)
        return exchange, response.content

    def _judge(self, response: httpx2.Response, model: str) -> None:
        """Remember what it tells of limits. Raises the error that an answer of another status is."""
        if self._spent_until or may_tell_limits(response):
            self._remember_limits(response, model)
        if response.status_code != _OK:
            with self._withheld:
                raise self._error(response, response.content, model)

    async def _prepared(
        self, call: ModelCall, model: str, make: Callable[..., _AnyExchange], accept: str
    ) -> tuple[_AnyExchange, httpx2.Request]:
        """What `make` gives, and the request that asks for it."""
        try:
            size = size_of(call) if call.source is None else len(call.source.body)
            made = asyncio.to_thread(self._written, call, model, make) if size >= MANY_BYTES else None
            exchange, body = self._written(call, model, make) if made is None else await made
        except LLMProviderError as error:
            # It comes before anything was sent: it is no call, and none is counted.
            error.was_sent = False
            raise
        headers: dict[str, str] | None = None
        if call.vendor_headers:
            headers = {name: value for name, value in call.vendor_headers.items() if name in self._caller_headers}
        if call.trace_parent is not None:
            headers = {**(headers or {}), "traceparent": call.trace_parent}
        endpoint = self._fixed or await self._endpoint.locate()
        if headers:
            return exchange, endpoint.request("POST", exchange.path, content=body, accept=accept, headers=headers)
        return exchange, FormedRequest(endpoint.form("POST", exchange.path, accept, True), body)

    def _dumped(self, body: dict[str, Any]) -> bytes:
        try:
            return dump_json(body)
        except ValueError:
            detail = f"the request for {self.name} holds a value that JSON cannot say"
            raise InvalidRequestError(detail, provider=self.name) from None

    def _written(self, call: ModelCall, model: str, make: Callable[..., _AnyExchange]) -> tuple[_AnyExchange, bytes]:
        """What `make` gives, with a word for what of the caller's body that does not say, or refused, if so asked."""
        if self._row.only_model not in (None, model):
            raise ModelNotFoundError(f"{self.name} serves no model but {self._row.only_model}", provider=self.name)
        source = call.source
        if source is None:
            exchange = make(call, model=model)
        else:
            speaks = source.wire in self._row.wires
            told = call
            if not speaks or adopted(call.conversation, wire=source.wire, provider=self.name) is not call.conversation:
                told = heard(call, source, provider=self.name, speaks=speaks)
            exchange = make(told, model=model)
            if exchange.passed is not None:
                return exchange, exchange.passed
            encoded = with_losses(exchange.encoded, call, told=exchange.told, provider=self.name, speaks=speaks)
            exchange = exchange if encoded is exchange.encoded else replace(exchange, encoded=encoded)
        unsupported = exchange.encoded.unsupported
        if unsupported and call.unsupported_parameters is UnsupportedParameters.REJECT:
            names = ", ".join(one.field for one in unsupported)
            detail = f"{self.name}/{model} does not take what was asked: {names}"
            raise UnsupportedParameterError(detail, provider=self.name, model=model, errors=unsupported)
        return exchange, self._dumped(exchange.encoded.body)

    async def _events(self, response: httpx2.Response, decoder: Decoder, model: str) -> OpenedEvents:
        """What is read of a stream. Raises the error that an answer of another status is."""
        if self._spent_until or may_tell_limits(response):
            self._remember_limits(response, model)
        if response.status_code != _OK:
            raise self._error(response, await bounded_body(response, self.name), model)
        return await open_events(response, decoder, framing=self._dialect.framing, provider=self.name, model=model)

    def _remember_limits(self, response: httpx2.Response, model: str | None) -> None:
        """Of all that a vendor limits, `model` may be called again when the last used-up part of it is reset."""
        headers = limit_headers(response)
        limits = self._dialect.rate_limits(headers, now=self._clock()) if headers else []
        for limit in limits:
            self._rate_limits[limit.name] = limit
        if model is None:
            return
        resets = [limit.resets_at for limit in limits if limit.remaining == 0 and limit.resets_at is not None]
        if resets:
            self._spent_until[model] = max(resets)
        elif self._spent_until:
            self._spent_until.pop(model, None)

    def _error(self, response: httpx2.Response, body: bytes, model: str | None) -> LLMProviderError:
        return self._dialect.decode_error(
            response.status_code, response.headers, body, provider=self.name, model=model, now=self._clock()
        )
