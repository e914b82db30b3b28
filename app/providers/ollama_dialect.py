"""Ollama's own dialect as providers use it: what its models can think of stands in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app import catalogue
from app.wires.encoded import Encoded
from app.wires.ollama import StreamDecoder, decode_error, decode_model_list, decode_response, encode_request
from contracts.calls import ModelCall, Reply
from contracts.errors import LLMProviderError
from contracts.providers import ProviderType, RateLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class OllamaDialect:
    """Implements `app.providers.dialect.Dialect` over the wire `ollama`."""

    models_path: str = "/api/tags"
    framing: Literal["sse", "ndjson"] = "ndjson"

    def chat_path(self, model: str, *, stream: bool) -> str:
        """One path for all models."""
        return "/api/chat"

    def credentials(self, api_key: str) -> Mapping[str, str]:
        """A bearer token, for the cloud and for a proxy before a server of one's own; Ollama itself asks for none."""
        return {"Authorization": f"Bearer {api_key}"}

    def encode(self, call: ModelCall, *, kind: ProviderType, provider: str, model: str, stream: bool) -> Encoded:
        """The body for /api/chat."""
        return encode_request(
            call.conversation,
            provider=provider,
            model=model,
            stream=stream,
            think_levels=catalogue.effort_levels(kind, model),
            options=call.vendor_options.get(provider),
        )

    def decode(self, body: bytes, *, provider: str, model: str) -> Reply:
        """A whole answer."""
        return decode_response(body, provider=provider, model=model)

    def decoder(self, *, provider: str, model: str) -> StreamDecoder:
        """For a stream of lines."""
        return StreamDecoder(provider=provider, model=model)

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
