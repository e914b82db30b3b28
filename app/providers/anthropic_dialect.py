"""Anthropic's dialect as providers use it; what differs by model stands in `claude_models`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

from app.providers.anthropic_rate_headers import read_rate_limits
from app.providers.claude_models import abilities_of
from app.providers.dialect import EmbeddingExchange, Exchange, new_exchange, no_embeddings
from app.providers.extras import laid_over
from app.providers.passing import NOTHING_ENCODED, opened, passed_source, ready_body
from app.wires.anthropic_messages import (
    StreamDecoder,
    decode_error,
    decode_model_list,
    decode_response,
    encode_request,
)
from app.wires.anthropic_messages.encode import RESERVED_FIELDS
from contracts.calls import ModelCall, Source, Wire
from contracts.errors import LLMProviderError
from contracts.providers import ProviderType, RateLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class AnthropicDialect:
    """Implements `app.providers.dialect.Dialect` over the wire `anthropic_messages`."""

    # A page holds 20 models by default and 1000 at most (SDK, ModelListParams).
    models_path: str = "/v1/models?limit=1000"
    framing: Literal["sse", "ndjson"] = "sse"
    makes_embeddings: bool = False

    def credentials(self, api_key: str) -> Mapping[str, str]:
        """The vendor's own header."""
        return {"x-api-key": api_key}

    def exchange(self, call: ModelCall, *, kind: ProviderType, provider: str, model: str, stream: bool) -> Exchange:
        """A message."""
        source = passed_source(call)
        if source is not None:
            return _passed(call, source, provider=provider, model=model, stream=stream)
        laid = laid_over(call, provider=provider, reserved=RESERVED_FIELDS)
        return new_exchange(
            path="/v1/messages",
            wire=Wire.ANTHROPIC_MESSAGES,
            encoded=encode_request(
                call.conversation,
                provider=provider,
                model=model,
                stream=stream,
                abilities=abilities_of(model),
                options=laid.options,
            ),
            decode=partial(decode_response, provider=provider, model=model),
            decoder=partial(StreamDecoder, provider=provider, model=model),
            told=laid.told,
        )

    def embedding_exchange(
        self, call: ModelCall, *, kind: ProviderType, provider: str, model: str
    ) -> EmbeddingExchange:
        """Anthropic has none."""
        raise no_embeddings(provider)

    def decode_error(
        self, status: int, headers: Mapping[str, str], body: bytes, *, provider: str, model: str | None, now: datetime
    ) -> LLMProviderError:
        """By the error document, else by the status."""
        return decode_error(status, headers, body, provider=provider, model=model, now=now)

    def decode_models(self, body: bytes, *, provider: str) -> list[str]:
        """The ids of GET /v1/models."""
        return decode_model_list(body, provider=provider)

    def rate_limits(self, headers: Mapping[str, str], *, now: datetime) -> list[RateLimit]:
        """`anthropic-ratelimit-*`."""
        return read_rate_limits(headers)


def _passed(call: ModelCall, source: Source, *, provider: str, model: str, stream: bool) -> Exchange:
    """A message by the caller's own body."""
    body = source.opened or opened(source, provider=provider)
    return new_exchange(
        path="/v1/messages",
        wire=Wire.ANTHROPIC_MESSAGES,
        encoded=NOTHING_ENCODED,
        decode=partial(decode_response, provider=provider, model=model),
        decoder=partial(StreamDecoder, provider=provider, model=model),
        passed=ready_body(
            source,
            body,
            provider=provider,
            model=model,
            options=call.vendor_options.get(provider),
            reserved=RESERVED_FIELDS,
            stream=stream,
        ),
    )
