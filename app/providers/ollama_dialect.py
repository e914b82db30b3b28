"""Ollama's own dialect as providers use it: what its models can think of stands in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

from app import catalogue
from app.providers.dialect import EmbeddingExchange, Exchange
from app.providers.embedding_texts import asked_of
from app.wires.ollama import (
    StreamDecoder,
    decode_embeddings,
    decode_error,
    decode_model_list,
    decode_response,
    encode_embeddings,
    encode_request,
)
from contracts.calls import ModelCall
from contracts.errors import LLMProviderError
from contracts.providers import ProviderType, RateLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class OllamaDialect:
    """Implements `app.providers.dialect.Dialect` over the wire `ollama`."""

    models_path: str = "/api/tags"
    framing: Literal["sse", "ndjson"] = "ndjson"
    makes_embeddings: bool = True

    def credentials(self, api_key: str) -> Mapping[str, str]:
        """A bearer token, for the cloud and for a proxy before a server of one's own; Ollama itself asks for none."""
        return {"Authorization": f"Bearer {api_key}"}

    def exchange(self, call: ModelCall, *, kind: ProviderType, provider: str, model: str, stream: bool) -> Exchange:
        """A chat; its stream comes as lines."""
        return Exchange(
            path="/api/chat",
            encoded=encode_request(
                call.conversation,
                provider=provider,
                model=model,
                stream=stream,
                think_levels=catalogue.effort_levels(kind, model),
                options=call.vendor_options.get(provider),
            ),
            decode=partial(decode_response, provider=provider, model=model),
            decoder=partial(StreamDecoder, provider=provider, model=model),
        )

    def embedding_exchange(
        self, call: ModelCall, *, kind: ProviderType, provider: str, model: str
    ) -> EmbeddingExchange:
        """Vectors by POST /api/embed."""
        asked = asked_of(call, catalogue.embedding_facts(kind, model))
        encoded = encode_embeddings(asked, provider=provider, model=model, options=call.vendor_options.get(provider))
        dimensions = encoded.body.get("dimensions")
        return EmbeddingExchange(
            path="/api/embed",
            encoded=encoded,
            decode=partial(decode_embeddings, asked=asked, provider=provider, model=model, dimensions=dimensions),
        )

    def decode_error(
        self, status: int, headers: Mapping[str, str], body: bytes, *, provider: str, model: str | None, now: datetime
    ) -> LLMProviderError:
        """By the status and what is said."""
        return decode_error(status, headers, body, provider=provider, model=model, now=now)

    def decode_models(self, body: bytes, *, provider: str) -> list[str]:
        """The names of GET /api/tags."""
        return decode_model_list(body, provider=provider)

    def rate_limits(self, headers: Mapping[str, str], *, now: datetime) -> list[RateLimit]:
        """Ollama says nothing of them."""
        return []
