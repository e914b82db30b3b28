"""How is a vendor called? One class for every row; how it is spoken to stands in its vendor's dialect."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

import httpx2

from app import catalogue
from app.ports import CallLimits
from app.providers.dialect_stream import ACCEPTED, DialectStream, bounded_body, open_events
from app.providers.endpoint import Endpoint
from app.providers.vendor import Clock, Vendor
from app.upstream import UpstreamClient
from app.wires.encoded import Encoded
from app.wires.json_text import dump_json
from contracts.calls import ModelCall, Reply
from contracts.errors import InvalidRequestError, LLMProviderError, ModelNotFoundError
from contracts.providers import ProviderCapabilities, ProviderType, RateLimit

_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFacts:
    """What the configuration says of one row. `models` empty: every model known of its kind, and the default one.

    `only_model`: the row serves this one under any name, so that another name must be refused here.
    """

    name: str
    default_model: str
    models: tuple[str, ...] = ()
    unusable_reason: Callable[[], str | None] = lambda: None
    only_model: str | None = None
    owns_upstream: bool = False


class DialectProvider:
    """A configured row of a vendor (implements `app.ports.Provider`)."""

    def __init__(
        self, row: RowFacts, vendor: Vendor, *, endpoint: Endpoint, upstream: UpstreamClient, clock: Clock
    ) -> None:
        self.name = row.name
        self.type: ProviderType = vendor.kind
        self.default_model = row.default_model
        self.capabilities: ProviderCapabilities = vendor.capabilities
        self._row = row
        self._dialect = vendor.dialect
        self._endpoint = endpoint
        self._upstream = upstream
        self._clock = clock
        self._rate_limits: dict[str, RateLimit] = {}

    def unusable_reason(self) -> str | None:
        """Why it cannot be called now and what to do about it; None when it can."""
        return self._row.unusable_reason()

    def offers(self, model: str) -> bool:
        """Whether this row may serve `model` when a caller names the model without naming the provider."""
        if self._row.models:
            return model in self._row.models
        return model == self.default_model or catalogue.is_known(self.type, model)

    async def complete(self, call: ModelCall, *, model: str, limits: CallLimits) -> Reply:
        """One plain call. Raises errors of `contracts.errors`."""
        encoded = self._encode(call, model, stream=False)
        request = await self._chat_request(encoded, model, stream=False)
        response = await self._fetch(request, limits)
        if response.status_code != _OK:
            raise self._error(response, response.content, model)
        reply = self._dialect.decode(response.content, provider=self.name, model=model)
        return replace(reply, warnings=(*encoded.warnings, *reply.warnings))

    async def open_stream(self, call: ModelCall, *, model: str, limits: CallLimits) -> DialectStream:
        """One streamed call, opened: the vendor answered 200 and its body is not read yet."""
        encoded = self._encode(call, model, stream=True)
        request = await self._chat_request(encoded, model, stream=True, accept=ACCEPTED[self._dialect.framing])
        if request.url.scheme == "http":
            # llama.cpp closes after each stream though it announced keep-alive, and a call that came next on that
            # connection would fail. Without TLS a connection of its own costs nothing; over TLS they are kept.
            request.headers["Connection"] = "close"
        decoder = self._dialect.decoder(provider=self.name, model=model)
        async with AsyncExitStack() as stack:
            response = await stack.enter_async_context(
                self._upstream.stream(
                    request, provider=self.name, connect_timeout_seconds=limits.connect_timeout_seconds
                )
            )
            self._remember_limits(response.headers)
            if response.status_code != _OK:
                raise self._error(response, await bounded_body(response, self.name), model)
            opened = await open_events(
                response, decoder, framing=self._dialect.framing, provider=self.name, model=model
            )
            return DialectStream(decoder, opened, connection=stack.pop_all(), warnings=encoded.warnings)

    async def list_models(self, *, limits: CallLimits) -> list[str]:
        """Asks the vendor which models this key may use."""
        request = await self._endpoint.request("GET", self._dialect.models_path)
        response = await self._fetch(request, limits)
        if response.status_code != _OK:
            raise self._error(response, response.content, None)
        return self._dialect.decode_models(response.content, provider=self.name)

    def rate_limits(self) -> list[RateLimit]:
        """The limits that the vendor last reported in its headers."""
        return list(self._rate_limits.values())

    async def aclose(self) -> None:
        """Ends what this row alone holds open."""
        if self._row.owns_upstream:
            await self._upstream.aclose()

    def _encode(self, call: ModelCall, model: str, *, stream: bool) -> Encoded:
        if self._row.only_model not in (None, model):
            raise ModelNotFoundError(f"{self.name} serves no model but {self._row.only_model}", provider=self.name)
        return self._dialect.encode(call, kind=self.type, provider=self.name, model=model, stream=stream)

    async def _chat_request(
        self, encoded: Encoded, model: str, *, stream: bool, accept: str = "application/json"
    ) -> httpx2.Request:
        path = self._dialect.chat_path(model, stream=stream)
        return await self._endpoint.request("POST", path, content=self._written(encoded.body), accept=accept)

    def _written(self, body: dict[str, Any]) -> bytes:
        try:
            return dump_json(body)
        except ValueError:
            detail = f"the request for {self.name} holds a value that JSON cannot say"
            raise InvalidRequestError(detail, provider=self.name) from None

    async def _fetch(self, request: httpx2.Request, limits: CallLimits) -> httpx2.Response:
        response = await self._upstream.fetch(
            request, provider=self.name, connect_timeout_seconds=limits.connect_timeout_seconds
        )
        self._remember_limits(response.headers)
        return response

    def _remember_limits(self, headers: httpx2.Headers) -> None:
        for limit in self._dialect.rate_limits(headers, now=self._clock()):
            self._rate_limits[limit.name] = limit

    def _error(self, response: httpx2.Response, body: bytes, model: str | None) -> LLMProviderError:
        return self._dialect.decode_error(
            response.status_code, response.headers, body, provider=self.name, model=model, now=self._clock()
        )
