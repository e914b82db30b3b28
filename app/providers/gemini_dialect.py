"""Gemini's dialect as providers use it; what differs by model stands in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal
from urllib.parse import quote

from app import catalogue
from app.providers.dialect import EmbeddingExchange, Exchange
from app.providers.embedding_texts import asked_of
from app.providers.gemini_models import traits_of
from app.wires.gemini import (
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

_COLLECTIONS = ("models", "tunedModels")


@dataclass(frozen=True, slots=True, kw_only=True)
class GeminiDialect:
    """Implements `app.providers.dialect.Dialect` over the wire `gemini`."""

    # The most that one page can hold, so that there is no second.
    models_path: str = "/models?pageSize=1000"
    framing: Literal["sse", "ndjson"] = "sse"
    makes_embeddings: bool = True

    def credentials(self, api_key: str) -> Mapping[str, str]:
        """A header: as the parameter `key` it would stand in everybody's logs."""
        return {"x-goog-api-key": api_key}

    def exchange(self, call: ModelCall, *, kind: ProviderType, provider: str, model: str, stream: bool) -> Exchange:
        """The body is the same for a stream."""
        name = model.rpartition("/")[2]
        return Exchange(
            path=model_path(model, "streamGenerateContent?alt=sse" if stream else "generateContent"),
            encoded=encode_request(
                call.conversation,
                provider=provider,
                model=model,
                traits=traits_of(name),
                options=call.vendor_options.get(provider),
                refused_fields=catalogue.refused_sampling(kind, name, call.conversation.reasoning_effort),
            ),
            decode=partial(decode_response, provider=provider, model=model),
            decoder=partial(StreamDecoder, provider=provider, model=model),
        )

    def embedding_exchange(
        self, call: ModelCall, *, kind: ProviderType, provider: str, model: str
    ) -> EmbeddingExchange:
        """Vectors by :batchEmbedContents, for one text, too: both count their answer alike."""
        facts = catalogue.embedding_facts(kind, model)
        asked = asked_of(call, facts)
        encoded = encode_embeddings(
            asked,
            provider=provider,
            model=resource_name(model),
            takes_dimensions=facts is None or facts.takes_dimensions,
            options=call.vendor_options.get(provider),
        )
        dimensions = encoded.body["requests"][0].get("outputDimensionality")
        return EmbeddingExchange(
            path=model_path(model, "batchEmbedContents"),
            encoded=encoded,
            decode=partial(decode_embeddings, asked=asked, provider=provider, model=model, dimensions=dimensions),
        )

    def decode_error(
        self, status: int, headers: Mapping[str, str], body: bytes, *, provider: str, model: str | None, now: datetime
    ) -> LLMProviderError:
        """By the error document, else by the status."""
        return decode_error(status, headers, body, provider=provider, model=model, now=now)

    def decode_models(self, body: bytes, *, provider: str) -> list[str]:
        """The models of GET /models that can chat."""
        return decode_model_list(body, provider=provider)

    def rate_limits(self, headers: Mapping[str, str], *, now: datetime) -> list[RateLimit]:
        """The vendor's headers say nothing of them."""
        return []


def model_path(model: str, method: str) -> str:
    """The model stands in the path, with or without its collection (`models/…`, `tunedModels/…`)."""
    collection, name = resource_name(model).split("/", 1)
    return f"/{collection}/{quote(name, safe='')}:{method}"


def resource_name(model: str) -> str:
    """The model with its collection."""
    collection, separator, _ = model.partition("/")
    return model if separator and collection in _COLLECTIONS else f"models/{model}"
