"""Gemini's dialect as providers use it; what differs by model stands in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import quote

from app import catalogue
from app.providers.gemini_models import traits_of
from app.wires.encoded import Encoded
from app.wires.gemini import (
    StreamDecoder,
    decode_error,
    decode_model_list,
    decode_response,
    encode_request,
)
from contracts.calls import ModelCall, Reply
from contracts.errors import LLMProviderError
from contracts.providers import ProviderType, RateLimit

_COLLECTIONS = ("models", "tunedModels")


@dataclass(frozen=True, slots=True, kw_only=True)
class GeminiDialect:
    """Implements `app.providers.dialect.Dialect` over the wire `gemini`."""

    # The most that one page can hold, so that there is no second.
    models_path: str = "/models?pageSize=1000"
    framing: Literal["sse", "ndjson"] = "sse"

    def chat_path(self, model: str, *, stream: bool) -> str:
        """The model stands in the path, with or without its collection (`models/…`, `tunedModels/…`)."""
        collection, separator, name = model.partition("/")
        if not separator or collection not in _COLLECTIONS:
            collection, name = "models", model
        method = "streamGenerateContent?alt=sse" if stream else "generateContent"
        return f"/{collection}/{quote(name, safe='')}:{method}"

    def credentials(self, api_key: str) -> Mapping[str, str]:
        """A header: as the parameter `key` it would stand in everybody's logs."""
        return {"x-goog-api-key": api_key}

    def encode(self, call: ModelCall, *, kind: ProviderType, provider: str, model: str, stream: bool) -> Encoded:
        """The body, which is the same for a stream."""
        name = model.rpartition("/")[2]
        return encode_request(
            call.conversation,
            provider=provider,
            model=model,
            traits=traits_of(name),
            options=call.vendor_options.get(provider),
            refused_fields=catalogue.refused_sampling(kind, name, call.conversation.reasoning_effort),
        )

    def decode(self, body: bytes, *, provider: str, model: str) -> Reply:
        """A whole reply."""
        return decode_response(body, provider=provider, model=model)

    def decoder(self, *, provider: str, model: str) -> StreamDecoder:
        """For a stream of replies."""
        return StreamDecoder(provider=provider, model=model)

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
